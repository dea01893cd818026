"""The coverage and the power that the benchmark prints, in small: the bars hold, and the alternatives fail them."""

import numpy as np
import pytest

from benchmarks.detection_power import COSINE, of_normals
from benchmarks.interval_coverage import differences, means, right_or_wrong
from benchmarks.interval_methods import mid_p, wilson
from benchmarks.score_worlds import skewed_worlds
from leaderboard.inference.vocabulary import UNBOUNDED


@pytest.mark.parametrize("prompts", [10, 100])
def test_only_the_exact_interval_covers_every_share(prompts):
    (row,) = right_or_wrong([prompts])
    assert row.covered["halflife"] >= 0.95
    assert max(row.covered[name] for name in ("t", "Wilson", "mid-P")) < 0.94
    assert row.width["halflife"] < 1.2


def test_mid_p_and_wilson_are_those_of_a_worked_example():
    """Agresti and Coull 1998; Newcombe 1998, table I: 81 of 263."""
    low, high = wilson(np.array([81.0]), 263)
    assert (low[0], high[0]) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    low, high = mid_p(np.array([81.0]), 263)
    assert (low[0], high[0]) == pytest.approx((0.2544, 0.3658), abs=5e-5)


def test_skewed_scores_are_covered_at_ten_prompts_in_less_than_a_whole_prompt_more():
    beta = next(world for world in skewed_worlds() if world.kind == "beta(8, 1)")
    (row,) = means([beta], draws=3000, prompts=[10])
    assert row.covered["halflife"] >= 0.938 > row.covered["t"]
    assert row.width["halflife"] < 0.6 * row.width["one more prompt"]


def test_differences_of_shares_are_covered_where_t_is_not():
    single = next(iter(differences(draws=400, prompts=[12])))
    assert single.covered["halflife"] > 0.92
    assert single.covered["t"] < 0.6


@pytest.mark.parametrize("comparisons", [1, 28])
def test_a_difference_of_the_printed_size_is_found_four_times_in_five(comparisons):
    row = of_normals("normal", 12, comparisons, UNBOUNDED, tables=1000)
    assert row.found == pytest.approx(0.8, abs=0.04)
    assert row.found_at_normal < row.found


def test_bounds_that_are_far_away_change_little():
    plain, bounded = (of_normals("normal", 12, 1, bounds, tables=200) for bounds in (UNBOUNDED, COSINE))
    assert bounded.effect == pytest.approx(plain.effect, rel=0.03)
