"""What the pages ask that needs more than SQL: queries, handed to `inference` and `lifecycle`. Kept like queries are.

Each function takes a DuckDB cursor and plain values, so that its answer can be kept with the snapshot.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from leaderboard import formatting
from leaderboard.standings import queries
from leaderboard.standings.queries import Board, Selection

if TYPE_CHECKING:
    import datetime as dt

    import duckdb
    import pandas as pd

    from data.vocabulary import Calendar
    from leaderboard.lifecycle.estimates import Estimate
    from leaderboard.lifecycle.tenure import Tenure
    from leaderboard.routing.decisions.decision import Decision
    from leaderboard.routing.policy.rules import Policy
    from leaderboard.routing.simulation.curation import ModelSubset
    from leaderboard.routing.simulation.results import Simulation

SIMULATED_DRAWS = 3
"""Divisions of the prompts on the page; `halflife routes simulate` takes more."""


def tenures(cursor: "duckdb.DuckDBPyConnection", selection: Selection) -> "tuple[Tenure, ...]":
    """Return every stay in the top k of the selection's history."""
    from leaderboard.lifecycle.tenure import Protocol, from_standings
    from leaderboard.routing.decisions.state_overrides import changed

    gone = queries.models(cursor, selection.board).dropna(subset=["retired"])
    retired = {str(model): day.date() for model, day in zip(gone["model"], gone["retired"].tolist(), strict=True)}
    protocol = Protocol(k=selection.board.k)
    return from_standings(
        queries.history(cursor, selection), protocol=protocol, retired=retired, changed=changed(cursor)
    )


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
    effect = formatting.difference(found.effect, selection.measure.unit).lstrip("+")
    return (
        f"Minimum detectable difference of two models, paired, at 80 % power: {effect} "
        f"({formatting.count(found.prompts, 'prompt')} × {found.seeds:.3g} {'seed' if found.seeds == 1 else 'seeds'})."
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
    half_life: "Estimate"
    survival: "pd.DataFrame"


def lifecycle(cursor: "duckdb.DuckDBPyConnection", selection: Selection) -> Lifecycle:
    """Return tenures, the half-life of a place by the core, and the survival curve."""
    from leaderboard.lifecycle.estimates import core
    from leaderboard.lifecycle.spell import of_tenures
    from leaderboard.lifecycle.survival import survival

    found = tenures(cursor, selection)
    stays = of_tenures(found, exact=selection.board.replayed)
    return Lifecycle(tenures=found, half_life=core(stays), survival=survival(found))


def half_lives(cursor: "duckdb.DuckDBPyConnection", board: Board, rule: "Policy") -> "tuple[Estimate, ...]":
    """Return the board's half-lives of rank, lead and price by the core: of each category, tier and price."""
    from leaderboard.lifecycle.estimates import alone
    from leaderboard.reports.half_lives import half_lives as every

    found = every(cursor, suite=board.suite, policy=rule, estimated=alone)
    return tuple(
        one for one in found if (one.scope.get("suite"), one.scope["calendar"]) == (board.suite, board.calendar)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ExternalRatings:
    """What a source of ratings says of one task: its half-lives, and the stays of its widest category."""

    estimates: "tuple[Estimate, ...]"
    survival: "pd.DataFrame"


def outside(cursor: "duckdb.DuckDBPyConnection", source: str, task: str) -> ExternalRatings:
    """Return the half-lives and the survival curve of ratings from outside, of that source and task alone."""
    from leaderboard.lifecycle import external_ratings as ratings
    from leaderboard.lifecycle.estimates import alone
    from leaderboard.lifecycle.survival import survival
    from leaderboard.lifecycle.tenure import Protocol

    found = [one for one in ratings.half_lives(cursor, source=source, estimated=alone) if one.scope["task"] == task]
    rows = ratings.ratings(cursor, source)
    groups = [held for _, held in rows[rows["task"] == task].groupby("category", sort=True)]
    stays = [stay for held in groups for stay in ratings.rank_tenures(held, Protocol())]
    return ExternalRatings(estimates=tuple(found), survival=survival(stays))


def revision(cursor: "duckdb.DuckDBPyConnection", board: Board, model: str, day: "dt.date") -> "pd.DataFrame":
    """Return what each sentinel prompt gave last before a model changed on `day` and first since (`drift.watch`)."""
    from leaderboard.drift.sentinel_series import nights, watched
    from leaderboard.drift.watch import before_and_after

    one = next(held for held in watched(cursor) if (held.model, held.suite) == (model, board.suite))
    seen = nights(cursor, one, whole=True)
    if seen is None:
        raise LookupError(f"Expected nights of {model!r} on {board.suite!r}, got none.")
    return before_and_after(seen, day)


def route_switches(cursor: "duckdb.DuckDBPyConnection", selection: Selection, rule: "Policy") -> "tuple[Decision, ...]":
    """Return every change of who holds a tier of the category, the newest first, as a policy decides."""
    from leaderboard.routing.decisions.decision import switches
    from leaderboard.routing.decisions.load_evidence import evidence
    from leaderboard.routing.decisions.replay import replay

    board = selection.board
    found = evidence(
        cursor, suite=board.suite, calendar=cast("Calendar", board.calendar), policy=rule, metric=selection.measure.name
    )
    windows = [window for window in found.windows if window.category == selection.category]
    return tuple(reversed(switches(replay(windows, rule))))


def simulated(cursor: "duckdb.DuckDBPyConnection", board: Board, policies: "Mapping[str, Policy]") -> "Simulation":
    """Return what policies would have done with a board's past, beside one that follows each day's leader."""
    from leaderboard.routing.decisions.load_evidence import evidence
    from leaderboard.routing.simulation.simulate import compare

    first = next(iter(policies.values()))
    found = evidence(cursor, suite=board.suite, calendar=cast("Calendar", board.calendar), policy=first)
    return compare(found.windows, policies, draws=SIMULATED_DRAWS)


def curated(
    cursor: "duckdb.DuckDBPyConnection", board: Board, max_models: int, tolerance: float, rule: "Policy"
) -> "ModelSubset":
    """Return the fewest models that serve every category of a board within a tolerance of the best."""
    from leaderboard.routing.decisions.load_evidence import evidence
    from leaderboard.routing.simulation.curate import curate, field_of

    found = evidence(cursor, suite=board.suite, calendar=cast("Calendar", board.calendar), policy=rule)
    return curate(field_of(found, tolerance=tolerance), max_models=max_models)
