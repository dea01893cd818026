import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from leaderboard.inference.detectable_effect import (
    VarianceComponents,
    detectable_effect,
    pair_effect,
    variance_components,
)

KNOWN = VarianceComponents(prompt=3.5, model_prompt=1.2, seed=1.8, n_models=2, n_prompts=200, seeds=4)


def drawn(generator, *, models, prompts, seeds):
    prompt = generator.normal(0, 3.5, (1, prompts, 1))
    interaction = generator.normal(0, 1.2, (models, prompts, 1))
    level = np.arange(models)[:, None, None]
    values = level + prompt + interaction + generator.normal(0, 1.8, (models, prompts, seeds))
    m, p, _ = np.indices(values.shape)
    return pd.DataFrame({"model": m.ravel(), "prompt": p.ravel(), "value": values.ravel()})


@pytest.mark.parametrize(
    ("prompts", "seeds", "paired", "effect"),
    [(50, 1, True, 1.24), (200, 1, True, 0.61), (200, 4, True, 0.42), (1000, 4, True, 0.19), (200, 4, False, 1.07)],
)
def test_the_worked_numbers_come_out(prompts, seeds, paired, effect):
    result = detectable_effect(KNOWN, prompts=prompts, seeds=seeds, paired=paired)
    assert result.effect == pytest.approx(effect, abs=0.005)


def test_the_components_are_found_again():
    components = variance_components(drawn(np.random.default_rng(0), models=6, prompts=1500, seeds=3))
    assert (components.prompt, components.model_prompt, components.seed) == pytest.approx((3.5, 1.2, 1.8), rel=0.06)
    assert (components.n_models, components.n_prompts, components.seeds) == (6, 1500, 3)


@pytest.mark.parametrize(("prompts", "comparisons"), [(5, 1), (12, 1), (200, 1), (12, 28), (60, 28)])
def test_an_effect_of_that_size_is_found_four_times_in_five(prompts, comparisons):
    generator = np.random.default_rng(1)
    effect = detectable_effect(KNOWN, prompts=prompts, seeds=4, comparisons=comparisons).effect
    gaps = effect + generator.normal(0, (2 * (1.2**2 + 1.8**2 / 4)) ** 0.5, size=(4000, prompts))
    p = stats.ttest_1samp(gaps, 0, axis=1).pvalue
    assert np.mean(p < 0.05 / comparisons) == pytest.approx(0.8, abs=0.03)


def test_any_pair_of_a_table_needs_a_larger_difference_than_a_planned_one():
    planned, of_any = (detectable_effect(KNOWN, prompts=12, seeds=2, comparisons=m) for m in (1, 28))
    assert (planned.comparisons, of_any.comparisons) == (1, 28)
    assert of_any.effect > 1.5 * planned.effect


def test_a_pair_with_less_spread_has_a_smaller_effect_of_its_own():
    generator = np.random.default_rng(4)
    a, wide, narrow = generator.normal(size=50), generator.normal(size=50), generator.normal(0, 0.1, size=50)
    assert pair_effect(a, a + narrow) < 0.2 * pair_effect(a, wide)
    assert pair_effect(a, a + 1) is None


def test_one_seed_leaves_the_seed_inside_the_interaction():
    components = variance_components(drawn(np.random.default_rng(2), models=4, prompts=1500, seeds=1))
    assert components.seed is None
    assert components.model_prompt == pytest.approx((1.2**2 + 1.8**2) ** 0.5, rel=0.06)
    assert "inside model×prompt" in components.reason
    assert detectable_effect(components, prompts=50, seeds=1).effect == pytest.approx(1.24, rel=0.07)
    assert detectable_effect(components, prompts=50, seeds=4).effect is None


def test_one_model_has_no_detectable_effect_but_a_reason():
    components = variance_components(drawn(np.random.default_rng(3), models=1, prompts=20, seeds=2))
    effect = detectable_effect(components, prompts=20, seeds=2)
    assert (effect.effect, components.seed is None) == (None, False)
    assert effect.reason == "Variance components need two models on two common prompts, got 1 on 20."


@given(st.integers(5, 500), st.integers(1, 8))
def test_more_prompts_and_more_seeds_see_smaller_effects(prompts, seeds):
    at = detectable_effect(KNOWN, prompts=prompts, seeds=seeds).effect
    assert detectable_effect(KNOWN, prompts=prompts + 1, seeds=seeds).effect < at
    assert detectable_effect(KNOWN, prompts=prompts, seeds=seeds + 1).effect < at
    assert detectable_effect(KNOWN, prompts=prompts, seeds=seeds, paired=False).effect > at


@settings(max_examples=15)
@given(st.integers(0, 10_000))
def test_components_are_never_negative(seed):
    components = variance_components(drawn(np.random.default_rng(seed), models=2, prompts=3, seeds=2))
    assert min(components.prompt, components.model_prompt, components.seed) >= 0
