"""Half-lives from imported ratings: a category that holds the others is counted instead of them, never beside them."""

import math

import pandas as pd
import pytest

from leaderboard.lifecycle.estimates import exponential_only
from leaderboard.lifecycle.rating_tenures import rating_half_lives
from leaderboard.lifecycle.tenure import TenureProtocol

TOP = TenureProtocol(k=1, gap_days=0)


def ratings(*categories):
    """One change of the lead, in each of the categories."""
    days = pd.to_datetime(["2026-01-05", "2026-01-12"] * 2)
    part = pd.DataFrame({"task": "t", "day": days, "model": ["a", "a", "b", "b"], "rating": [9.0, 8.0, 7.0, 9.0]})
    return pd.concat([part.assign(category=name, low=math.nan, high=math.nan) for name in categories])


def of_task(*categories):
    return rating_half_lives(ratings(*categories), "arena", protocol=TOP, estimated=exponential_only)[0]


@pytest.mark.parametrize("whole", ["*", "overall", "Overall", "full", "all", "All categories"])
def test_a_tenure_in_the_whole_and_in_its_parts_is_counted_once(whole):
    estimate = of_task(whole, "preset", "people")
    assert (estimate.scope, estimate.events) == ({"source": "arena", "task": "t"}, 1)


def test_two_wholes_are_counted_once():
    assert of_task("overall", "full", "preset").events == 1


def test_categories_without_a_whole_are_all_counted():
    assert of_task("people", "signs").events == 2
