import datetime as dt

import numpy as np
import pytest

from leaderboard.lifecycle.price import PricePoint, on_front, price_half_life

START = dt.date(2025, 1, 1)


def market(half_life, *, noise=0.05, count=40, seed=0):
    generator = np.random.default_rng(seed)
    days, quality = generator.integers(0, 400, count), generator.uniform(0, 3, count)
    prices = 2 ** (quality - 5 - days / half_life + generator.normal(0, noise, count))
    return [
        PricePoint(f"m{i}", START + dt.timedelta(days=int(d)), float(p), float(q))
        for i, (d, p, q) in enumerate(zip(days, prices, quality, strict=True))
    ]


@pytest.mark.parametrize("truth", [60, 180])
def test_the_half_life_of_a_price_is_found_at_equal_quality(truth):
    estimate = price_half_life(market(truth), unit="image")
    assert estimate.low < truth < estimate.high
    assert estimate.half_life_days == pytest.approx(truth, rel=0.1)
    assert estimate.scope["unit"] == "image"


def test_the_interval_covers_the_truth_as_often_as_it_says():
    results = [price_half_life(market(120, noise=0.1, seed=seed), unit="image") for seed in range(150)]
    assert np.mean([result.low <= 120 <= (result.high or np.inf) for result in results]) > 0.9


def test_prices_that_do_not_fall_have_no_half_life():
    estimate = price_half_life(market(-200), unit="second-of-video")
    assert (estimate.half_life_days, estimate.high) == (None, None)
    assert "do not fall" in estimate.sentence


def test_a_price_that_nobody_need_pay_says_nothing():
    cheap, dear = PricePoint("a", START, 1.0, 2.0), PricePoint("b", START, 3.0, 1.0)
    assert on_front([cheap, dear]) == [cheap]


def test_a_newer_price_of_the_same_model_replaces_the_older_one():
    cheap, raised = PricePoint("a", START, 1.0, 2.0), PricePoint("a", START + dt.timedelta(days=5), 8.0, 2.0)
    other = PricePoint("b", START + dt.timedelta(days=9), 6.0, 1.0)
    assert on_front([cheap, raised, other]) == [cheap, raised, other]


def test_too_few_prices_are_said_to_be_too_few():
    assert "at least 5" in price_half_life(market(60)[:3], unit="image").sentence
