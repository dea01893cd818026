import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from scipy import special, stats

from leaderboard.inference.paired import certainty_of_agreement, differences, holm, lead, paired, sign_flip

PROMPT, INTERACTION, SEED = 3.5, 1.2, 1.8
p_values = st.lists(st.floats(0, 1), min_size=1, max_size=30)


def scores(generator, *, experiments, models, prompts, seeds):
    """Scores without any true difference, shape (experiments, models, prompts, seeds)."""
    prompt = generator.normal(0, PROMPT, size=(experiments, 1, prompts, 1))
    interaction = generator.normal(0, INTERACTION, size=(experiments, models, prompts, 1))
    return prompt + interaction + generator.normal(0, SEED, size=(experiments, models, prompts, seeds))


def t_test(gaps):
    """Two-sided p of a mean of 0 along the last axis."""
    n = gaps.shape[-1]
    t = gaps.mean(axis=-1) / (gaps.std(axis=-1, ddof=1) / np.sqrt(n))
    return 2 * special.stdtr(n - 1, -np.abs(t))


@pytest.mark.parametrize(("seeds", "wrong_rate"), [(4, 0.156), (16, 0.399)])
def test_seeds_taken_as_samples_find_differences_that_are_not_there(seeds, wrong_rate):
    drawn = scores(np.random.default_rng(5), experiments=1500, models=2, prompts=100, seeds=seeds)
    gaps = drawn[:, 0] - drawn[:, 1]
    as_samples = np.mean(t_test(gaps.reshape(len(gaps), -1)) < 0.05)
    as_prompts = np.mean(t_test(gaps.mean(axis=-1)) < 0.05)
    assert as_samples == pytest.approx(wrong_rate, abs=0.035)
    assert as_prompts == pytest.approx(0.0465, abs=0.02)


def test_holm_makes_one_false_claim_in_twenty_five_where_raw_p_makes_one_in_two():
    drawn = scores(np.random.default_rng(6), experiments=600, models=8, prompts=60, seeds=1)[..., 0]
    pairs = list(itertools.combinations(range(8), 2))
    p = t_test(np.stack([drawn[:, i] - drawn[:, j] for i, j in pairs], axis=1))
    raw = np.mean((p < 0.05).any(axis=1))
    adjusted = np.mean([(holm(row) < 0.05).any() for row in p])
    assert 0.4 < raw < 0.6
    assert adjusted == pytest.approx(0.04, abs=0.025)


def test_holm_is_the_textbooks():
    assert holm([0.01, 0.04, 0.03, 0.005]).tolist() == pytest.approx([0.03, 0.06, 0.06, 0.02])


@given(p_values)
def test_holm_never_lowers_p_and_keeps_the_order(raw):
    adjusted = holm(raw)
    assert (adjusted >= np.asarray(raw)).all()
    assert (adjusted <= 1).all()
    assert (np.diff(adjusted[np.argsort(raw, kind="stable")]) >= 0).all()


@given(p_values)
def test_holm_is_between_bonferroni_and_raw(raw):
    assert (holm(raw) <= np.minimum(np.asarray(raw) * len(raw), 1)).all()


def test_the_exact_sign_flip_is_scipys():
    gaps = np.random.default_rng(1).normal(0.5, 1, size=9)
    expected = stats.permutation_test(
        (gaps,), np.mean, permutation_type="samples", alternative="two-sided", n_resamples=np.inf
    )
    assert sign_flip(gaps[:, None])[0] == pytest.approx(expected.pvalue)


def test_the_random_sign_flip_agrees_with_the_t_test():
    gaps = np.random.default_rng(2).normal(0.2, 1, size=(80, 3))
    assert sign_flip(gaps) == pytest.approx(t_test(gaps.T), abs=0.02)


def test_a_missing_prompt_changes_nothing_in_the_sign_flip():
    gaps = np.random.default_rng(2).normal(0.2, 1, size=(9, 1))
    assert sign_flip(np.vstack([gaps, [[np.nan]]]))[0] == pytest.approx(sign_flip(gaps)[0])


def test_the_paired_interval_and_p_are_scipys():
    means = np.random.default_rng(3).normal(size=(30, 2))
    (pair,) = differences(means, ["a", "b"])
    expected = stats.ttest_rel(means[:, 0], means[:, 1])
    interval = expected.confidence_interval()
    assert pair.p == pytest.approx(expected.pvalue)
    assert (pair.difference.low, pair.difference.high) == pytest.approx((interval.low, interval.high))


@settings(max_examples=30)
@given(arrays.arrays(np.float64, (9, 3), elements=st.floats(-10, 10)))
def test_swapping_two_models_turns_the_sign_and_keeps_p(means):
    ahead, behind = differences(means[:, :2], ["a", "b"])[0], differences(means[:, 1::-1], ["b", "a"])[0]
    assert ahead.difference.estimate == pytest.approx(-behind.difference.estimate)
    assert ahead.p == pytest.approx(behind.p)
    assert ahead.p_sign_flip == pytest.approx(behind.p_sign_flip)


def test_each_pair_is_compared_on_its_common_prompts_and_says_how_many():
    means = np.array([[1.0, 2.0, np.nan], [2.0, 3.5, 1.0], [1.5, np.nan, 2.0], [0.5, 1.0, 0.0]])
    counts = {(pair.a, pair.b): pair.difference.n for pair in differences(means, ["a", "b", "c"])}
    assert counts == {("a", "b"): 3, ("a", "c"): 3, ("b", "c"): 2}


def test_models_without_a_common_prompt_are_not_a_pair():
    assert differences(np.array([[1.0, np.nan], [np.nan, 2.0]]), ["a", "b"]) == ()


def test_the_same_lead_on_every_prompt_is_judged_by_the_sign_test():
    means = np.stack([np.arange(10.0) + 1, np.arange(10.0)], axis=1)
    (pair,) = differences(means, ["a", "b"])
    assert pair.p == pytest.approx(2 * 0.5**10)
    assert pair.difference.low is None


def test_the_table_names_the_better_model_only_where_holm_lets_it():
    generator = np.random.default_rng(7)
    levels = {"bad": 0.0, "good": 3.0, "twin": 3.05}
    rows = [
        {"model": m, "prompt": p, "mean": level + generator.normal(0, 1)}
        for m, level in levels.items()
        for p in range(40)
    ]
    better = paired(pd.DataFrame(rows)).set_index(["model_a", "model_b"])["better"]
    assert (better["bad", "good"], better["bad", "twin"]) == ("good", "twin")
    assert pd.isna(better["good", "twin"])


def test_where_lower_is_better_the_smaller_one_is_named():
    rows = [
        {"model": m, "prompt": p, "mean": float(level + p % 3)} for m, level in (("a", 0), ("b", 9)) for p in range(30)
    ]
    frame = pd.DataFrame(rows)
    frame.loc[0, "mean"] += 0.5
    assert paired(frame, higher_is_better=False)["better"].tolist() == ["a"]


def test_one_model_has_no_pairs_but_the_columns():
    table = paired(pd.DataFrame({"model": ["a"], "prompt": ["p"], "mean": [1.0]}))
    assert list(table.columns[:3]) == ["model_a", "model_b", "difference"]
    assert table.empty


def test_a_lead_on_one_prompt_is_worth_nothing():
    assert lead([1.0], [0.0]).z == 0


def test_a_lead_that_never_varies_is_worth_what_the_sign_test_says():
    ahead = lead([1.0] * 10, [0.0] * 10)
    assert ahead.z == pytest.approx(certainty_of_agreement(10)) == pytest.approx(stats.norm.isf(0.5**10))
    assert lead([0.0] * 4, [1.0] * 4).z == pytest.approx(-stats.norm.isf(0.5**4))


def test_a_lead_without_common_prompts_is_none():
    assert lead([1.0, np.nan], [np.nan, 1.0]) is None
