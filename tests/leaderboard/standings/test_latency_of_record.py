"""Latencies of single stream and under load are never mixed: one of them is of record, the other is said apart."""

import numpy as np
import pytest

from leaderboard.routing.decisions.load_evidence import evidence
from leaderboard.standings import daily, queries
from leaderboard.standings.notes import under_load
from leaderboard.standings.selection import select

SLOW = 9.0


@pytest.fixture
def loaded(warehouse, fill, made):
    """A warehouse in which all but the first `alone` steady calls of `far` were made beside others, and took longer."""

    def build(alone):
        model, run = made
        fill(run(run_id="r", calendar="live", models=(model(name="far", right=0.7),), prompts=60, seeds=(0,)))
        cursor = warehouse.cursor()
        cursor.execute(
            "UPDATE samples SET seconds = ?, provider_timings = '{\"in_flight\":3}' "
            "WHERE CAST(substr(prompt, 2) AS INTEGER) > ?",
            [SLOW, alone],
        )
        daily.update(warehouse)
        return cursor, select(cursor)

    return build


def seconds(cursor, condition):
    rows = cursor.execute("SELECT seconds, provider_timings IS NULL, call FROM samples").fetchall()
    return sorted(value for value, alone, call in rows if call == "steady" and alone == condition)


@pytest.mark.parametrize(("alone", "single"), [(59, True), (30, True), (20, True), (19, False), (0, False)])
def test_every_reader_takes_one_kind(loaded, alone, single):
    cursor, selection = loaded(alone)
    of_record = seconds(cursor, single)
    assert sorted(queries.latencies(cursor, selection)["far"]) == of_record
    assert queries.standings(cursor, selection)["p50"].tolist() == pytest.approx([np.median(of_record)])
    candidate = evidence(cursor, suite="shapes", calendar="live").candidates["far"]
    assert (candidate.latency.n, candidate.latency.p50) == (len(of_record), pytest.approx(np.median(of_record)))
    assert candidate.overall.seconds == pytest.approx(np.median(of_record))


def test_few_calls_of_each_kind_take_the_more_frequent(loaded, warehouse):
    cursor, selection = loaded(5)
    cursor.execute("DELETE FROM samples WHERE CAST(substr(prompt, 2) AS INTEGER) > 8")
    assert sorted(queries.latencies(cursor, selection)["far"]) == seconds(cursor, True)


def test_the_other_kind_is_said_apart(loaded):
    cursor, selection = loaded(30)
    said = under_load(cursor, selection)
    assert "far p50 9.00" in said
    assert "over 29 calls, up to 3 at once" in said
    assert "latency of record" not in said


def test_what_is_of_record_under_load_is_said(loaded):
    assert "(its latency of record: 4 alone are too few)" in under_load(*loaded(4))


def test_nothing_is_said_without_load(loaded):
    assert under_load(*loaded(59)) is None
