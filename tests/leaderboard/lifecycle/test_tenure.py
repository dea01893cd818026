import datetime as dt
import itertools

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from leaderboard.lifecycle.tenure import TenureProtocol, from_standings, tenures

START = dt.date(2026, 1, 1)
ONE = TenureProtocol(k=1, gap_days=2)


def day(n):
    return START + dt.timedelta(days=n)


def leaders(order):
    """Days led by one letter each; the other of a and b is second."""
    return {day(n): {"a": 1 if who == "a" else 2, "b": 2 if who == "a" else 1} for n, who in enumerate(order)}


def test_a_leader_that_is_passed_was_overtaken_and_its_successor_is_censored():
    first, second = tenures(leaders("aaabb"), protocol=ONE)
    assert (first.model, first.entered, first.left, first.ended_by) == ("a", day(0), day(3), "overtaken")
    assert (second.model, second.entered, second.left, second.ended_by) == ("b", day(3), None, "censored")


def test_who_was_there_when_observation_began_is_known_to_have_begun_before():
    first, second = tenures(leaders("aaabb"), protocol=ONE)
    assert (first.known_start, second.known_start) == (False, True)
    assert (first.exposure_days, second.exposure_days) == (2.5, 1.5)


def test_a_gap_within_the_tolerance_ends_nothing():
    assert [(t.model, t.entered) for t in tenures(leaders("aabbaaa"), protocol=ONE)] == [("a", day(0)), ("b", day(2))]


def test_a_longer_gap_makes_two_tenures():
    of_a = [t for t in tenures(leaders("aabbbaa"), protocol=ONE) if t.model == "a"]
    assert [(t.entered, t.ended_by) for t in of_a] == [(day(0), "overtaken"), (day(5), "censored")]


def test_who_leaves_the_field_was_retired_not_overtaken():
    ranks = {day(0): {"a": 1, "b": 2}, day(1): {"b": 1}}
    assert tenures(ranks, protocol=ONE)[0].ended_by == "retired"


def test_an_end_is_in_the_middle_of_the_days_that_bracket_it():
    ranks = {day(0): {"a": 1, "b": 2}, day(10): {"a": 1, "b": 2}, day(20): {"a": 2, "b": 1}}
    assert tenures(ranks, protocol=ONE)[0].exposure_days == 15


def test_nobody_is_at_risk_while_the_whole_field_fits_into_the_top():
    ranks = {day(n): {"a": 1} | ({"b": 2} if n >= 4 else {}) for n in range(8)}
    (tenure,) = (t for t in tenures(ranks, protocol=TenureProtocol(k=2)) if t.model == "a")
    assert (tenure.observed_from, tenure.age_at_risk_from, tenure.exposure_days) == (day(4), 4, 3)
    alone = tenures({day(0): {"a": 1}}, protocol=TenureProtocol(k=2))[0]
    assert (alone.observed_from, alone.exposure_days) == (None, 0)


@given(st.text("ab", min_size=1, max_size=40), st.integers(0, 5))
def test_all_tenures_together_are_the_days_that_were_watched(order, gap):
    result = tenures(leaders(order), protocol=TenureProtocol(k=1, gap_days=0))
    assert sum(t.exposure_days for t in result) == len(order) - 1
    assert sum(t.ended_by == "overtaken" for t in result) == sum(a != b for a, b in itertools.pairwise(order))
    assert len(tenures(leaders(order), protocol=TenureProtocol(k=1, gap_days=gap))) <= len(result)


def test_standings_without_a_rank_are_not_in_the_field():
    frame = pd.DataFrame(
        {"day": pd.to_datetime([START, START]), "model": ["a", "b"], "rank": pd.array([1, None], "Int32")}
    )
    assert [t.model for t in from_standings(frame)] == ["a"]
