import datetime as dt
import itertools

from hypothesis import given
from hypothesis import strategies as st

from leaderboard.standings.spans import CommittedRun, spans

START = dt.date(2026, 1, 1)


def day(n):
    return START + dt.timedelta(days=n)


def entry(model, run, at, *, retired=None, run_day=0):
    return CommittedRun(
        model=model,
        run_id=run,
        run_day=day(run_day),
        day=day(at),
        retired=None if retired is None else day(retired),
        committed_at=dt.datetime(2026, 6, 1) + dt.timedelta(hours=int(run[1:])),
    )


entries = st.lists(
    st.builds(
        lambda model, run, at, retired: entry(model, f"r{run}", at, retired=None if retired is None else at + retired),
        st.sampled_from("abcd"),
        st.integers(1, 9),
        st.integers(0, 120),
        st.none() | st.integers(0, 60),
    ),
    min_size=1,
    max_size=8,
)


@given(entries, st.sampled_from(["live", "replayed"]))
def test_spans_follow_each_other_and_never_hold_the_future_or_the_retired(runs, calendar):
    result = spans(runs, calendar)
    for before, after in itertools.pairwise(result):
        assert before.last < after.first
    for span in result:
        assert span.first <= span.last
        for model, run in span.members.items():
            same = [
                entered
                for entered in runs
                if (entered.model, entered.run_id) == (model, run) and entered.day <= span.first
            ]
            assert any(entered.retired is None or entered.retired > span.last for entered in same)


def test_a_season_has_ninety_days_whoever_enters_when():
    result = spans([entry("a", "r1", 0), entry("b", "r1", 30), entry("c", "r1", 200)], "replayed")
    assert (result[0].first, result[-1].last, len(result)) == (day(0), day(89), 2)
    assert sum(len(span.days) for span in result) == 90


def test_of_a_replayed_model_the_newest_run_stands_alone():
    result = spans([entry("a", "r1", 0), entry("a", "r2", 10)], "replayed")
    assert [(span.first, dict(span.members)) for span in result] == [(day(10), {"a": "r2"})]


def test_a_live_run_stands_until_the_next_one():
    result = spans([entry("a", "r1", 0), entry("a", "r2", 5), entry("b", "r1", 0)], "live")
    assert [dict(span.members) for span in result] == [{"a": "r1", "b": "r1"}, {"a": "r2", "b": "r1"}]
    assert result[0].last == day(4)


def test_an_older_day_that_is_committed_late_does_not_stand_over_a_newer_one():
    result = spans([entry("a", "r1", 5), entry("a", "r2", 2)], "live")
    assert [dict(span.members) for span in result] == [{"a": "r2"}, {"a": "r1"}]


def test_nobody_has_no_spans():
    assert spans([], "live") == ()
