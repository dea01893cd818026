"""Plans: the same choice is the same run, another choice another one."""

import datetime as dt
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data.errors import HalflifeError
from data.vocabulary import Machine, Model, Plan, Suite
from harness.plan import LARGEST_SEED, expand, request

DAY = dt.date(2026, 3, 1)
CREATED = dt.datetime(2026, 3, 1, 2, 30, tzinfo=dt.UTC)
SHARED = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40, deadline=None)
seed_sets = st.sets(st.integers(0, LARGEST_SEED), min_size=1, max_size=4)


def plan_of(suite: Suite, models: Any, machine: Machine, **changes: Any) -> Plan:
    choice: dict[str, Any] = {"seeds": (0, 1), "calendar": "live", "day": DAY, "created_at": CREATED, **changes}
    return expand(suite, models, machine=machine, **choice)


@SHARED
@given(seeds=seed_sets, shuffle=st.randoms())
def test_the_order_of_models_and_seeds_does_not_matter(
    suite: Suite, models: tuple[Model, ...], machine: Machine, seeds: set[int], shuffle: Any
) -> None:
    other_models, other_seeds = list(models), sorted(seeds)
    shuffle.shuffle(other_models)
    shuffle.shuffle(other_seeds)
    assert plan_of(suite, models, machine, seeds=seeds) == plan_of(suite, other_models, machine, seeds=other_seeds)


@SHARED
@given(seeds=seed_sets)
def test_every_prompt_meets_every_model_and_seed_once(
    suite: Suite, models: tuple[Model, ...], machine: Machine, seeds: set[int]
) -> None:
    plan = plan_of(suite, models, machine, seeds=seeds)
    wanted = {(model.id, prompt.id, seed) for model in models for prompt in suite.prompts for seed in seeds}
    got = [(request.model, request.prompt, request.seed) for request in plan.requests]
    assert set(got) == wanted
    assert len({request.id for request in plan.requests}) == len(got) == len(wanted)


def test_requests_are_grouped_by_model(plan: Plan) -> None:
    names = [request.model for request in plan.requests]
    changes = sum(name != following for name, following in pairwise(names))
    assert changes == len(plan.models) - 1


def test_requests_are_not_in_the_order_of_the_suite(suite: Suite, model: Model, machine: Machine) -> None:
    plan = plan_of(suite, [model], machine, seeds=range(4))
    assert [(r.prompt, r.seed) for r in plan.requests] != [(p.id, s) for p in suite.prompts for s in range(4)]


def test_the_run_id_tells_day_and_suite(plan: Plan) -> None:
    assert plan.run_id.startswith("20260301-things-")
    assert len(plan.run_id.rsplit("-", 1)[1]) == 12


def test_machine_and_time_of_creation_are_no_part_of_the_run_id(
    suite: Suite, models: tuple[Model, ...], machine: Machine
) -> None:
    elsewhere = plan_of(suite, models, replace(machine, name="other"), created_at=CREATED + dt.timedelta(hours=1))
    assert elsewhere.run_id == plan_of(suite, models, machine).run_id


@pytest.mark.parametrize(
    "change",
    [
        {"seeds": (0, 2)},
        {"calendar": "replayed"},
        {"day": dt.date(2026, 3, 2)},
    ],
)
def test_another_choice_is_another_run(
    suite: Suite, models: tuple[Model, ...], machine: Machine, change: dict[str, Any]
) -> None:
    assert plan_of(suite, models, machine, **change).run_id != plan_of(suite, models, machine).run_id


@SHARED
@given(
    change=st.one_of(
        st.builds(lambda text: {"revision": text}, st.text(min_size=2)),
        st.builds(lambda steps: {"steps": steps}, st.integers(1, 100)),
        st.builds(lambda guidance: {"guidance": guidance}, st.floats(0, 30)),
        st.builds(lambda key, value: {"extra": {key: value}}, st.text(), st.integers(-9, 9)),
    )
)
def test_another_revision_or_setting_is_another_sample_and_another_run(
    suite: Suite, model: Model, machine: Machine, change: dict[str, Any]
) -> None:
    if "revision" in change:
        other = replace(model, **change)
    else:
        other = replace(model, settings=replace(model.settings, **change))
    prompt = suite.prompts[0]
    assert request(suite, model, prompt, seed=0).id != request(suite, other, prompt, seed=0).id
    assert plan_of(suite, [model], machine).run_id != plan_of(suite, [other], machine).run_id


@SHARED
@given(first=st.integers(0, LARGEST_SEED), second=st.integers(0, LARGEST_SEED))
def test_a_sample_is_told_apart_by_its_seed(suite: Suite, model: Model, first: int, second: int) -> None:
    ids = [request(suite, model, suite.prompts[0], seed=seed).id for seed in (first, second)]
    assert (ids[0] == ids[1]) == (first == second)
    assert len(ids[0]) == 32


def test_another_text_suite_or_model_is_another_sample(suite: Suite, models: tuple[Model, ...]) -> None:
    prompt = suite.prompts[0]
    ids = {
        request(suite, models[0], prompt, seed=0).id,
        request(suite, models[1], prompt, seed=0).id,
        request(suite, models[0], replace(prompt, text="another"), seed=0).id,
        request(replace(suite, digest="e" * 64), models[0], prompt, seed=0).id,
    }
    assert len(ids) == 4


def test_the_same_sample_has_the_same_id_in_another_run(
    suite: Suite, models: tuple[Model, ...], machine: Machine
) -> None:
    tonight = plan_of(suite, models, machine)
    tomorrow = plan_of(suite, models, machine, day=dt.date(2026, 3, 2))
    assert {request.id for request in tonight.requests} == {request.id for request in tomorrow.requests}


def test_a_model_named_twice_is_refused(suite: Suite, model: Model, machine: Machine) -> None:
    with pytest.raises(HalflifeError, match="Expected each model once, got painter more than once"):
        plan_of(suite, [model, model], machine)


@pytest.mark.parametrize("seeds", [(1, 1), (-1,), (2**53,), ()])
def test_seeds_that_make_no_plan_are_refused(
    suite: Suite, model: Model, machine: Machine, seeds: tuple[int, ...]
) -> None:
    with pytest.raises(HalflifeError, match=r"Expected (each seed once|seeds from 0|at least one seed)"):
        plan_of(suite, [model], machine, seeds=seeds)


def test_no_model_is_refused(suite: Suite, machine: Machine) -> None:
    with pytest.raises(HalflifeError, match="Expected at least one model"):
        plan_of(suite, [], machine)


def test_a_model_of_another_task_is_refused(suite: Suite, model: Model, machine: Machine) -> None:
    with pytest.raises(HalflifeError, match="got 'painter' for text-to-video"):
        plan_of(suite, [replace(model, task="text-to-video")], machine)
