import numpy as np
import pytest

from leaderboard.inference.standing import StandingRules, standings


def test_where_lower_is_better_the_smallest_leads():
    means = np.random.default_rng(0).random((30, 2)) + np.array([1.0, 0.0])
    first, second = standings(means, ["slow", "fast"], StandingRules(higher_is_better=False))
    assert (first.rank, second.rank) == (2, 1)
    assert second.interval.estimate == pytest.approx(means[:, 1].mean())


def test_a_model_without_a_score_has_no_place_and_takes_none():
    means = np.array([[0.1, np.nan], [0.2, np.nan], [0.4, np.nan]])
    scored, empty = standings(means, ["held", "empty"], StandingRules())
    assert (scored.rank, scored.rank_worst) == (1, 1)
    assert (empty.interval, empty.n_prompts, empty.rank, empty.p_top_k) == (None, 0, None, None)


def test_a_field_without_any_score_has_no_places():
    assert [standing.rank for standing in standings(np.full((2, 2), np.nan), ["a", "b"], StandingRules())] == [
        None,
        None,
    ]


def test_a_column_too_few_is_refused():
    with pytest.raises(ValueError, match="Expected a column for each of 2 models"):
        standings(np.ones((3, 1)), ["a", "b"], StandingRules())
