"""What a reader must know beside the standings: media that were made elsewhere, and what the encoder did not see."""

from typing import TYPE_CHECKING

from leaderboard import formatting
from leaderboard.standings.queries import UNDER_LOAD, Selection

if TYPE_CHECKING:
    import duckdb

BROUGHT = """
    SELECT model, brought, runs.day FROM latest_runs AS latest JOIN runs USING (run_id)
    WHERE latest.calendar = $calendar AND latest.suite_digest = $digest AND brought IS NOT NULL
    ORDER BY model
"""
# The details are canonical JSON, without spaces: looking at their text is cheaper than reading all of them.
UNSEEN = """
    WITH scored AS (
        SELECT prompt, contains(detail, '"truncated":true') AS cut_off,
               TRY_CAST(regexp_extract(detail, '"visible_fraction":([0-9.]+)', 1) AS DOUBLE) AS visible
        FROM latest_scores
        WHERE calendar = $calendar AND suite_digest = $digest AND ($category = '*' OR category = $category)
          AND metric = $metric AND version = $version AND fingerprint = $fingerprint
          AND value IS NOT NULL AND detail IS NOT NULL
    )
    SELECT count(DISTINCT prompt), count(DISTINCT prompt) FILTER (cut_off), count(visible),
           count(*) FILTER (visible < 1), median(visible) FILTER (visible < 1)
    FROM scored
"""


def notes(cursor: "duckdb.DuckDBPyConnection", selection: Selection) -> tuple[str, ...]:
    """Return the sentences that stand under the standings of a selection, none where there is nothing to say."""
    said = (unseen(cursor, selection), brought(cursor, selection), under_load(cursor, selection))
    return tuple(note for note in said if note is not None)


def under_load(cursor: "duckdb.DuckDBPyConnection", selection: Selection) -> str | None:
    """Return the latencies of calls that were made beside others, apart from single stream; None for none."""
    parameters = {"calendar": selection.board.calendar, "digest": selection.board.suite_digest}
    rows = cursor.execute(UNDER_LOAD, parameters | {"category": selection.category}).fetchall()
    named = "; ".join(_load_words(*row) for row in rows)
    return f"Latency under load, never mixed with single stream: {named}." if rows else None


def _load_words(model: str, of_record: bool, in_flight: int, n: int, p50: float, alone: int) -> str:
    measured = f"{model} p50 {formatting.seconds(p50)} over {formatting.count(n, 'call')}, up to {in_flight} at once"
    return f"{measured} (its latency of record: {alone} alone are too few)" if of_record else measured


def brought(cursor: "duckdb.DuckDBPyConnection", selection: Selection) -> str | None:
    """Return which contenders' media were made elsewhere, where they come from and their day; None for none."""
    board = selection.board
    rows = cursor.execute(BROUGHT, {"calendar": board.calendar, "digest": board.suite_digest}).fetchall()
    named = "; ".join(f"{model} (from {origin}, {day})" for model, origin, day in rows)
    return (
        f"Brought, not made here: {named}. Seconds and prices are as given with them, else unknown." if rows else None
    )


def unseen(cursor: "duckdb.DuckDBPyConnection", selection: Selection) -> str | None:
    """Return how many prompts the encoder read in part, and how many pictures it saw in part; None for none."""
    answer = cursor.execute(UNSEEN, dict(selection.parameters())).fetchone()
    if answer is None:
        return None
    prompts, cut_off, pictures, cropped, median = answer
    kind = "clips" if selection.board.video else "pictures"
    parts = []
    if cut_off:
        parts.append(f"the ends of {cut_off} of {prompts} prompts, which are too long for it")
    if cropped:
        seen = f"{formatting.percent(median)}{formatting.GAP}%"
        parts.append(f"the edges of {cropped} of {pictures} {kind}, of which it sees {seen} (median)")
    return f"Not seen by the encoder: {'; '.join(parts)}." if parts else None
