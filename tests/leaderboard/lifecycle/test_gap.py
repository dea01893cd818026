import datetime as dt

from leaderboard.lifecycle.gap import DailyLead, gap_tenures

START = dt.date(2026, 1, 1)


def leads(*days):
    """One lead a day: leader and standard errors."""
    return [DailyLead(START + dt.timedelta(days=i), leader, z, ("a", "b", "c")) for i, (leader, z) in enumerate(days)]


def test_a_gap_is_open_while_the_lead_is_sure():
    (one,) = gap_tenures(leads(("a", 3), ("a", 2), ("a", 1), ("a", 1)), gap_days=0)
    assert (one.model, one.entered, one.left, one.ended_by) == ("a", START, START + dt.timedelta(days=2), "overtaken")


def test_another_leader_opens_another_gap():
    found = gap_tenures(leads(("a", 3), ("b", 3), ("b", 3)), gap_days=0)
    assert [(one.model, one.ended_by) for one in found] == [("a", "overtaken"), ("b", "censored")]


def test_a_day_of_doubt_within_the_tolerance_closes_nothing():
    assert len(gap_tenures(leads(("a", 3), ("a", 1), ("a", 3)), gap_days=2)) == 1


def test_a_leader_that_retires_was_not_caught_up_with():
    gone = START + dt.timedelta(days=2)
    held = [*leads(("a", 3), ("a", 3)), DailyLead(gone, "b", 3, ("b", "c"))]
    assert gap_tenures(held, retired={"a": gone})[0].ended_by == "retired"


def test_nobody_surely_ahead_is_no_gap():
    assert gap_tenures(leads(("a", 1), ("b", 0.5))) == ()
