"""What the pages ask that needs more than SQL: queries, handed to `inference` and `lifecycle`. Kept like queries are.

Each function takes a DuckDB cursor and plain values, so that its answer can be kept with the snapshot.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from leaderboard import notation, queries
from leaderboard.queries import Selection

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

    from data.vocabulary import Calendar
    from leaderboard.lifecycle.half_life import HalfLife
    from leaderboard.lifecycle.tenure import Tenure
    from leaderboard.routing.replay import Decision


def tenures(cursor: "duckdb.DuckDBPyConnection", selection: Selection) -> "tuple[Tenure, ...]":
    """Return every stay in the top k of the selection's history."""
    from leaderboard.lifecycle.tenure import Protocol, from_standings

    gone = queries.models(cursor, selection.board).dropna(subset=["retired"])
    retired = {str(model): day.date() for model, day in zip(gone["model"], gone["retired"].tolist(), strict=True)}
    return from_standings(queries.history(cursor, selection), protocol=Protocol(k=selection.board.k), retired=retired)


def tenure_days(cursor: "duckdb.DuckDBPyConnection", selection: Selection) -> dict[str, float]:
    """Return for how many days each model that is in the top k now has been there."""
    return {
        one.model: float((one.observed_until - one.entered).days + 1)
        for one in tenures(cursor, selection)
        if one.ended_by == "censored"
    }


def paired_differences(
    cursor: "duckdb.DuckDBPyConnection", selection: Selection, models: tuple[str, ...]
) -> "pd.DataFrame":
    """Return every pair of `models` on their common prompts, with Holm across these pairs."""
    from leaderboard.inference.paired import paired

    means = queries.prompt_means(cursor, selection)
    return paired(means[means["model"].isin(models)], higher_is_better=selection.measure.higher_is_better)


def detectable_difference(cursor: "duckdb.DuckDBPyConnection", selection: Selection) -> str:
    """Return the sentence about the smallest difference of two models that this many prompts and seeds can find."""
    from leaderboard.inference.detectable_effect import detectable_effect, variance_components

    components = variance_components(queries.single_scores(cursor, selection))
    found = detectable_effect(components, prompts=components.n_prompts, seeds=components.seeds)
    if found.effect is None:
        return f"Minimum detectable difference: unknown. {found.reason or ''}".strip()
    effect = notation.difference(found.effect, selection.measure.unit).lstrip("+")
    return (
        f"Minimum detectable difference of two models, paired, at 80 % power: {effect} "
        f"({notation.count(found.prompts, 'prompt')} × {found.seeds:.3g} {'seed' if found.seeds == 1 else 'seeds'})."
    )


def trade_off(cursor: "duckdb.DuckDBPyConnection", selection: Selection) -> "pd.DataFrame":
    """Return one row a model that stands: quality with interval, and p50 seconds and US dollars a sample with theirs.

    Columns: model, title, location, quality, low, high, p50, p50_low, p50_high, usd, usd_low, usd_high.
    """
    import pandas as pd

    from leaderboard.inference.intervals import mean_interval
    from leaderboard.inference.quantiles import quantile

    placed = queries.standings(cursor, selection)[["model", "title", "location", "estimate", "low", "high"]]
    speed = {model: quantile(held, 0.5) for model, held in queries.latencies(cursor, selection).items()}
    price = {model: mean_interval(held, bounds=(0.0, None)) for model, held in queries.costs(cursor, selection).items()}
    for name, found in (("p50", speed), ("usd", price)):
        ends = {model: (one.estimate, one.low, one.high) for model, one in found.items()}
        rows = [ends.get(model, (None, None, None)) for model in placed["model"]]
        columns = pd.DataFrame(rows, columns=[name, f"{name}_low", f"{name}_high"], index=placed.index, dtype="float64")
        placed = pd.concat([placed, columns], axis=1)
    return placed.rename(columns={"estimate": "quality"})


def last_standing(cursor: "duckdb.DuckDBPyConnection", selection: Selection) -> list[str]:
    """Return the models of the newest day, the best first."""
    found = queries.history(cursor, selection)
    return [str(model) for model in found[found["day"] == found["day"].max()]["model"]] if len(found) else []


@dataclass(frozen=True, slots=True, kw_only=True)
class Lifecycle:
    """How long places in the top k last, out of a selection's history."""

    tenures: "tuple[Tenure, ...]"
    half_life: "HalfLife"
    survival: "pd.DataFrame"


def lifecycle(cursor: "duckdb.DuckDBPyConnection", selection: Selection) -> Lifecycle:
    """Return tenures, the half-life with its prior, and the survival curve."""
    from leaderboard.lifecycle.half_life import Prior, of_tenures
    from leaderboard.lifecycle.survival import survival

    found = tenures(cursor, selection)
    return Lifecycle(tenures=found, half_life=of_tenures(found, prior=Prior()), survival=survival(found))


def route_switches(cursor: "duckdb.DuckDBPyConnection", selection: Selection) -> "tuple[Decision, ...]":
    """Return every change of who holds a tier of the category, the newest first, as routes are decided by default."""
    from leaderboard.routing.evidence import evidence
    from leaderboard.routing.policy import Policy
    from leaderboard.routing.replay import replay, switches

    board = selection.board
    rule = Policy(k=board.k)
    found = evidence(
        cursor, suite=board.suite, calendar=cast("Calendar", board.calendar), policy=rule, metric=selection.measure.name
    )
    contests = [contest for contest in found.contests if contest.category == selection.category]
    return tuple(reversed(switches(replay(contests, rule))))
