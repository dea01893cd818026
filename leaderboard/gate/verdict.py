"""What became of a threshold: kept or broken, surely or not, by both ends of the interval of what was measured."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from leaderboard import formatting

Rule = Literal["surely-broken", "not-surely-kept"]
Standing = Literal["kept", "unsure", "broken", "unknown"]
Quantity = Literal["quality", "latency", "price", "share"]
STANDINGS: dict[Standing, str] = {
    "kept": "surely kept",
    "unsure": "neither surely kept nor surely broken",
    "broken": "surely broken",
    "unknown": "no evidence",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What was measured: an estimate with the ends of its 95 % interval, out of `n` values `of` something.

    An end that the values do not reach is None, with the reason; so is everything where there is nothing to measure.
    """

    estimate: float | None
    low: float | None
    high: float | None
    n: int
    of: str
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One threshold of one model. `at_least`: the reading has to be `limit` or more; else `limit` or less.

    `subject` is what is measured, in words; `unit` is that of the reading and the limit, and `signed` says that the
    reading is a difference.
    """

    model: str
    quantity: Quantity
    subject: str
    reading: Reading
    limit: float
    at_least: bool
    unit: str
    signed: bool = False

    @property
    def standing(self) -> Standing:
        """Kept or broken where the whole interval says so; unknown where there is no interval at all."""
        low, high = self.reading.low, self.reading.high
        if self.reading.estimate is None or (low is None and high is None):
            return "unknown"
        worst, best = (low, high) if self.at_least else (high, low)
        if best is not None and self._beyond(best):
            return "broken"
        return "kept" if worst is not None and not self._beyond(worst) else "unsure"

    def fails(self, rule: Rule) -> bool:
        """Whether the gate fails by this check: as it is surely broken, or as it is not surely kept."""
        return self.standing == "broken" or (rule == "not-surely-kept" and self.standing == "unsure")

    @property
    def sentence(self) -> str:
        """What was measured, what is asked for, and what follows."""
        reading, asked = self.reading, f"{'at least' if self.at_least else 'at most'} {self.written(self.limit)}"
        if self.standing == "unknown":
            return f"{self.model}: {self.subject} is not known ({asked} is asked for). {reading.reason}"
        measured = f"{self.written(reading.estimate)} ({self.interval})"
        reason = f" {reading.reason}" if reading.reason else ""
        return (
            f"{self.model}: {self.subject} is {measured} over {formatting.count(reading.n, reading.of)}, {asked} is "
            f"asked for: {STANDINGS[self.standing]}.{reason}"
        )

    @property
    def interval(self) -> str:
        """The ends of the reading's interval in words; one that is not known is left open."""
        low, high = self.reading.low, self.reading.high
        if low is None or high is None:
            known = low if low is not None else high
            return f"{'from' if high is None else 'up to'} {self.written(known)}"
        return f"{self.written(low)} to {self.written(high)}"

    def written(self, value: float | None) -> str:
        """Write a value of the reading's kind."""
        if self.quantity == "latency":
            return formatting.seconds(value)
        if self.quantity == "price":
            return formatting.dollars(value)
        return (formatting.difference if self.signed else formatting.score)(value, self.unit)

    def to_json(self, rule: Rule) -> dict[str, Any]:
        """Return the check with its verdict, in plain values."""
        reading = self.reading
        return {
            "model": self.model,
            "quantity": self.quantity,
            "subject": self.subject,
            "estimate": reading.estimate,
            "low": reading.low,
            "high": reading.high,
            "n": reading.n,
            "of": reading.of,
            "reason": reading.reason,
            "limit": self.limit,
            "at_least": self.at_least,
            "unit": self.unit,
            "standing": self.standing,
            "fails": self.fails(rule),
            "sentence": self.sentence,
        }

    def _beyond(self, value: float) -> bool:
        return value < self.limit if self.at_least else value > self.limit


def exit_code(checks: Iterable[Check], rule: Rule) -> int:
    """Return 1 where a check fails, else 2 where one has no evidence, else 0."""
    all_checks = tuple(checks)
    if any(check.fails(rule) for check in all_checks):
        return 1
    return 2 if any(check.standing == "unknown" for check in all_checks) else 0
