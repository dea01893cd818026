"""Rates of faults: exact where each prompt has one attempt, of the newest instrument, and there when nobody stands."""

import pytest

from leaderboard.inference.rates import rate_interval
from leaderboard.standings import daily, queries, rates
from leaderboard.standings.selection import select_rate


@pytest.fixture
def board(warehouse, fill, made):
    """Return the cursor and the board of models given as name, unsound samples a category, and share that fails."""
    model, run = made

    def build(*models, seeds=(0,), prompts=40):
        named = tuple(model(name=name, right=0.7, unsound=bad, failing=failing) for name, bad, failing in models)
        fill(run(run_id="r", calendar="live", models=named, prompts=prompts, seeds=seeds))
        daily.update(warehouse)
        cursor = warehouse.cursor()
        return cursor, rates.boards(cursor)[0]

    return build


def of(cursor, board, name, category="*"):
    return {each.model: each for each in rates.model_rates(cursor, board, rates.rates(cursor, board)[name], category)}


def test_the_unsound_share_has_the_exact_interval(board):
    listed = of(*board(("dark", 3, 0.0), ("plain", 0, 0.0)), "unsound")
    assert list(listed) == ["plain", "dark"]
    exact = rate_interval(6, 40)
    dark = listed["dark"]
    assert (dark.hits, dark.n) == (6, 40)
    assert (dark.interval.low, dark.interval.high) == pytest.approx((exact.low, exact.high))


def test_a_category_has_its_own(board):
    cursor, suite = board(("dark", 3, 0.0))
    assert of(cursor, suite, "unsound", "single")["dark"].n == 20
    assert rates.categories(cursor, suite) == ("pair-left-right", "single")


def test_what_failed_is_a_rate_too(board):
    cursor, suite = board(("fragile", 0, 0.4))
    failed, not_ok = (of(cursor, suite, name)["fragile"] for name in ("failed", "not_ok"))
    assert failed.hits == not_ok.hits > 0
    assert of(cursor, suite, "refused")["fragile"].hits == 0


def test_the_seeds_of_a_prompt_are_no_attempts_of_their_own(board):
    cursor, suite = board(("dark", 3, 0.0), seeds=(0, 1, 2, 3))
    dark = of(cursor, suite, "unsound")["dark"]
    assert (dark.hits, dark.n, dark.interval.n) == (6, 160, 40)
    assert dark.interval.estimate == pytest.approx(6 / 160)


def test_a_single_prompt_has_an_interval(board):
    dark = of(*board(("dark", 1, 0.0), prompts=1), "unsound")["dark"]
    assert (dark.interval.low, dark.interval.high) == pytest.approx((0.025, 1.0))


def test_rates_are_there_when_nobody_stands(board):
    cursor, suite = board(("dark", 40, 0.0), ("black", 40, 0.0))
    assert queries.boards(cursor) == []
    named, rate = select_rate(cursor, "unsound", suite="shapes")
    assert named == suite
    assert [each.interval.estimate for each in rates.model_rates(cursor, named, rate)] == [1.0, 1.0]


def test_a_metric_of_quality_is_no_rate(board):
    cursor, _ = board(("dark", 3, 0.0))
    assert select_rate(cursor, "shapes_correct") is None
    assert select_rate(cursor, None) is None
