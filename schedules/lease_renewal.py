"""A thread renews a lease while the work runs, and tells the work when its time is up or the lease is lost."""

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
    """Renews one lease every third of its length, so that two failures in a row do no harm.

    After `timeout` the work is told to stop; after twice that time the lease is no longer renewed, so that work that
    hangs does not keep its slot.
    """

    def __init__(
        self, lease: Lease, control: Control, *, clock: Clock, terms: LeaseTerms, timeout: dt.timedelta
    ) -> None:
        self.timed_out = False
        self._lease, self._control, self._clock, self._terms = lease, control, clock, terms
        self._ended = threading.Event()
        self._valid_until = clock.monotonic() + terms.lease_seconds
        self._deadline = clock.monotonic() + timeout.total_seconds()
        self._abandon_at = self._deadline + timeout.total_seconds()

    def run(self) -> None:
        """Renew until the work has ended, the lease is lost, or the work has hung for too long."""
        while not self._ended.is_set():
            self._clock.wait(self._pause(), self._ended)
            now = self._clock.monotonic()
            if self._ended.is_set() or now >= self._abandon_at:
                return
            if now >= self._deadline:
                self.timed_out = True
                self._lease.stop.set()
            if not self._renew(now):
                self._lease.stop.set()
                return

    def end(self) -> None:
        """Stop renewing: the work has ended."""
        self._ended.set()

    def _pause(self) -> float:
        left = self._deadline - self._clock.monotonic()
        third = self._terms.lease_seconds / 3
        return min(third, left) if left > 0 else third

    def _renew(self, now: float) -> bool:
        try:
            is_ours = slots.renew(
                self._control, self._lease, now=self._clock.now(), terms=self._terms, uptime=self._clock.uptime()
            )
        except (sqlite3.Error, HomeError):
            log.exception("the lease of %s could not be renewed", self._lease.schedule)
            return now < self._valid_until
        self._valid_until = now + self._terms.lease_seconds
        return is_ours


@contextmanager
def renewed(
    lease: Lease, control: Control, *, clock: Clock, terms: LeaseTerms, timeout: dt.timedelta
) -> Iterator[LeaseRenewer]:
    """Renew `lease` while the block runs."""
    renewer = LeaseRenewer(lease, control, clock=clock, terms=terms, timeout=timeout)
    thread = threading.Thread(target=renewer.run, name=f"lease of {lease.schedule}", daemon=True)
    thread.start()
    try:
        yield renewer
    finally:
        renewer.end()
        thread.join()
