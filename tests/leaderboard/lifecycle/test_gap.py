import datetime as dt

from leaderboard.lifecycle.gap import DailyLead, gap_tenures

START = dt.date(2026, 1, 1)


def leads(*days):
    """One lead a day: leader and standard errors."""
    return [DailyLead(START + dt.timedelta(days=i), leader, z, ("a", "b", "c")) for i, (leader, z) in enumerate(days)]


def test_a_gap_is_open_while_the_lead_is_sure():
    (lead,) = gap_tenures(leads(("a", 3), ("a", 2), ("a", 1), ("a", 1)), gap_days=0)
    assert (lead.model, lead.entered, lead.left, lead.ended_by) == (
        "a",
        START,
        START + dt.timedelta(days=2),
        "overtaken",
    )


def test_another_leader_opens_another_gap():
    tenures = gap_tenures(leads(("a", 3), ("b", 3), ("b", 3)), gap_days=0)
    assert [(tenure.model, tenure.ended_by) for tenure in tenures] == [("a", "overtaken"), ("b", "censored")]


def test_a_day_of_doubt_within_the_tolerance_closes_nothing():
    assert len(gap_tenures(leads(("a", 3), ("a", 1), ("a", 3)), gap_days=2)) == 1


def test_a_leader_that_retires_was_not_caught_up_with():
    retired_on = START + dt.timedelta(days=2)
    days = [*leads(("a", 3), ("a", 3)), DailyLead(retired_on, "b", 3, ("b", "c"))]
    assert gap_tenures(days, retired={"a": retired_on})[0].ended_by == "retired"


def test_nobody_surely_ahead_is_no_gap():
    assert gap_tenures(leads(("a", 1), ("b", 0.5))) == ()
