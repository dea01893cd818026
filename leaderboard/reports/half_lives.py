"""The three half-lives of all standings: of a rank, of a lead and of a price, by task, category and tier.

Calendars are never mixed, and neither are our standings and imported ratings
(`leaderboard.reports.external_ratings`).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, cast

from data.errors import RoutingError
from data.vocabulary import ALL_CATEGORIES, Calendar
from leaderboard.lifecycle.estimates import estimates
from leaderboard.lifecycle.gap import DailyLead, gap_tenures
from leaderboard.lifecycle.half_life_estimate import Estimate
from leaderboard.lifecycle.price import PricePoint, price_half_life
from leaderboard.lifecycle.spell import Spell, spells_of_tenures
from leaderboard.lifecycle.tenure import Tenure, TenureProtocol, from_standings, tenures
from leaderboard.routing.decisions.decision import Decision
from leaderboard.routing.decisions.decision_window import DecisionWindow
from leaderboard.routing.decisions.evidence import Evidence
from leaderboard.routing.decisions.load_evidence import evidence
from leaderboard.routing.decisions.replay import replay
from leaderboard.routing.policy.rules import Policy
from leaderboard.standings import queries
from leaderboard.standings.contents import of_reference

if TYPE_CHECKING:
    import datetime as dt

    import duckdb
    import pandas as pd

    from leaderboard.standings.queries import Board

Estimator = Callable[..., tuple[Estimate, ...]]

SENTINEL = "sentinel"
"""The suite that watches for silent changes; it has no half-life."""

Scope = Mapping[str, str]

PRICES = """
    SELECT DISTINCT models.model, runs.task, price_as_of AS day, price_unit AS unit, price_usd AS usd, estimate
    FROM models JOIN runs USING (run_id)
    JOIN (SELECT suite_digest, calendar, model, avg(estimate) AS estimate FROM standings
          WHERE category = '*' AND metric = $metric AND suite_digest = $digest AND calendar = $calendar
          GROUP BY ALL) AS standing
        ON standing.model = models.model AND standing.suite_digest = runs.suite_digest
       AND standing.calendar = runs.calendar
    WHERE price_unit IS NOT NULL AND estimate IS NOT NULL
    ORDER BY ALL
"""


def half_lives(
    cursor: "duckdb.DuckDBPyConnection",
    *,
    suite: str | None = None,
    policy: Policy | None = None,
    estimated: Estimator = estimates,
) -> tuple[Estimate, ...]:
    """Return every estimate of every half-life of the boards of a snapshot, or of one suite's.

    `suite` is a name, of which the newest content of each calendar counts, or names a content. Contents of one suite
    are boards of their own, never one history. Of each calendar first that of all suites together (`all`, then each
    task), then each suite's categories, leads, tiers and prices; of each group the `exponential` first. `estimated`
    makes the estimates of a group: all methods, or `exponential_only`.
    """
    policy = policy or Policy()
    boards = [board for board in queries.boards(cursor) if board.suite != SENTINEL or suite is not None]
    pooled: dict[tuple[str, str], list[Spell]] = {}
    single: list[Estimate] = []
    for board in boards if suite is None else _chosen_boards(boards, suite):
        try:
            record = evidence(cursor, suite=board.reference, calendar=cast(Calendar, board.calendar), policy=policy)
        except RoutingError:
            continue
        record = replace(record, suite=board.label)
        groups = dict(_rank_spells(record, policy))
        pooled.setdefault((board.calendar, board.task), []).extend(groups.get(ALL_CATEGORIES, ()))
        single += _of_board(cursor, board, record, (groups, policy, estimated))
    return (*_together(pooled, estimated), *single)


def frame(results: Sequence[Estimate]) -> "pd.DataFrame":
    """Return estimates as a table for a page: one row each, the scope as columns and in words (`scope`)."""
    import pandas as pd

    names = ("calendar", "source", "task", "suite", "category", "tier", "unit")
    rows = [
        {
            "kind": estimate.kind,
            "method": estimate.method,
            "scope": scope_in_words(estimate.scope),
            **{name: estimate.scope.get(name) for name in names},
            "half_life_days": estimate.half_life_days,
            "low": estimate.low,
            "high": estimate.high,
            "subjects": estimate.subjects,
            "events": estimate.events,
            "withdrawn": estimate.withdrawn,
            "censored": estimate.censored,
            "exposure_days": estimate.exposure_days,
            "prior_speaks": estimate.prior_speaks,
            "sentence": estimate.sentence,
        }
        for estimate in results
    ]
    return pd.DataFrame(rows)


def scope_in_words(scope: Scope) -> str:
    """Return a scope as a title has it, such as `shapes, single, hero (replayed)`."""
    named = [scope[name] for name in ("source", "suite", "category", "tier", "unit") if scope.get(name)]
    words = (
        ", ".join(name if name != ALL_CATEGORIES else "all categories" for name in named) or scope.get("task") or "all"
    )
    return f"{words} ({scope['calendar']})" if "calendar" in scope else words


def _chosen_boards(boards: Sequence["Board"], suite: str) -> "list[Board]":
    """Return the boards that a name or a reference means: one content of the suite on each calendar that has it.

    Raises UnknownNameError where there is none.
    """
    chosen = of_reference(suite, boards)
    if "@" in suite or suite not in {board.suite for board in boards}:
        return chosen
    return [board for board in boards if board.suite == suite and board.newest]


def _of_board(
    cursor: "duckdb.DuckDBPyConnection",
    board: "Board",
    record: Evidence,
    made_by: tuple[Mapping[str, list[Spell]], Policy, Estimator],
) -> Iterator[Estimate]:
    groups, policy, estimated = made_by
    scope = {"calendar": board.calendar, "task": board.task, "suite": board.label}
    for category, spells in groups.items():
        yield from estimated(spells, scope={**scope, "category": category})
        windows = [window for window in record.windows if window.category == category]
        yield from estimated(_lead_spells(record, windows, policy), kind="gap", scope={**scope, "category": category})
    decisions = replay(record.windows, policy)
    for tier in ("hero", "workhorse"):
        yield from estimated(_tier_spells(record, decisions, tier), scope={**scope, "tier": tier})
    yield from _prices(cursor, board, record, scope)


def _together(pooled: Mapping[tuple[str, str], list[Spell]], estimated: Estimator) -> Iterator[Estimate]:
    for calendar in dict.fromkeys(calendar for calendar, _ in pooled):
        of_calendar = [spell for (name, _), spells in pooled.items() if name == calendar for spell in spells]
        yield from estimated(of_calendar, scope={"calendar": calendar})
    for (calendar, task), spells in pooled.items():
        yield from estimated(spells, scope={"calendar": calendar, "task": task})


def _rank_spells(record: Evidence, policy: Policy) -> Iterator[tuple[str, list[Spell]]]:
    """Yield each category's spells in the top k, observed on the days on which anything was run."""
    retired = {model: day for model, (day, _) in record.retired.items()}
    protocol = TenureProtocol(k=policy.k, gap_days=policy.gap_days)
    days = _observed_days(record.windows)
    for category in dict.fromkeys(window.category for window in record.windows):
        rows = record.standings[record.standings["category"] == category]
        if record.calendar == "live":
            rows = rows[rows["day"].dt.date.isin(days)]
        intervals = from_standings(rows, protocol=protocol, retired=retired, changed=record.changed)
        yield category, _spells(record, intervals, category)


def _lead_spells(record: Evidence, windows: Sequence[DecisionWindow], policy: Policy) -> list[Spell]:
    leads = [lead for window in windows for lead in _leads(window)]
    retired = {model: day for model, (day, _) in record.retired.items()}
    lead_tenures = gap_tenures(leads, gap_days=policy.gap_days, retired=retired, certain_z=policy.switch_margin)
    return _spells(record, lead_tenures, windows[0].category if windows else ALL_CATEGORIES)


def _leads(window: DecisionWindow) -> Iterator[DailyLead]:
    ranking = window.ranking()
    lead = window.lead(ranking[0], ranking[1]) if len(ranking) > 1 else None
    if lead is not None:
        for day in sorted({window.first, window.last}):
            yield DailyLead(day, ranking[0], lead.z, ranking)


def _tier_spells(record: Evidence, decisions: Sequence[Decision], tier: str) -> list[Spell]:
    """Return how long each category's tier was served by one model, over all categories."""
    retired = {model: day for model, (day, _) in record.retired.items()}
    spells: list[Spell] = []
    for category in dict.fromkeys(decision.category for decision in decisions):
        of_tier = [decision for decision in decisions if decision.category == category and decision.tier == tier]
        failed = {
            choice.previous: choice.day for choice in of_tier if choice.action == "quarantine" and choice.previous
        }
        names = {choice.incumbent for choice in of_tier}
        ranks = {choice.day: {name: 1 if name == choice.incumbent else 2 for name in names} for choice in of_tier}
        protocol = TenureProtocol(k=1, gap_days=0)
        spells += _spells(record, tenures(ranks, protocol=protocol, retired=retired | failed), category)
    return spells


def _spells(record: Evidence, intervals: Sequence[Tenure], category: str) -> list[Spell]:
    scope = {"suite": record.suite, "category": category}
    return list(spells_of_tenures(intervals, scope, exact=record.calendar == "replayed"))


def _observed_days(windows: Sequence[DecisionWindow]) -> "set[dt.date]":
    """Return the days on which anything could change: the first of each span, and the last of all."""
    return {window.first for window in windows} | {max(window.last for window in windows)} if windows else set()


def _prices(cursor: "duckdb.DuckDBPyConnection", board: "Board", record: Evidence, scope: Scope) -> Iterator[Estimate]:
    """Yield one estimate a unit of price: list prices as the runs' catalogues had them, dated where they were read."""
    key = {"metric": record.metric, "digest": board.suite_digest, "calendar": board.calendar}
    rows = cursor.execute(PRICES, key).fetchall()
    sign = 1 if record.windows[0].higher_is_better else -1
    for unit in dict.fromkeys(row[3] for row in rows):
        points = [PricePoint(row[0], row[2], row[4], sign * row[5]) for row in rows if row[3] == unit]
        yield price_half_life(points, unit=unit, scope=scope)
