"""States of models: which may follow which, journalled all or none, found again by a rebuild."""

import datetime as dt
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.errors import HalflifeError, JournalError
from data.home import Home
from data.lifecycle.drift_marks import DriftMark, Shift, marks, write_marks
from data.lifecycle.states import NEXT, StateChange, check_change, fold, history, state_journals, write_states
from data.store.rebuild import rebuild
from data.store.warehouse import Warehouse

DAY = dt.date(2026, 3, 1)


@pytest.fixture
def home(tmp_path):
    home = Home(tmp_path / "home")
    home.prepare()
    return home


def change(state, *, model="m", days=0, **fields):
    at = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC) + dt.timedelta(days=days)
    return StateChange(
        model=model, state=state, day=DAY + dt.timedelta(days=days), reason="Because.", by="hand", at=at, **fields
    )


def test_what_was_written_is_read_in_order_and_folded_by_day(home):
    assert write_states(home, [change("candidate"), change("active", days=3)]) == 2
    write_states(home, [change("deprecated", days=9, successor="n", until=dt.date(2026, 6, 1))])
    assert [change.state for change in history(home)] == ["candidate", "active", "deprecated"]
    assert fold(history(home), DAY + dt.timedelta(days=5))["m"].state == "active"
    assert fold(history(home))["m"].successor == "n"


def test_all_or_none_is_written(home):
    with pytest.raises(HalflifeError, match="to stay so for good; got active"):
        write_states(home, [change("retired"), change("active", days=1)])
    assert history(home) == ()


def test_the_same_decision_given_again_is_one(home):
    assert write_states(home, [change("active")]) == 1
    later = replace(change("active"), at=dt.datetime(2026, 3, 1, 13, tzinfo=dt.UTC))
    assert write_states(home, [later, later]) == 0
    assert len(history(home)) == 1
    with pytest.raises(HalflifeError, match="Expected 'm', which is active"):
        write_states(home, [replace(later, reason="Another one.")])


def test_a_state_cannot_be_put_before_the_one_that_holds(home):
    write_states(home, [change("active", days=5)])
    with pytest.raises(HalflifeError, match="Expected a day not before 2026-03-06"):
        write_states(home, [change("deprecated", days=2)])


@given(st.sampled_from(sorted(NEXT)), st.sampled_from(sorted(NEXT)))
def test_only_states_that_may_follow_do(before, after):
    if after in NEXT[before]:
        check_change(change(before), change(after, days=1))
    else:
        with pytest.raises(HalflifeError, match="which is"):
            check_change(change(before), change(after, days=1))


@pytest.mark.parametrize("fields", [{"reason": " "}, {"reason": "x" * 501}, {"reason": "a\nb"}, {"successor": "m"}])
def test_a_change_needs_a_reason_and_another_successor(fields):
    with pytest.raises(HalflifeError, match="Expected"):
        StateChange(
            **{
                "model": "m",
                "state": "retired",
                "day": DAY,
                "reason": "r",
                "by": "hand",
                "at": dt.datetime.now(dt.UTC),
                **fields,
            }
        )


def test_a_damaged_line_is_named_and_nothing_is_guessed(home):
    write_states(home, [change("quarantined")])
    (path,) = state_journals(home).paths()
    path.write_bytes(path.read_bytes().replace(b"quarantined", b"activeeeeee"))
    with pytest.raises(JournalError, match="line 1"):
        history(home)


def test_a_rebuild_finds_states_and_marks_again(home):
    write_states(home, [change("active"), change("quarantined", days=2)])
    mark = DriftMark(
        model="m",
        suite="sentinel",
        day=DAY,
        found_on=DAY + dt.timedelta(days=2),
        revision=2,
        shifts={"clip_score": Shift(p=0.001, shift=-1.0, low=-1.5, high=-0.5), "bytes": Shift(p=0.0)},
        at=dt.datetime(2026, 3, 3, tzinfo=dt.UTC),
    )
    write_marks(home, [mark])
    assert marks(home) == (mark,)
    rebuild(home)
    with Warehouse.own(home) as warehouse, warehouse.cursor() as cursor:
        assert not warehouse.ingest_lifecycle()
        assert cursor.execute("SELECT count(*) FROM model_states").fetchone() == (2,)
        assert cursor.execute("SELECT metric, shift FROM drift_marks ORDER BY metric").fetchall() == [
            ("bytes", None),
            ("clip_score", -1.0),
        ]
