import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from leaderboard.inference.rank_sets import competition_ranks, rank_sets

fields = arrays.arrays(np.float64, st.tuples(st.integers(2, 12), st.integers(1, 5)), elements=st.floats(0, 1))


@settings(max_examples=40)
@given(fields, st.integers(1, 4))
def test_ranks_lie_in_their_sets_and_chances_add_up_to_k(means, k):
    sets, size = rank_sets(means, k=k, resamples=60), means.shape[1]
    for rank, best, worst in zip(sets.rank, sets.rank_best, sets.rank_worst, strict=True):
        assert 1 <= best <= rank <= worst <= size
    assert sum(sets.p_top_k) == pytest.approx(min(k, size))


@settings(max_examples=25)
@given(fields)
def test_moving_and_scaling_all_scores_changes_no_rank_set(means):
    rounded = np.round(means, 3)
    plain, moved = rank_sets(rounded, resamples=60), rank_sets(rounded * 4 + 8, resamples=60)
    assert (plain.rank, plain.rank_best, plain.rank_worst) == (moved.rank, moved.rank_best, moved.rank_worst)


@settings(max_examples=25)
@given(fields, st.randoms(use_true_random=False))
def test_the_order_of_the_models_does_not_matter(means, random):
    means = np.round(means, 3)
    order = list(range(means.shape[1]))
    random.shuffle(order)
    plain, shuffled = rank_sets(means, resamples=60), rank_sets(means[:, order], resamples=60)
    assert tuple(plain.rank_best[i] for i in order) == shuffled.rank_best
    assert tuple(plain.rank_worst[i] for i in order) == shuffled.rank_worst


def test_two_clear_groups_have_two_sets():
    generator = np.random.default_rng(0)
    means = np.concatenate([generator.normal(5, 1, (60, 2)), generator.normal(0, 1, (60, 3))], axis=1)
    sets = rank_sets(means, k=2)
    assert list(zip(sets.rank_best, sets.rank_worst, strict=True)) == [(1, 2), (1, 2), (3, 5), (3, 5), (3, 5)]
    assert sets.p_top_k == (1.0, 1.0, 0.0, 0.0, 0.0)


def wrong_sets(generator, true, noise, *, experiments, prompts):
    """The share of experiments in which any model's set misses its true rank (ties: any rank of the tie is true)."""
    best = np.array([1 + sum(other > level for other in true) for level in true])
    worst = np.array([sum(other >= level for other in true) for level in true])
    wrong = 0
    for _ in range(experiments):
        sets = rank_sets(true + noise(generator, (prompts, len(true))), resamples=300)
        wrong += bool((np.array(sets.rank_best) > best).any() or (np.array(sets.rank_worst) < worst).any())
    return wrong / experiments


def test_rank_sets_are_all_right_at_once_in_ninety_five_of_a_hundred():
    def noise(generator, shape):
        return generator.normal(0, 3.5, (shape[0], 1)) + generator.normal(0, 2, shape)

    missed = wrong_sets(np.random.default_rng(1), np.zeros(6), noise, experiments=250, prompts=40)
    assert 0.01 <= missed <= 0.085


def test_rank_sets_hold_for_scores_that_are_right_or_wrong():
    true, generator = np.array([0.8, 0.9, 0.9, 0.97]), np.random.default_rng(2)

    def noise(draw, shape):
        return (draw.random(shape) < true) - true

    assert wrong_sets(generator, true, noise, experiments=150, prompts=50) <= 0.09


def test_one_model_is_first():
    sets = rank_sets(np.array([[0.2], [0.4]]))
    assert (sets.rank, sets.rank_best, sets.rank_worst, sets.p_top_k) == ((1,), (1,), (1,), (1.0,))


def test_one_prompt_makes_nothing_certain():
    sets = rank_sets(np.array([[0.1, 0.9, 0.5]]))
    assert sets.rank == (3, 1, 2)
    assert (sets.rank_best, sets.rank_worst, sets.p_top_k) == ((1, 1, 1), (3, 3, 3), (None, None, None))


def test_models_that_tie_share_a_rank_and_a_set():
    column = np.random.default_rng(3).random(30)
    sets = rank_sets(np.stack([column, column], axis=1), k=1)
    assert (sets.rank, sets.rank_best, sets.rank_worst) == ((1, 1), (1, 1), (2, 2))
    assert sets.p_top_k == (0.5, 0.5)


@pytest.mark.parametrize(("prompts", "certain"), [(3, False), (20, True)])
def test_always_right_against_always_wrong_is_certain_only_on_enough_prompts(prompts, certain):
    sets = rank_sets(np.stack([np.ones(prompts), np.zeros(prompts)], axis=1))
    assert (sets.rank_worst[0] == 1) is certain


def test_only_common_prompts_carry_ranks_and_the_rest_is_counted():
    means = np.random.default_rng(4).random((20, 3))
    means[:4, 1] = np.nan
    sets = rank_sets(means)
    assert (sets.n_prompts, sets.n_left_out) == (16, 4)
    assert sets.rank == rank_sets(means[4:]).rank


def test_a_model_with_few_prompts_is_set_apart_and_shrinks_nobody_elses():
    means = np.random.default_rng(5).random((40, 3)) + np.array([1.0, 0.0, 9.0])
    means[5:, 2] = np.nan
    sets = rank_sets(means)
    assert sets.compared == (True, True, False)
    assert (sets.n_prompts, sets.rank, sets.p_top_k[2]) == (40, (1, 2, 3), None)
    assert (sets.rank_best[2], sets.rank_worst[2]) == (1, 3)


def test_the_same_input_gives_the_same_sets():
    means = np.random.default_rng(6).random((30, 4))
    assert rank_sets(means) == rank_sets(means)


def test_blocks_of_resamples_leave_no_prompt_out():
    means = np.random.default_rng(7).random((30_000, 2)) + np.array([0.05, 0.0])
    sets = rank_sets(means, k=1, resamples=300)
    assert sets.rank_worst[0] == 1
    assert sets.p_top_k == (1.0, 0.0)


def test_a_table_without_models_is_refused():
    with pytest.raises(ValueError, match=r"Expected prompt means of shape \(prompts, models\), got \(3, 0\)"):
        rank_sets(np.empty((3, 0)))


def test_rounding_makes_no_order():
    assert competition_ranks(np.array([0.1 + 0.2, 0.3, 0.1])).tolist() == [1, 1, 3]
