"""Rules about models: dates and routes change states, hands are not overruled, successors become due."""

import datetime as dt
from dataclasses import replace

import pytest

from data.catalogue import load_catalogue
from data.lifecycle.states import StateChange
from leaderboard.lifecycle.model_states import due, rule_changes

TODAY = dt.date(2026, 6, 1)
NOW = dt.datetime(2026, 6, 1, 3, tzinfo=dt.UTC)
MODEL = load_catalogue().model("shapes-nano")


def model(**fields):
    return replace(MODEL, **{"id": "m", "successor": None, "retired": None, "released": dt.date(2026, 1, 1), **fields})


def state_of(state, by="hand", **fields):
    return {"m": StateChange(model="m", state=state, day=TODAY, reason="r", by=by, at=NOW, **fields)}


@pytest.mark.parametrize(
    ("fields", "status", "state"),
    [
        ({}, None, "candidate"),
        ({}, "active", "active"),
        ({}, "canary", "canary"),
        ({}, "quarantined", "quarantined"),
        ({"released": dt.date(2026, 7, 1)}, None, "announced"),
        ({"retired": dt.date(2026, 7, 1)}, "active", "deprecated"),
        ({"successor": "n"}, "active", "deprecated"),
        ({"retired": TODAY}, "active", "retired"),
    ],
)
def test_a_rule_says_in_which_state_a_model_is(fields, status, state):
    statuses = {"m": status} if status else None
    (change,) = rule_changes([model(**fields)], {}, today=TODAY, at=NOW, statuses=statuses)
    assert (change.state, change.by, change.until) == (
        state,
        "rule",
        fields.get("retired") if state == "deprecated" else None,
    )


def test_a_rule_says_nothing_twice_and_overrules_no_hand():
    assert rule_changes([model()], state_of("candidate", "rule"), today=TODAY, at=NOW) == []
    assert rule_changes([model()], state_of("quarantined"), today=TODAY, at=NOW) == []
    assert rule_changes([model()], state_of("quarantined", "drift"), today=TODAY, at=NOW) == []
    assert rule_changes([model(retired=TODAY)], state_of("quarantined"), today=TODAY, at=NOW)[0].state == "retired"


@pytest.mark.parametrize(("measured", "is_due"), [(None, True), (20, True), (5, False)])
def test_a_successor_is_due_until_it_was_measured_inside_the_notice_window(measured, is_due):
    ends = TODAY + dt.timedelta(days=20)
    runs = {} if measured is None else {"n": TODAY - dt.timedelta(days=measured)}
    sunsets = due([model(retired=ends, successor="n")], {}, runs, today=TODAY)
    assert bool(sunsets) == is_due
    assert not due([model(retired=ends, successor="n")], {}, runs, today=TODAY - dt.timedelta(days=30))


def test_a_sunset_given_by_hand_counts_and_one_without_a_successor_says_so():
    states = state_of("deprecated", until=TODAY + dt.timedelta(days=3))
    (sunset,) = due([model()], states, {}, today=TODAY)
    assert "has no successor" in sunset.sentence
    assert not due([model()], state_of("retired"), {}, today=TODAY)


def test_a_rule_never_speaks_of_a_day_before_the_one_that_holds():
    assert (
        rule_changes([model(retired=TODAY)], state_of("active", "rule"), today=TODAY - dt.timedelta(days=9), at=NOW)
        == []
    )
