"""A lease is renewed by a thread beside the work, which also tells the work when time is up or the lease is lost."""

import datetime as dt
import logging
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from data.errors import HomeError
from data.store.control import Control
from schedules import slots
from schedules.clock import Clock
from schedules.slots import Lease, LeaseTerms

log = logging.getLogger(__name__)


class LeaseRenewer:
    """Renews one lease a third of its length apart, so that two failures in a row are survived.

    After `timeout` the work is told to stop, and after twice that the lease is let go: work that hangs keeps no slot.
    """

    def __init__(
        self, lease: Lease, control: Control, *, clock: Clock, terms: LeaseTerms, timeout: dt.timedelta
    ) -> None:
        self.timed_out = False
        self._lease, self._control, self._clock, self._terms = lease, control, clock, terms
        self._ended = threading.Event()
        self._held_until = clock.monotonic() + terms.lease_seconds
        self._deadline = clock.monotonic() + timeout.total_seconds()
        self._let_go = self._deadline + timeout.total_seconds()

    def keep(self) -> None:
        """Renew until the work has ended, the lease is lost, or it is let go."""
        while not self._ended.is_set():
            self._clock.wait(self._pause(), self._ended)
            now = self._clock.monotonic()
            if self._ended.is_set() or now >= self._let_go:
                return
            if now >= self._deadline:
                self.timed_out = True
                self._lease.stop.set()
            if not self._renew(now):
                self._lease.stop.set()
                return

    def end(self) -> None:
        """The work has ended: let the lease be."""
        self._ended.set()

    def _pause(self) -> float:
        left = self._deadline - self._clock.monotonic()
        third = self._terms.lease_seconds / 3
        return min(third, left) if left > 0 else third

    def _renew(self, now: float) -> bool:
        try:
            kept = slots.renew(self._control, self._lease, now=self._clock.now(), terms=self._terms)
        except (sqlite3.Error, HomeError):
            log.exception("the lease of %s could not be renewed", self._lease.schedule)
            return now < self._held_until
        self._held_until = now + self._terms.lease_seconds
        return kept


@contextmanager
def kept(
    lease: Lease, control: Control, *, clock: Clock, terms: LeaseTerms, timeout: dt.timedelta
) -> Iterator[LeaseRenewer]:
    """Keep `lease` while the block runs."""
    keeper = LeaseRenewer(lease, control, clock=clock, terms=terms, timeout=timeout)
    thread = threading.Thread(target=keeper.keep, name=f"lease of {lease.schedule}", daemon=True)
    thread.start()
    try:
        yield keeper
    finally:
        keeper.end()
        thread.join()
