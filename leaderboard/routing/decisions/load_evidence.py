"""The evidence of a routing table, read from the warehouse or a snapshot in which the standings are up to date."""

import datetime as dt
import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import numpy as np

from data.errors import RoutingError, UnknownNameError
from data.serialization import digest
from data.vocabulary import ALL_CATEGORIES, Calendar
from leaderboard.inference.quantiles import quantile
from leaderboard.inference.rates import rate_interval
from leaderboard.routing.decisions.decision_window import DecisionWindow, OperatingStats, UnsoundShare
from leaderboard.routing.decisions.evidence import Candidate, Evidence, Latency
from leaderboard.routing.decisions.operating_stats import StatsByKey, operating_stats
from leaderboard.routing.decisions.state_overrides import changed, newest_states, with_states
from leaderboard.routing.policy.rules import Policy
from leaderboard.standings.contents import of_reference
from leaderboard.standings.prompt_means import Attempts, SuiteScores, attempts, field_scores, read_suite_scores
from leaderboard.standings.spans import StandingSpan, spans

if TYPE_CHECKING:
    import duckdb

SUITES = "SELECT DISTINCT suite FROM runs ORDER BY suite"
RUN_CONTENTS = """
    SELECT suite, suite_version AS version, suite_digest, task, primary_metric FROM runs
    WHERE calendar = ? AND run_id IN (SELECT run_id FROM models WHERE location <> 'brought')
    QUALIFY row_number() OVER (PARTITION BY suite_digest ORDER BY committed_at DESC, run_id DESC) = 1
    ORDER BY committed_at DESC, run_id DESC
"""
CONTENTS = """
    SELECT DISTINCT suite_digest, suite_version FROM runs WHERE list_contains(?, run_id) ORDER BY suite_version
"""
STANDINGS = """
    SELECT * FROM standings WHERE calendar = ? AND suite_digest = ? AND metric = ? ORDER BY day, category, rank, model
"""
BROUGHT = """
    SELECT DISTINCT run_id, model FROM models WHERE location = 'brought' AND list_contains(?, run_id)
"""
LATENCY = """
    SELECT seconds, CAST(started_at AS DATE) AS day FROM latency_calls WHERE run_id = ? AND model = ? AND of_record
"""
FACTS = """
    SELECT model, title, task, provider, location, revision, revision_pinned, licence, retired, successor,
           width, height, frames, settings, source, price_unit, price_usd, price_as_of
    FROM models WHERE run_id = ? AND model = ?
"""


class _RunContent(NamedTuple):
    """A content of a suite, as the newest run with it says."""

    suite: str
    version: str
    suite_digest: str
    task: Any
    primary_metric: str


def evidence(
    cursor: "duckdb.DuckDBPyConnection",
    *,
    suite: str,
    calendar: Calendar,
    policy: Policy | None = None,
    metric: str | None = None,
) -> Evidence:
    """Read the evidence of a suite on a calendar, by its primary metric or another quality metric.

    `suite` is a name, whose newest content is read, or names a content (`leaderboard.standings.contents`). Raises
    UnknownNameError for a suite or metric that is not there, RoutingError where nothing stands yet.
    """
    board, facts = _board(cursor, suite, calendar, metric)
    board = _routable(cursor, board)
    rules, standing_spans = policy or Policy(), spans(board.entries, calendar)
    frame = cursor.execute(STANDINGS, [calendar, board.suite_digest, facts["metric"]]).df()
    if not standing_spans or frame.empty:
        raise RoutingError(
            f"Expected standings of {suite!r} by {facts['metric']!r} on the {calendar} calendar, got none. "
            "Run the suite, or `halflife rebuild`."
        )
    stats, last = operating_stats(cursor, sorted(board.commits)), standing_spans[-1]
    windows = (each for span in standing_spans for each in _windows(board, span, facts["metric"], (stats, rules)))
    measured = Evidence(
        calendar=calendar,
        suite=board.suite,
        suite_version=facts["version"],
        suite_digest=board.suite_digest,
        task=facts["task"],
        metric=facts["metric"],
        first=standing_spans[0].first,
        last=last.last,
        windows=tuple(windows),
        candidates={
            model: _candidate(cursor, (model, run_id), board, stats, rules, last)
            for model, run_id in last.members.items()
        },
        retired=_retired(cursor, board, last),
        changed=changed(cursor),
        standings=frame,
        runs=tuple(sorted(board.commits)),
        digest=digest({"runs": board.commits, "suite": board.suite_digest, "metric": facts["metric"]}),
    )
    return with_states(measured, newest_states(cursor))


def contents(cursor: "duckdb.DuckDBPyConnection", runs: Sequence[str]) -> dict[str, str]:
    """Return the digests of the suites that runs were made with, and the version that each calls itself."""
    return dict(cursor.execute(CONTENTS, [list(runs)]).fetchall())


def _board(
    cursor: "duckdb.DuckDBPyConnection", suite: str, calendar: Calendar, metric: str | None
) -> tuple[SuiteScores, dict[str, Any]]:
    run = _run_content(cursor, suite, calendar)
    board = read_suite_scores(cursor, calendar, suite=run.suite, suite_digest=run.suite_digest)
    chosen = metric or run.primary_metric
    if chosen not in board.metrics:
        raise UnknownNameError("metric", chosen, board.metrics)
    only = replace(board, means=board.means[board.means["metric"] == chosen])
    return only, {"metric": chosen, "task": run.task, "version": run.version}


def _run_content(cursor: "duckdb.DuckDBPyConnection", suite: str, calendar: Calendar) -> _RunContent:
    contents = [_RunContent(*row) for row in cursor.execute(RUN_CONTENTS, [calendar]).fetchall()]
    suites, name = [row[0] for row in cursor.execute(SUITES).fetchall()], suite.partition("@")[0]
    if name in suites and name not in {content.suite for content in contents}:
        raise RoutingError(
            f"Expected runs of {name!r} on the {calendar} calendar with a model that can be called, got none. "
            f"Run `halflife run --suite {name}`, or name what made brought media (`halflife score --deployment`)."
        )
    if "@" not in suite and suite not in suites:
        raise UnknownNameError("suite", suite, suites)
    return of_reference(suite, contents, kind="suite")[0]


def _routable(cursor: "duckdb.DuckDBPyConnection", board: SuiteScores) -> SuiteScores:
    """Leave out contenders whose media were brought without a deployment: there is nothing to route to."""
    brought = set(cursor.execute(BROUGHT, [sorted(board.commits)]).fetchall())
    return replace(board, entries=tuple(each for each in board.entries if (each.run_id, each.model) not in brought))


def _windows(
    board: SuiteScores,
    span: StandingSpan,
    metric: str,
    measured: tuple[StatsByKey, Policy],
) -> Iterator[DecisionWindow]:
    stats, policy = measured
    scores = next((each for each in field_scores(board, span) if each.metric == metric), None)
    if scores is None:
        return
    tried = attempts(board, span)
    retired = [entry for entry in board.entries if entry.retired and entry.retired <= span.first]
    for category in (ALL_CATEGORIES, *dict.fromkeys(scores.categories)):
        prompts = scores.of(category)
        yield DecisionWindow(
            category=category,
            first=span.first,
            last=span.last,
            models=scores.models,
            means=prompts.means,
            stats={
                model: _with_health(
                    stats.get((span.members[model], model, category), OperatingStats()),
                    tried.get(category, {}).get(model, Attempts(0, 0)),
                    tried.get(ALL_CATEGORIES, {}).get(model, Attempts(0, 0)),
                    policy,
                )
                for model in scores.models
            },
            higher_is_better=board.metrics[metric].higher_is_better,
            bounds=board.metrics[metric].bounds,
            absent={entry.model: f"was retired on {entry.retired}" for entry in retired},
            prompts=prompts.prompts,
        )


def _with_health(stats: OperatingStats, tried: Attempts, overall: Attempts, policy: Policy) -> OperatingStats:
    """Add what is wrong in a category; a model with too many unsound media over all of them is barred in each."""
    here, anywhere = (replace(stats, unsound=_unsound(each, policy)) for each in (tried, overall))
    stats = here if anywhere.sound else anywhere
    rate = rate_interval(tried.n_not_ok, tried.n, confidence=policy.confidence)
    if rate.low is None or rate.low <= policy.max_failure_share:
        return stats
    failing = f"{tried.n_not_ok} of {tried.n} samples are not ok, surely more than {policy.max_failure_share:.0%}"
    return replace(stats, failing=failing)


def _unsound(tried: Attempts, policy: Policy) -> UnsoundShare | None:
    share = rate_interval(tried.n_unsound, tried.n, confidence=policy.confidence)
    if not tried.n_unsound or share.low is None or share.high is None:
        return None
    return UnsoundShare(
        n=tried.n_unsound,
        attempts=tried.n,
        low=share.low,
        high=share.high,
        confidence=policy.confidence,
        limit=policy.max_unsound_share,
    )


def _candidate(
    cursor: "duckdb.DuckDBPyConnection",
    key: tuple[str, str],
    board: SuiteScores,
    stats: StatsByKey,
    policy: Policy,
    span: StandingSpan,
) -> Candidate:
    model, run_id = key
    facts = _facts(cursor, run_id, model)
    tried = attempts(board, span).get(ALL_CATEGORIES, {}).get(model, Attempts(0, 0))
    return Candidate(
        id=model,
        facts=facts,
        settings=json.loads(facts["settings"]),
        source=json.loads(facts["source"]),
        latency=_latency(cursor, run_id, model),
        overall=_with_health(stats.get((run_id, model, ALL_CATEGORIES), OperatingStats()), tried, tried, policy),
        retires=facts["retired"],
    )


def _facts(cursor: "duckdb.DuckDBPyConnection", run_id: str, model: str) -> dict[str, Any]:
    answer = cursor.execute(FACTS, [run_id, model])
    names = [column[0] for column in answer.description]
    return dict(zip(names, cast(tuple[Any, ...], answer.fetchone()), strict=True))


def _latency(cursor: "duckdb.DuckDBPyConnection", run_id: str, model: str) -> Latency | None:
    calls = cursor.execute(LATENCY, [run_id, model]).fetchall()
    if not calls:
        return None
    seconds = np.array([row[0] for row in calls], dtype=np.float64)
    return Latency(
        p50=float(np.median(seconds)),
        p95=quantile(seconds, 0.95).estimate,
        n=len(seconds),
        as_of=max(row[1] for row in calls),
    )


def _retired(
    cursor: "duckdb.DuckDBPyConnection", board: SuiteScores, last: StandingSpan
) -> dict[str, tuple[dt.date, str | None]]:
    """Return the models that were retired by the last day, with the day and the successor."""
    retired = {
        entry.model: entry
        for entry in board.entries
        if entry.retired and entry.retired <= last.last and entry.model not in last.members
    }
    return {
        model: (cast(dt.date, entry.retired), _facts(cursor, entry.run_id, model)["successor"])
        for model, entry in retired.items()
    }
