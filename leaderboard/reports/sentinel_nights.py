"""The sentinel nights of a store: which deployments have some, and their series for `leaderboard.drift`.

Sentinels are the prompts of a suite called `sentinel`, and those of any suite that are tagged so. Only the live
calendar counts, and only nights of one revision.
"""

from typing import TYPE_CHECKING, Any

from leaderboard.drift.sentinel_series import SentinelSeries, WatchedDeployment, series_of

if TYPE_CHECKING:
    import duckdb

WATCHED = """
    SELECT DISTINCT daily.model, daily.suite, daily.suite_digest
    FROM daily_runs AS daily JOIN prompts USING (run_id)
    WHERE daily.calendar = 'live' AND (daily.suite = 'sentinel' OR list_contains(prompts.tags, 'sentinel'))
    ORDER BY ALL
"""
RUNS = """
    SELECT daily.day, daily.run_id, models.revision, models.location
    FROM daily_runs AS daily JOIN models USING (run_id, model)
    WHERE daily.calendar = 'live' AND daily.suite_digest = $digest AND daily.model = $model
    ORDER BY daily.day
"""
SAMPLES = """
    SELECT samples.day, samples.prompt, coalesce(prompt_unit, samples.prompt) AS prompt_unit, samples.seed,
           media, media_bytes, seconds, call
    FROM samples JOIN prompts USING (run_id, prompt)
    WHERE list_contains($runs, samples.run_id) AND samples.model = $model AND status = 'ok'
      AND ($suite = 'sentinel' OR list_contains(prompts.tags, 'sentinel'))
    ORDER BY samples.day, samples.prompt, samples.seed
"""
MEANS = """
    SELECT metric, version, fingerprint, means.day, prompt_unit, avg(mean) AS mean
    FROM daily_prompt_means AS means JOIN metrics USING (metric)
    WHERE means.calendar = 'live' AND means.suite_digest = $digest AND means.model = $model AND metrics.kind <> 'gate'
    GROUP BY ALL ORDER BY ALL
"""
LAST_MARK = "SELECT max(day) FROM drift_marks WHERE model = ? AND suite = ?"


def watched_deployments(cursor: "duckdb.DuckDBPyConnection") -> list[WatchedDeployment]:
    """Return every deployment that has made sentinel prompts on the live calendar."""
    rows = cursor.execute(WATCHED).fetchall()
    return [WatchedDeployment(model=model, suite=suite, suite_digest=digest) for model, suite, digest in rows]


def sentinel_nights(
    cursor: "duckdb.DuckDBPyConnection", deployment: WatchedDeployment, *, all_revisions: bool = False
) -> SentinelSeries | None:
    """Return the nights of a deployment's newest revision since its last marked change; None without samples.

    `all_revisions` takes every night, for a page that shows what was before a change.
    """
    key = {"digest": deployment.suite_digest, "model": deployment.model}
    runs = cursor.execute(RUNS, key).fetchall()
    if not all_revisions:
        (marked,) = cursor.execute(LAST_MARK, [deployment.model, deployment.suite]).fetchone() or (None,)
        runs = [run for run in runs if run[2] == runs[-1][2] and (marked is None or run[0] >= marked)]
    parameters: dict[str, Any] = {"runs": [run[1] for run in runs], "model": deployment.model}
    samples = cursor.execute(SAMPLES, parameters | {"suite": deployment.suite}).df()
    if samples.empty:
        return None
    means, days = cursor.execute(MEANS, key).df(), tuple(run[0] for run in runs)
    return series_of(deployment, days, samples=samples, means=means, remote=runs[-1][3] == "remote")
