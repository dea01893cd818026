"""What a gate measures: quality against a baseline, latency, price and rates, each with its 95 % interval."""

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from leaderboard.gate.day_field import DayField
from leaderboard.gate.verdict import Reading
from leaderboard.inference.intervals import Interval, mean_interval
from leaderboard.inference.paired import differences
from leaderboard.inference.quantiles import quantile
from leaderboard.standings import queries, rates
from leaderboard.standings.queries import Selection
from leaderboard.standings.rates import Rate

if TYPE_CHECKING:
    import duckdb

    from leaderboard.inference.vocabulary import Array

NO_NUMBER = "No sample of it is ok, sound and scored."


def quality(field: DayField, model: str, selection: Selection) -> Reading:
    """Return the mean of a model's prompt means."""
    own = field.prompt_means(model, selection.measure.name, selection.category)
    if own is None:
        return _unknown(NO_NUMBER, "prompt")
    bounds = (selection.measure.low, selection.measure.high)
    return _reading(mean_interval(list(own.means.values()), bounds=bounds), "prompt")


def quality_difference(
    field: DayField, model: str, selection: Selection, *, against: DayField, baseline: str
) -> Reading:
    """Return a model's quality less that of a baseline, paired over the prompts that both have.

    Of a model with itself there is no difference, nor between numbers of different evaluators.
    """
    if field.members[model] == against.members.get(baseline) and model == baseline:
        return _unknown("Its newest run is the one that stood there: nothing was measured since.", "common prompt")
    metric, category = selection.measure.name, selection.category
    own, other = field.prompt_means(model, metric, category), against.prompt_means(baseline, metric, category)
    if own is None or other is None:
        return _unknown(NO_NUMBER if own is None else f"{baseline} has no number there.", "common prompt")
    if own.instrument != other.instrument:
        return _unknown("The two were scored by different versions or instruments.", "common prompt")
    common = [prompt for prompt in own.means if prompt in other.means]
    if not common:
        return _unknown("The two have no prompt in common.", "common prompt")
    means = np.array([[own.means[prompt], other.means[prompt]] for prompt in common])
    (pair,) = differences(means, ("it", "the baseline"), bounds=(selection.measure.low, selection.measure.high))
    return _reading(pair.difference, "common prompt")


def latency(cursor: "duckdb.DuckDBPyConnection", selection: Selection, model: str) -> Reading:
    """Return the 95th percentile of the seconds of a model's steady calls that were ok."""
    p95 = quantile(queries.latencies(cursor, selection).get(model, ()), 0.95)
    if p95.estimate is None:
        return _unknown(p95.reason or "", "call")
    return Reading(estimate=p95.estimate, low=p95.low, high=p95.high, n=p95.n, of="call", reason=p95.reason)


def price(cursor: "duckdb.DuckDBPyConnection", selection: Selection, model: str) -> Reading:
    """Return the US dollars of 1,000 calls: the mean over prompts, of failed attempts too.

    Where every prompt costs the same that is the price. Where the cost of an attempt is not known, there is no upper
    end.
    """
    costs = queries.costs(cursor, selection).get(model)
    unknown, attempts = queries.unknown_costs(cursor, selection).get(model, (0, 0))
    if costs is None:
        return _unknown(f"The cost of {unknown} of {attempts} attempts is not known.", "prompt")
    reading = _reading(_mean_cost(1000 * costs), "prompt")
    if not unknown:
        return reading
    return replace(reading, high=None, reason=f"The cost of {unknown} of {attempts} attempts is not known.")


def share(cursor: "duckdb.DuckDBPyConnection", selection: Selection, rate: Rate, model: str) -> Reading:
    """Return the share of a model's attempts that a rate counts."""
    listed = rates.model_rates(cursor, selection.board, rate, selection.category)
    own = next((each.interval for each in listed if each.model == model), None)
    return _unknown("Nothing was tried.", "prompt") if own is None else _reading(own, "prompt")


def _mean_cost(usd: "Array") -> Interval:
    interval = mean_interval(usd, bounds=(0.0, None))
    if interval.low is not None or len(usd) == 1:
        return interval
    return replace(interval, low=interval.estimate, high=interval.estimate, reason=None)


def _reading(interval: Interval, of: str) -> Reading:
    ends = (interval.low, interval.high)
    return Reading(estimate=interval.estimate, low=ends[0], high=ends[1], n=interval.n, of=of, reason=interval.reason)


def _unknown(reason: str, of: str) -> Reading:
    return Reading(estimate=None, low=None, high=None, n=0, of=of, reason=reason)
