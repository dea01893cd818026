"""What a load test says: percentiles at each rate, goodput under an objective, and the knee between two rates."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from data.errors import HalflifeError
from data.load_tests import Arrival, ArrivalStatus, LoadStep
from leaderboard.inference.dependent import dependent_quantile, dependent_share
from leaderboard.inference.intervals import Interval
from leaderboard.inference.quantiles import Quantile

PERCENTILES: Final = (0.5, 0.95, 0.99)
OBJECTIVE: Final = re.compile(r"p(\d{1,2}(?:\.\d{1,3})?)\s*<\s*(\d{1,9}(?:\.\d{1,9})?)\s*(ms|s)")
LATE_SECONDS: Final = 0.01
Verdict = Literal["met", "missed", "unsure"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Objective:
    """A service level objective: the share `q` of answers takes at most `seconds` from the planned arrival."""

    q: float
    seconds: float

    def __str__(self) -> str:
        return f"p{100 * self.q:g}<{self.seconds:g}s"


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadSummary:
    """One rate. Percentiles are of answers that were ok, in seconds from the planned arrival.

    `counts` has every status; refusals and 429s are no answers, and apart. `goodput` is ok answers within the objective
    a second; `within` is their share of all arrivals that were sent and not refused, None without an objective. `late`
    counts requests that waited for a lane: the server was not asked in time, as all lanes were taken.
    """

    step: LoadStep
    percentiles: tuple[Quantile, ...]
    counts: dict[ArrivalStatus, int]
    late: int
    throughput: float
    goodput: float | None
    within: Interval | None
    verdict: Verdict | None

    def to_json(self) -> dict[str, Any]:
        """Return it in plain values."""
        named = {
            f"p{100 * each.q:g}": {"seconds": each.estimate, "low": each.low, "high": each.high, "reason": each.reason}
            for each in self.percentiles
        }
        within = self.within and {"share": self.within.estimate, "low": self.within.low, "high": self.within.high}
        return {
            "rate": self.step.rate,
            "seconds": self.step.seconds,
            "arrivals": len(self.step.arrivals),
            "counts": dict(self.counts),
            "late": self.late,
            **named,
            "throughput": self.throughput,
            "goodput": self.goodput,
            "within": within,
            "objective": self.verdict,
            "stopped": self.step.stopped,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Knee:
    """Where the objective begins to be missed: `above` is the highest rate that met it, `below` the first that missed.

    None where no rate did.
    """

    above: float | None
    below: float | None


def read_objective(text: str) -> Objective:
    """Return an objective such as `p95<20s`. Raises HalflifeError for what is none.

    >>> read_objective("p95<20s"), str(read_objective("p50 < 250ms"))
    (Objective(q=0.95, seconds=20.0), 'p50<0.25s')
    """
    found = OBJECTIVE.fullmatch(text.strip())
    if found is None or not 0 < float(found[1]) < 100 or float(found[2]) <= 0:
        raise HalflifeError(f"Expected an objective such as 'p95<20s' or 'p50<250ms', got {text[:40]!r}. Correct it.")
    return Objective(q=float(found[1]) / 100, seconds=float(found[2]) / (1000 if found[3] == "ms" else 1))


def summary(step: LoadStep, objective: Objective | None = None) -> LoadSummary:
    """Return what one rate came to."""
    ok = [each.latency for each in step.arrivals if each.status == "ok" and each.latency is not None]
    counts: dict[ArrivalStatus, int] = {}
    for each in step.arrivals:
        counts[each.status] = counts.get(each.status, 0) + 1
    late = sum(each.sent is not None and each.sent - each.planned > LATE_SECONDS for each in step.arrivals)
    hits = [_within(each, objective) for each in step.arrivals if each.status not in ("refused", "not-sent")]
    within = dependent_share(hits) if objective and hits else None
    lasted = max([step.seconds, *(each.ended for each in step.arrivals if each.ended is not None)])
    return LoadSummary(
        step=step,
        percentiles=tuple(dependent_quantile(ok, q) for q in PERCENTILES),
        counts=counts,
        late=late,
        throughput=len(ok) / lasted,
        goodput=sum(hits) / lasted if objective else None,
        within=within,
        verdict=_verdict(within, objective),
    )


def knee(summaries: Sequence[LoadSummary]) -> Knee:
    """Return between which rates the objective begins to be missed; a rate of which neither is sure is neither."""
    ordered = sorted((each for each in summaries if each.verdict), key=lambda each: each.step.rate)
    missed = next((each.step.rate for each in ordered if each.verdict == "missed"), None)
    met = [each.step.rate for each in ordered if each.verdict == "met" and (missed is None or each.step.rate < missed)]
    return Knee(above=max(met, default=None), below=missed)


def _within(arrival: Arrival, objective: Objective | None) -> bool:
    latency = arrival.latency
    return objective is not None and arrival.status == "ok" and latency is not None and latency <= objective.seconds


def _verdict(within: Interval | None, objective: Objective | None) -> Verdict | None:
    if within is None or objective is None or within.low is None or within.high is None:
        return None
    if within.low >= objective.q:
        return "met"
    return "missed" if within.high < objective.q else "unsure"
