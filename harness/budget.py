"""Money before it is spent: reserve an upper bound, refuse what would go over the cap, settle the cost afterwards.

Every remote request goes through here, those to a free server on this machine too. A reservation that was never settled
counts as spent: after a crash, after a lost reply, nobody knows better. Amounts are whole ticks of 1e-10 dollars, so
that sums are exact, in the control database, where each change is durable before the next network step and where
several processes see one sum. Reserving rounds up, so a bound stays one.
"""

import datetime as dt
import math
import sqlite3
from dataclasses import dataclass

from data.errors import SpendingError
from data.pricing import MOST_USD, greatest_cost
from data.serialization import instant
from data.store.control import Control
from data.vocabulary import CostSource, Model
from harness.generator import RequestError

TICKS_PER_USD = 10**10


class SubmittedBeforeError(Exception):
    """A request that this run submitted before; `usd` is what it cost, or may have cost."""

    def __init__(self, usd: float) -> None:
        super().__init__(f"Submitted before, for ${usd:g}.")
        self.usd = usd


@dataclass(frozen=True, slots=True, kw_only=True)
class Reservation:
    """Money set aside for one request; `usd` is the upper bound."""

    id: int
    request: str
    usd: float


def upper_bound(model: Model, assumed_usd: float | None = None) -> float:
    """Return the most that one request of `model` can cost, in dollars: by its price, or `assumed_usd` without one.

    Raises SpendingError where there is neither, or the price does not bound what a request costs.
    """
    if model.price is None:
        if assumed_usd is None:
            raise SpendingError(
                f"Expected a price of {model.id!r}, got none. Declare it in a catalogue, or allow one to be assumed."
            )
        return _checked(assumed_usd, f"an assumed price of {model.id!r}")
    try:
        return _checked(greatest_cost(model), f"a price of {model.id!r}")
    except ValueError as error:
        raise SpendingError(str(error)) from None


class SpendingLedger:
    """One budget with a cap in dollars, and the requests of one run that it pays for.

    Several ledgers, in several processes, may share a budget: together they stay under the cap. Without `budget` a run
    is its own. A `cap_usd` of None raises SpendingError: no live call without a cap (0 allows free servers).
    """

    def __init__(self, control: Control, *, run: str, cap_usd: float | None, budget: str | None = None) -> None:
        if cap_usd is None:
            raise SpendingError("Expected a cap on what this run may spend, got none. Give one in dollars; 0 is a cap.")
        self._control, self._run, self._budget = control, run, budget or run
        self._cap = math.floor(_checked(cap_usd, "a cap") * TICKS_PER_USD + 0.5)

    def spent_usd(self) -> float:
        """Return the dollars of the budget that are settled or reserved."""
        with self._control.reading() as connection:
            return sum(self._sums(connection)) / TICKS_PER_USD

    def require_room(self, usd: float, model: str) -> None:
        """Raise SpendingError where not even one request of `usd` dollars fits under the cap now."""
        with self._control.reading() as connection:
            self._refuse_over_cap(connection, _up(usd), model)

    def reserve(self, request: str, model: str, *, usd: float, again: bool = False) -> Reservation:
        """Set `usd` dollars aside, durably, before `request` is submitted.

        Raises SubmittedBeforeError where this run submitted it before, unless it may be sent `again`, and SpendingError
        where settled + reserved + `usd` would be over the cap. Then nothing is reserved.
        """
        ticks = _up(_checked(usd, f"an amount for {model!r}"))
        values = (self._budget, self._run, request, model, ticks, instant(dt.datetime.now(dt.UTC)))
        with self._control.transaction() as connection:
            if not again:
                self._refuse_again(connection, request)
            self._refuse_over_cap(connection, ticks, model)
            row = connection.execute(
                "INSERT INTO reservations (budget, run, request, model, state, reserved_ticks, reserved_at) "
                "VALUES (?, ?, ?, ?, 'reserved', ?, ?) RETURNING id",
                values,
            ).fetchone()
        return Reservation(id=int(row[0]), request=request, usd=ticks / TICKS_PER_USD)

    def settle(self, reservation: Reservation, usd: float, source: CostSource) -> None:
        """Record what a request cost, in dollars, and how that is known. A settled one cannot be settled again."""
        self._resolve(reservation, "settled", _up(_checked(usd, "a cost")), source)

    def release(self, reservation: Reservation) -> None:
        """Give a reservation back: there is evidence that nothing was made."""
        self._resolve(reservation, "released", 0, "estimate")

    def close(self, reservation: Reservation, error: RequestError) -> None:
        """Resolve the reservation of a request that gave no media.

        What is known to be free is released, what the provider refused or failed is charged in full; what nobody knows
        stays reserved, which counts as spent.
        """
        if error.free:
            self.release(reservation)
        elif error.kind in ("refused", "failed"):
            self.settle(reservation, reservation.usd, "bound")

    def resume(self, request: str, model: str, *, usd: float) -> Reservation | None:
        """Return the open reservation of a request that an earlier process submitted, None where it was settled.

        Where this ledger knows nothing of the request, `usd` dollars are reserved now.
        """
        with self._control.reading() as connection:
            row = connection.execute(
                "SELECT id, reserved_ticks FROM reservations WHERE run = ? AND request = ? AND state = 'reserved' "
                "ORDER BY id DESC",
                (self._run, request),
            ).fetchone()
        if row is not None:
            return Reservation(id=int(row[0]), request=request, usd=row[1] / TICKS_PER_USD)
        try:
            return self.reserve(request, model, usd=usd)
        except SubmittedBeforeError:
            return None

    def _sums(self, connection: sqlite3.Connection) -> tuple[int, int]:
        row = connection.execute(
            "SELECT coalesce(sum(settled_ticks), 0), "
            "coalesce(sum(CASE state WHEN 'reserved' THEN reserved_ticks END), 0) FROM reservations WHERE budget = ?",
            (self._budget,),
        ).fetchone()
        return int(row[0]), int(row[1])

    def _refuse_again(self, connection: sqlite3.Connection, request: str) -> None:
        row = connection.execute(
            "SELECT count(*), sum(coalesce(settled_ticks, reserved_ticks)) FROM reservations "
            "WHERE run = ? AND request = ? AND state <> 'released'",
            (self._run, request),
        ).fetchone()
        if row[0]:
            raise SubmittedBeforeError(row[1] / TICKS_PER_USD)

    def _refuse_over_cap(self, connection: sqlite3.Connection, ticks: int, model: str) -> None:
        settled, reserved = self._sums(connection)
        if settled + reserved + ticks > self._cap:
            cap, spent, open_usd, more = (n / TICKS_PER_USD for n in (self._cap, settled, reserved, ticks))
            raise SpendingError(
                f"Expected at most ${cap:g} spent, got ${spent:g} spent, ${open_usd:g} in flight or unknown, and "
                f"${more:g} for the next request of {model!r}. Raise the cap to go on; what is done stays."
            )

    def _resolve(self, reservation: Reservation, state: str, ticks: int, source: CostSource) -> None:
        with self._control.transaction() as connection:
            changed = connection.execute(
                "UPDATE reservations SET state = ?, settled_ticks = ?, source = ?, resolved_at = ? "
                "WHERE id = ? AND state = 'reserved'",
                (state, ticks, source, instant(dt.datetime.now(dt.UTC)), reservation.id),
            ).rowcount
        if changed != 1:
            raise ValueError(f"Expected an open reservation, got number {reservation.id}, which is resolved already.")


def _checked(usd: float, what: str) -> float:
    if not 0 <= usd <= MOST_USD:
        raise SpendingError(f"Expected {what} from 0 to {MOST_USD:,.0f} dollars, got {usd!r}.")
    return usd


def _up(usd: float) -> int:
    """Whole ticks, at least `usd` of them but for the float's own last digit."""
    return math.ceil(round(usd * TICKS_PER_USD, 3))
