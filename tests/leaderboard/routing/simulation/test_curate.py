import itertools
import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leaderboard.routing.simulation.curate import Field, curate, curve, field_of
from leaderboard.routing.simulation.set_cover import worthwhile

COSTS = st.sampled_from([0.0, 1.0, 2.0, 4.0, 5.0, 10.0, 20.0, 25.0, 50.0, 100.0]) | st.none()
"""Their hundred-thousandths are whole whichever is the largest, so that equal sums are equal."""
QUALITY = st.sampled_from([0.0, 5.0, 10.0])


@st.composite
def fields(draw, missing=False):
    models, categories = draw(st.integers(1, 6)), draw(st.integers(1, 5))
    value = QUALITY | st.just(np.nan) if missing else QUALITY
    rows = draw(st.lists(st.lists(value, min_size=models, max_size=models), min_size=categories, max_size=categories))
    means = tuple(np.array([row]) for row in rows if not np.isnan(row).all()) or (np.zeros((1, models)),)
    cost = draw(st.lists(COSTS, min_size=models, max_size=models))
    return Field(
        models=tuple("abcdef"[:models]),
        categories=tuple("uvwxy"[: len(means)]),
        means=means,
        cost=tuple(cost),
        tolerance=draw(st.sampled_from([0.0, 0.1, 0.5])),
    )


def subsets(field, sizes):
    """Every set of models, by size, then in the order of names."""
    return [chosen for n in sizes for chosen in itertools.combinations(range(len(field.models)), n)]


def price(field, chosen):
    """What a set costs; what is not known is dearer than twice the dearest."""
    dearest = max((cost for cost in field.cost if cost is not None), default=0.0)
    return sum(2 * (dearest or 1.0) if field.cost[m] is None else field.cost[m] for m in chosen)


def regrets(field, chosen):
    quality = np.concatenate(field.means)
    best, own = np.nanmax(quality, axis=1), quality[:, chosen]
    worst = 2 * max(np.nanmax(best[:, None] - quality), 0.0) or 1.0
    return [worst if np.isnan(row).all() else top - np.nanmax(row) for top, row in zip(best, own, strict=True)]


def covers(field, chosen):
    quality = np.concatenate(field.means)
    own = quality[:, chosen]
    return all(
        not np.isnan(row).all() and np.nanmax(all_) - np.nanmax(row) <= field.tolerance * abs(np.nanmax(all_)) + 1e-9
        for all_, row in zip(quality, own, strict=True)
    )


@settings(max_examples=80, deadline=None)
@given(fields(missing=True))
def test_the_smallest_cover_is_that_of_trying_all_sets(field):
    best = min(
        (chosen for chosen in subsets(field, range(1, len(field.models) + 1)) if covers(field, chosen)),
        key=lambda chosen: (len(chosen), price(field, chosen), chosen),
    )
    found = curate(field, max_models=6, draws=0)
    assert found.chosen.models == tuple(field.models[m] for m in best)
    assert found.complete


@settings(max_examples=60, deadline=None)
@given(fields())
def test_each_step_of_the_curve_is_that_of_trying_all_sets(field):
    for step in curve(field, len(field.models)):
        best = min(
            subsets(field, range(1, step.n + 1)),
            key=lambda chosen: (sum(regrets(field, chosen)), len(chosen), price(field, chosen), chosen),
        )
        assert step.best.models == tuple(field.models[m] for m in best)
        assert step.best.mean_regret == pytest.approx(np.mean(regrets(field, best)))


@settings(max_examples=40, deadline=None)
@given(fields(missing=True), st.integers(1, 6))
def test_more_models_never_lose_more_and_the_set_keeps_its_limit(field, most):
    found = curate(field, max_models=most, draws=0)
    assert len(found.chosen.models) <= most
    means = [step.best.mean_regret for step in found.curve if step.best.mean_regret is not None]
    assert means == sorted(means, reverse=True)
    assert all(step.gain is None or step.gain >= -1e-12 for step in found.curve)
    assert found.complete == (len(found.smallest.models) <= most)


@given(
    st.integers(1, 6).flatmap(
        lambda n: st.tuples(
            st.lists(st.lists(st.integers(0, 3), min_size=n, max_size=n), min_size=1, max_size=4),
            st.lists(st.integers(0, 3), min_size=n, max_size=n),
        )
    )
)
def test_what_is_needless_is_needless_and_the_rest_is_not(drawn):
    regret, cost = np.array(drawn[0]), np.array(drawn[1])
    kept = set(worthwhile(regret, cost).tolist())
    for m in range(len(cost)):
        rivals = [d for d in range(len(cost)) if d != m and (regret[:, d] <= regret[:, m]).all()]
        better = [d for d in rivals if (cost[d], d) < (cost[m], m)]
        assert (m in kept) == (not better)
        assert m in kept or kept & set(better)


def made(levels, costs=None, *, tolerance=0.1, noise=0.0, prompts=12):
    """A field of models by their quality in each category."""
    generator = np.random.default_rng(3)
    names = sorted(levels)
    count = len(levels[names[0]])
    means = tuple(
        np.stack([levels[name][c] + generator.normal(0, noise, prompts) for name in names], axis=1)
        for c in range(count)
    )
    return Field(
        models=tuple(names),
        categories=tuple(f"c{c}" for c in range(count)),
        means=means,
        tolerance=tolerance,
        cost=tuple((costs or {}).get(name, 1.0) for name in names),
    )


SPECIALISTS = {"a": (10, 2, 2), "b": (2, 10, 2), "c": (2, 2, 10), "all": (8, 8, 8)}


def test_specialists_are_needed_where_the_tolerance_is_small_and_one_for_all_where_it_is_not():
    assert curate(made(SPECIALISTS), draws=0).chosen.models == ("a", "b", "c")
    assert curate(made(SPECIALISTS, tolerance=0.2), draws=0).chosen.models == ("all",)


def test_too_few_models_say_what_all_would_need():
    found = curate(made(SPECIALISTS), max_models=2, draws=0)
    assert not found.complete
    assert found.sentence.endswith("of 3 categories within 10% of the best; all of them need 3.")
    assert (len(found.chosen.models), len(found.smallest.models)) == (2, 3)


def test_the_value_of_the_next_model_is_what_it_takes_from_the_mean_regret():
    steps = curate(made(SPECIALISTS), draws=0).curve
    assert [step.best.models for step in steps] == [("all",), ("a", "all"), ("a", "b", "c")]
    assert [step.best.mean_regret for step in steps] == pytest.approx([2, 4 / 3, 0])
    assert [step.gain for step in steps] == [None, pytest.approx(2 / 3), pytest.approx(4 / 3)]


def test_leaving_one_out_loses_its_category():
    found = curate(made(SPECIALISTS), draws=0)
    assert [(one.model, one.worst_category, one.uncovered) for one in found.without] == [
        ("a", "c0", ("c0",)),
        ("b", "c1", ("c1",)),
        ("c", "c2", ("c2",)),
    ]
    assert found.without[0].mean_loss == pytest.approx(8 / 3)


def test_the_only_model_cannot_be_left_out():
    (alone,) = curate(made({"a": (1.0,)}), draws=0).without
    assert (alone.mean_loss, alone.worst_category) == (None, None)


def test_of_equal_sets_the_cheaper_is_chosen_and_of_equally_cheap_ones_the_first_by_name():
    levels = {"x": (1.0, 1.0), "y": (1.0, 1.0), "z": (1.0, 1.0)}
    assert curate(made(levels, {"y": 0.5}), draws=0).chosen.models == ("y",)
    assert curate(made(levels), draws=0).chosen.models == ("x",)


def test_an_unknown_cost_is_dearer_than_any():
    found = curate(made({"x": (1.0,), "y": (1.0,)}, {"x": None, "y": 100.0}), draws=0)
    assert (found.chosen.models, found.chosen.cost_usd) == (("y",), 100.0)


def test_a_model_without_a_score_serves_nothing():
    field = made({"x": (1.0, 1.0), "y": (0.9, 0.2)}, tolerance=0.0)
    field.means[1][:, 0] = np.nan
    found = curate(field, draws=0)
    assert found.chosen.models == ("x", "y")
    assert [one.model for one in found.chosen.served] == ["x", "y"]


def test_prompts_that_cannot_tell_sets_apart_are_said_so():
    field = made({"x": (1.0,), "y": (1.0,)}, tolerance=0.0, noise=0.5)
    found = curate(field, draws=100)
    assert 0.2 < found.stability.share < 0.8
    rival = found.stability.others[0][0][0]
    assert f"cannot tell apart from it: {rival} (" in found.stability.sentence
    assert found.stability.share + found.stability.others[0][1] == pytest.approx(1)


def test_prompts_that_are_sure_choose_the_same_set_again():
    found = curate(made(SPECIALISTS, noise=0.1), draws=50)
    assert found.stability.share == 1.0
    assert found.stability.sentence.endswith("100% choose this set; no other set is chosen by more than 5%.")
    assert dict(found.stability.members) == {"a": 1.0, "all": 0.0, "b": 1.0, "c": 1.0}


def test_the_same_field_gives_the_same_answer():
    field = made({"x": (1.0,), "y": (1.0,)}, tolerance=0.0, noise=0.5)
    assert curate(field, draws=20) == curate(field, draws=20)


def test_an_answer_is_json():
    said = json.loads(json.dumps(curate(made(SPECIALISTS), draws=5).to_json(), allow_nan=False))
    assert said["sentence"] == "a, b, c: 3 models cover all 3 categories within 10% of the best."
    assert said["stability"]["sentence"].startswith("Of 5 new draws of the prompts")


def test_a_seasons_field_is_that_of_its_last_day(season):
    field = field_of(season, tolerance=0.05)
    assert field.models == ("m0", "m1", "m3", "m4", "m5")
    assert set(field.categories) == {"single", "pair-left-right"}
    assert curate(field, draws=0).chosen.models == ("m5",)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"models": ("b", "a")}, "Expected models in the order of their names"),
        ({"tolerance": 1.0}, "Expected a tolerance from 0 to below 1"),
    ],
)
def test_a_field_that_makes_no_sense_is_refused(wrong, said):
    plain = {"models": ("a", "b"), "categories": ("c",), "means": (np.zeros((1, 2)),), "cost": (1.0, 1.0)}
    with pytest.raises(ValueError, match=said):
        Field(**plain | wrong)


def test_a_category_without_any_score_is_named():
    with pytest.raises(ValueError, match="got none in c0"):
        curate(made({"a": (np.nan,)}))
