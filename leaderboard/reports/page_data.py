"""What the pages ask that needs more than SQL: queries, handed to `inference`, `lifecycle`, `drift` and `routing`.

Each function takes a DuckDB cursor and plain values, so that its answer can be cached with the snapshot.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast

from data.errors import RoutingError
from data.vocabulary import Calendar
from leaderboard.drift.detection import before_and_after
from leaderboard.inference.intervals import mean_interval
from leaderboard.inference.paired import paired
from leaderboard.inference.quantiles import quantile
from leaderboard.lifecycle.estimates import exponential_estimate, exponential_only
from leaderboard.lifecycle.half_life_estimate import Estimate
from leaderboard.lifecycle.rating_tenures import counted_categories, rank_tenures
from leaderboard.lifecycle.spell import spells_of_tenures
from leaderboard.lifecycle.survival import survival
from leaderboard.lifecycle.tenure import Tenure, TenureProtocol, from_standings
from leaderboard.reports import external_ratings
from leaderboard.reports.half_lives import half_lives as all_half_lives
from leaderboard.reports.sentinel_nights import sentinel_nights, watched_deployments
from leaderboard.routing.decisions.decision import Decision, switches
from leaderboard.routing.decisions.evidence import Evidence
from leaderboard.routing.decisions.load_evidence import evidence
from leaderboard.routing.decisions.replay import replay
from leaderboard.routing.decisions.state_overrides import changed
from leaderboard.routing.policy.rules import Policy
from leaderboard.routing.simulation.curate import curate, field_of
from leaderboard.routing.simulation.curation import ModelSubset
from leaderboard.routing.simulation.results import Simulation
from leaderboard.routing.simulation.simulate import compare
from leaderboard.standings import queries
from leaderboard.standings.queries import Board, BoardMetric, Selection

if TYPE_CHECKING:
    import datetime as dt

    import duckdb
    import pandas as pd

SIMULATED_DRAWS = 3
"""Divisions of the prompts on the page; `halflife routes simulate` takes more."""


def tenures(cursor: "duckdb.DuckDBPyConnection", selection: Selection) -> tuple[Tenure, ...]:
    """Return every tenure in the top k of the selection's history."""
    models = queries.models(cursor, selection.board).dropna(subset=["retired"])
    retired = {str(model): day.date() for model, day in zip(models["model"], models["retired"].tolist(), strict=True)}
    protocol = TenureProtocol(k=selection.board.k)
    return from_standings(
        queries.history(cursor, selection), protocol=protocol, retired=retired, changed=changed(cursor)
    )


def tenure_days(cursor: "duckdb.DuckDBPyConnection", selection: Selection) -> dict[str, float]:
    """Return for how many days each model that is in the top k now has been there."""
    return {
        tenure.model: float((tenure.observed_until - tenure.entered).days + 1)
        for tenure in tenures(cursor, selection)
        if tenure.ended_by == "censored"
    }


def paired_differences(
    cursor: "duckdb.DuckDBPyConnection", selection: Selection, models: tuple[str, ...]
) -> "pd.DataFrame":
    """Return every pair of `models` on their common prompts, with Holm across these pairs."""

    means = queries.prompt_means(cursor, selection)
    chosen, measure = means[means["model"].isin(models)], selection.measure
    return paired(chosen, higher_is_better=measure.higher_is_better, bounds=(measure.low, measure.high))


def trade_off(cursor: "duckdb.DuckDBPyConnection", selection: Selection) -> "pd.DataFrame":
    """Return one row a model that stands: quality with interval, and p50 seconds and US dollars a sample with theirs.

    Of clips, seconds and dollars are those of a second of video: divided by the mean length of the clips that came.
    Columns: model, title, location, quality, low, high, p50, p50_low, p50_high, usd, usd_low, usd_high.
    """
    import pandas as pd

    standings = queries.standings(cursor, selection)
    placed = standings[["model", "title", "location", "estimate", "low", "high"]]
    seconds, usd = queries.latencies(cursor, selection), queries.costs(cursor, selection)
    p50 = {model: quantile(values, 0.5) for model, values in seconds.items()}
    mean_usd = {model: mean_interval(values, bounds=(0.0, None)) for model, values in usd.items()}
    for name, intervals in (("p50", p50), ("usd", mean_usd)):
        ends = {model: (interval.estimate, interval.low, interval.high) for model, interval in intervals.items()}
        rows = [ends.get(model, (None, None, None)) for model in placed["model"]]
        columns = pd.DataFrame(rows, columns=[name, f"{name}_low", f"{name}_high"], index=placed.index, dtype="float64")
        if selection.board.video:
            columns = columns.div(standings["clip_seconds"].astype("float64"), axis=0)
        placed = pd.concat([placed, columns], axis=1)
    return placed.rename(columns={"estimate": "quality"})


def companion(cursor: "duckdb.DuckDBPyConnection", selection: Selection) -> tuple[BoardMetric, dict[str, float]] | None:
    """Return the metric without which the selection's misleads, with each model's mean; None where it needs none."""
    if selection.measure.beside is None:
        return None
    named = [each for each in queries.measures(cursor, selection.board) if each.name == selection.measure.beside]
    if not named:
        return None
    frame = queries.standings(cursor, replace(selection, measure=named[0]))
    return named[0], dict(zip(frame["model"], frame["estimate"].astype(float), strict=True))


def last_standing(cursor: "duckdb.DuckDBPyConnection", selection: Selection) -> list[str]:
    """Return the models of the newest day, the best first."""
    history = queries.history(cursor, selection)
    return [str(model) for model in history[history["day"] == history["day"].max()]["model"]] if len(history) else []


@dataclass(frozen=True, slots=True, kw_only=True)
class Lifecycle:
    """How long places in the top k last, from a selection's history."""

    tenures: tuple[Tenure, ...]
    half_life: Estimate
    survival: "pd.DataFrame"


def lifecycle(cursor: "duckdb.DuckDBPyConnection", selection: Selection) -> Lifecycle:
    """Return tenures, the exponential half-life of a place, and the survival curve."""
    history = tenures(cursor, selection)
    spells = spells_of_tenures(history, exact=selection.board.replayed)
    return Lifecycle(tenures=history, half_life=exponential_estimate(spells), survival=survival(history))


def half_lives(cursor: "duckdb.DuckDBPyConnection", board: Board, policy: Policy) -> tuple[Estimate, ...]:
    """Return the board's exponential half-lives of rank, lead and price: of each category, tier and price."""
    results = all_half_lives(cursor, suite=board.reference, policy=policy, estimated=exponential_only)
    place = (board.label, board.calendar)
    return tuple(estimate for estimate in results if (estimate.scope.get("suite"), estimate.scope["calendar"]) == place)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExternalRatings:
    """A source's ratings of one task: its half-lives, and the survival curve of its tenures, each counted once."""

    estimates: tuple[Estimate, ...]
    survival: "pd.DataFrame"


def outside(cursor: "duckdb.DuckDBPyConnection", source: str, task: str) -> ExternalRatings:
    """Return the half-lives and the survival curve of imported ratings, of one source and task."""
    results = external_ratings.half_lives(cursor, source=source, estimated=exponential_only)
    rows = external_ratings.ratings(cursor, source)
    by_category = dict(iter(rows[rows["task"] == task].groupby("category", sort=True)))
    counted = [by_category[name] for name in counted_categories(map(str, by_category))]
    in_top = [tenure for category in counted for tenure in rank_tenures(category, TenureProtocol())]
    of_task = tuple(estimate for estimate in results if estimate.scope["task"] == task)
    return ExternalRatings(estimates=of_task, survival=survival(in_top))


def revision(cursor: "duckdb.DuckDBPyConnection", board: Board, model: str, day: "dt.date") -> "pd.DataFrame":
    """Return what each sentinel prompt gave last before a model changed on `day` and first since."""
    deployments = watched_deployments(cursor)
    deployment = next(
        named for named in deployments if (named.model, named.suite_digest) == (model, board.suite_digest)
    )
    nights = sentinel_nights(cursor, deployment, all_revisions=True)
    if nights is None:
        raise LookupError(f"Expected nights of {model!r} on {board.suite!r}, got none.")
    return before_and_after(nights, day)


def route_switches(cursor: "duckdb.DuckDBPyConnection", selection: Selection, policy: Policy) -> tuple[Decision, ...]:
    """Return every change of who serves a tier of the category, the newest first, as a policy decides.

    None where nothing can be routed, as all media were brought.
    """
    try:
        record = _evidence(cursor, selection.board, policy, metric=selection.measure.name)
    except RoutingError:
        return ()
    windows = [window for window in record.windows if window.category == selection.category]
    return tuple(reversed(switches(replay(windows, policy))))


def simulated(cursor: "duckdb.DuckDBPyConnection", board: Board, policies: Mapping[str, Policy]) -> Simulation:
    """Return what policies would have done with a board's past, beside one that follows each day's leader."""
    record = _evidence(cursor, board, next(iter(policies.values())))
    return compare(record.windows, policies, draws=SIMULATED_DRAWS)


def curated(
    cursor: "duckdb.DuckDBPyConnection", board: Board, max_models: int, tolerance: float, policy: Policy
) -> ModelSubset:
    """Return the fewest models that serve every category of a board within a tolerance of the best."""
    return curate(field_of(_evidence(cursor, board, policy), tolerance=tolerance), max_models=max_models)


def _evidence(cursor: "duckdb.DuckDBPyConnection", board: Board, policy: Policy, metric: str | None = None) -> Evidence:
    calendar = cast(Calendar, board.calendar)
    return evidence(cursor, suite=board.reference, calendar=calendar, policy=policy, metric=metric)
