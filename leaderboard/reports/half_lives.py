"""The three half-lives of everything that stands: of a rank, of a lead and of a price, by task, category and tier.

Calendars are never mixed, and neither are our standings and the ratings from outside
(`leaderboard.lifecycle.external_ratings`).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, cast

from data.errors import RoutingError
from data.vocabulary import Calendar
from leaderboard.lifecycle.estimates import Estimate, estimates
from leaderboard.lifecycle.gap import DailyLead, gap_tenures
from leaderboard.lifecycle.price import PricePoint, price_half_life
from leaderboard.lifecycle.spell import Spell, of_tenures
from leaderboard.lifecycle.tenure import Protocol, Tenure, from_standings, tenures
from leaderboard.routing.decisions.decision import Decision
from leaderboard.routing.decisions.decision_window import DecisionWindow
from leaderboard.routing.decisions.evidence import Evidence
from leaderboard.routing.decisions.load_evidence import evidence
from leaderboard.routing.decisions.replay import replay
from leaderboard.routing.policy.rules import Policy
from leaderboard.standings import queries
from leaderboard.standings.prompt_means import ALL

if TYPE_CHECKING:
    import datetime as dt

    import duckdb
    import pandas as pd

    from leaderboard.standings.queries import Board

Estimator = Callable[..., tuple[Estimate, ...]]

SENTINEL = "sentinel"
"""Watches for silent changes; it ranks nobody."""

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

    Of each calendar first what all suites say together (`all`, then each task), then each suite's categories, leads,
    tiers and prices; of each group the core's `exponential` first. `estimated` says what is made of a group: all
    methods, or `alone` the core.
    """
    rule = policy or Policy()
    boards = [one for one in queries.boards(cursor) if one.suite == suite or (suite is None and one.suite != SENTINEL)]
    pooled: dict[tuple[str, str], list[Spell]] = {}
    single: list[Estimate] = []
    for board in boards:
        try:
            found = evidence(cursor, suite=board.suite, calendar=cast(Calendar, board.calendar), policy=rule)
        except RoutingError:
            continue
        groups = dict(_rank(found, rule))
        pooled.setdefault((board.calendar, board.task), []).extend(groups.get(ALL, ()))
        single += _of_board(cursor, board, found, (groups, rule, estimated))
    return (*_together(pooled, estimated), *single)


def frame(found: Sequence[Estimate]) -> "pd.DataFrame":
    """Return estimates as a table for a page: one row each, the scope as columns and in words (`scope`)."""
    import pandas as pd

    names = ("calendar", "source", "task", "suite", "category", "tier", "unit")
    rows = [
        {
            "kind": one.kind,
            "method": one.method,
            "scope": scope_in_words(one.scope),
            **{name: one.scope.get(name) for name in names},
            "half_life_days": one.half_life_days,
            "low": one.low,
            "high": one.high,
            "subjects": one.subjects,
            "events": one.events,
            "withdrawn": one.withdrawn,
            "censored": one.censored,
            "exposure_days": one.exposure_days,
            "prior_speaks": one.prior_speaks,
            "sentence": one.sentence,
        }
        for one in found
    ]
    return pd.DataFrame(rows)


def scope_in_words(scope: Scope) -> str:
    """Return a scope as a title has it, such as `shapes, single, hero (replayed)`."""
    named = [scope[name] for name in ("source", "suite", "category", "tier", "unit") if scope.get(name)]
    words = ", ".join(one if one != ALL else "all categories" for one in named) or scope.get("task") or "all"
    return f"{words} ({scope['calendar']})" if "calendar" in scope else words


def _of_board(
    cursor: "duckdb.DuckDBPyConnection",
    board: "Board",
    found: Evidence,
    held: tuple[Mapping[str, list[Spell]], Policy, Estimator],
) -> Iterator[Estimate]:
    groups, rule, estimated = held
    where = {"calendar": board.calendar, "task": board.task, "suite": board.suite}
    for category, stays in groups.items():
        yield from estimated(stays, scope={**where, "category": category})
        windows = [one for one in found.windows if one.category == category]
        yield from estimated(_gaps(found, windows, rule), kind="gap", scope={**where, "category": category})
    decisions = replay(found.windows, rule)
    for tier in ("hero", "workhorse"):
        yield from estimated(_tiers(found, decisions, tier), scope={**where, "tier": tier})
    yield from _prices(cursor, board, found, where)


def _together(pooled: Mapping[tuple[str, str], list[Spell]], estimated: Estimator) -> Iterator[Estimate]:
    calendars = dict.fromkeys(calendar for calendar, _ in pooled)
    for calendar in calendars:
        every = [one for (held, _), stays in pooled.items() if held == calendar for one in stays]
        yield from estimated(every, scope={"calendar": calendar})
    for (calendar, task), stays in pooled.items():
        yield from estimated(stays, scope={"calendar": calendar, "task": task})


def _rank(found: Evidence, rule: Policy) -> Iterator[tuple[str, list[Spell]]]:
    """Yield each category's stays in the top k, seen on the days on which anything was run."""
    gone = {model: day for model, (day, _) in found.retired.items()}
    protocol = Protocol(k=rule.k, gap_days=rule.gap_days)
    looked = _looks(found.windows)
    for category in dict.fromkeys(one.category for one in found.windows):
        rows = found.standings[found.standings["category"] == category]
        if found.calendar == "live":
            rows = rows[rows["day"].dt.date.isin(looked)]
        yield (
            category,
            _stays(found, from_standings(rows, protocol=protocol, retired=gone, changed=found.changed), category),
        )


def _gaps(found: Evidence, windows: Sequence[DecisionWindow], rule: Policy) -> list[Spell]:
    leads = [lead for window in windows for lead in _leads(window)]
    gone = {model: day for model, (day, _) in found.retired.items()}
    spells = gap_tenures(leads, gap_days=rule.gap_days, retired=gone, surely=rule.switch_margin)
    return _stays(found, spells, windows[0].category if windows else ALL)


def _leads(window: DecisionWindow) -> Iterator[DailyLead]:
    ranking = window.ranking()
    ahead = window.lead(ranking[0], ranking[1]) if len(ranking) > 1 else None
    if ahead is not None:
        for day in sorted({window.first, window.last}):
            yield DailyLead(day, ranking[0], ahead.z, ranking)


def _tiers(found: Evidence, decisions: Sequence[Decision], tier: str) -> list[Spell]:
    """Return how long each category's tier was held by one model, over all categories."""
    gone = {model: day for model, (day, _) in found.retired.items()}
    stays: list[Spell] = []
    for category in dict.fromkeys(one.category for one in decisions):
        held = [one for one in decisions if one.category == category and one.tier == tier]
        failed = {one.previous: one.day for one in held if one.action == "quarantine" and one.previous}
        names = {one.incumbent for one in held}
        ranks = {one.day: {name: 1 if name == one.incumbent else 2 for name in names} for one in held}
        spells = tenures(ranks, protocol=Protocol(k=1, gap_days=0), retired=gone | failed)
        stays += _stays(found, spells, category)
    return stays


def _stays(found: Evidence, spells: Sequence[Tenure], category: str) -> list[Spell]:
    where = {"suite": found.suite, "category": category}
    return list(of_tenures(spells, where, exact=found.calendar == "replayed"))


def _looks(windows: Sequence[DecisionWindow]) -> "set[dt.date]":
    """Return the days on which anything could change: the first of each span, and the last of all."""
    return {one.first for one in windows} | {max(one.last for one in windows)} if windows else set()


def _prices(cursor: "duckdb.DuckDBPyConnection", board: "Board", found: Evidence, where: Scope) -> Iterator[Estimate]:
    """Yield one estimate a unit of price: list prices as the runs' catalogues had them, dated where they were read."""
    key = {"metric": found.metric, "digest": board.suite_digest, "calendar": board.calendar}
    rows = cursor.execute(PRICES, key).fetchall()
    sign = 1 if found.windows[0].higher_is_better else -1
    for unit in dict.fromkeys(row[3] for row in rows):
        points = [PricePoint(row[0], row[2], row[4], sign * row[5]) for row in rows if row[3] == unit]
        yield price_half_life(points, unit=unit, scope=where)
