"""The sequential test of one metric: quiet on quiet nights, and quick when something changed."""

import math

import numpy as np
import pytest
from scipy import stats

from benchmarks.drift_detection import NOISES, detected, quiet
from leaderboard.drift.sequence import FEWEST_BEFORE, _weight, likeliest_change, log_evidence


@pytest.fixture
def generator():
    return np.random.default_rng(0)


def test_quiet_nights_raise_no_more_alarms_than_promised():
    ours, theirs = quiet(NOISES["normal"], series=20)
    assert ours <= 1 / 20
    assert theirs > 0.9


def test_half_a_standard_deviation_is_found_within_five_nights():
    series = 40
    assert detected(NOISES["normal"], 30, series=series) >= stats.binom.ppf(0.01, series, 0.93) / series


def test_the_prompts_own_levels_do_not_matter(generator):
    nights = generator.normal(size=(30, 8))
    assert np.allclose(log_evidence(nights), log_evidence(nights + 100 * generator.normal(size=8)), atol=1e-6)


def test_one_split_weighs_as_two_samples_do(generator):
    nights = generator.normal(size=(FEWEST_BEFORE + 1, 16))
    last = log_evidence(nights)[-1]
    levels = nights.mean(axis=1)
    residual = nights[:3] - nights[:3].mean(axis=0) - (levels[:3] - levels[:3].mean())[:, None]
    error = math.sqrt((residual**2).sum() / (2 * 15) / 16 * (1 / 3 + 1))
    z = -stats.norm.ppf(stats.t.sf(abs(levels[3] - levels[:3].mean()) / error, 30))
    walked, ratio = 3 / 4, 1 / (0.35**2 * 16)
    single = math.sqrt(ratio / (walked + ratio)) * math.exp(z**2 * walked / (2 * (walked + ratio)))
    weight = float(_weight(3))
    assert last == pytest.approx(math.log(weight * single + 1 - weight), rel=1e-6)


def test_the_weights_of_all_nights_sum_to_less_than_one():
    assert float(_weight(np.arange(FEWEST_BEFORE, 2_000_000)).sum()) < 1


def test_the_night_of_the_change_and_its_size_are_told(generator):
    nights = generator.normal(size=(60, 32))
    nights[40:] -= 1.0
    shift = likeliest_change(nights)
    assert abs(shift.since - 40) <= 1
    assert shift.low < -1.0 < shift.high < 0
    assert shift.p < 1e-6


def test_an_alarm_stays_although_later_nights_are_like_the_past(generator):
    nights = generator.normal(size=(60, 32))
    nights[30:36] += 1.0
    assert likeliest_change(nights).p <= likeliest_change(nights[:36]).p < 0.05


def test_nights_that_vary_as_a_whole_are_not_changes(generator):
    nights = generator.normal(size=(80, 32)) + generator.normal(size=(80, 1))
    assert likeliest_change(nights, shared=True).p > 0.05


def test_missing_prompts_are_left_out_and_change_nothing(generator):
    nights = generator.normal(size=(40, 32))
    nights[:, 5] = np.nan
    nights[7, 9] = np.nan
    assert likeliest_change(nights).p > 0.05
    nights[20:] += 2.0
    assert abs(likeliest_change(nights).since - 20) <= 1


def test_what_never_varied_and_then_does_is_a_change():
    nights = np.ones((10, 4))
    assert likeliest_change(nights).p == 1.0
    nights[8:] = 2.0
    assert likeliest_change(nights).p < 1e-6


def test_without_a_past_nothing_is_told(generator):
    assert likeliest_change(generator.normal(size=(3, 8))) is None
    assert likeliest_change(np.full((10, 4), np.nan)) is None
    with pytest.raises(ValueError, match="shape"):
        likeliest_change(np.zeros(5))
