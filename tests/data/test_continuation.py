"""A run goes on under the catalogue of now: what reaches a model may be mended, what a sample is may not change."""

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest

from data.continuation import check_continuation, continuation
from data.errors import HalflifeError
from data.runs import RunFolder
from data.vocabulary import LocalSource, Plan, Price, RemoteSource

REMOTE = RemoteSource(adapter="openai_images", base_url="http://127.0.0.1:1", model="m", credential_env="KEY")
PRICE = Price(unit="image", usd=0.03, as_of=dt.date(2026, 3, 1), source="a list")
MENDED: list[dict[str, Any]] = [
    {"base_url": "http://127.0.0.1:1/v1"},
    {"credential_env": "OTHER_KEY"},
    {"timeout_s": 7.0},
    {"download_hosts": ("cdn.example",)},
    {"query": {"api-version": "1"}},
    {"key_header": "api-key"},
    {"in_flight": 1},
]


def remote(plan: Plan, source: RemoteSource | LocalSource = REMOTE, **changes: Any) -> Plan:
    """The plan with one model at `source`, begun a day later."""
    models = tuple(replace(model, source=source, **changes) for model in plan.models)
    return replace(plan, models=models, created_at=plan.created_at + dt.timedelta(days=1))


@pytest.mark.parametrize("mended", MENDED)
def test_what_reaches_a_model_is_that_of_now_and_both_are_recorded(observatory: Any, mended: dict[str, Any]) -> None:
    first, now = remote(observatory.plan()), remote(observatory.plan(), replace(REMOTE, **mended), price=PRICE)
    home = observatory.home
    began = (RunFolder.create(home, first).path / "plan.json").read_bytes()
    run = RunFolder.create(home, now)
    assert run.plan.models == now.models
    assert (run.first_plan, (run.path / "plan.json").read_bytes()) == (first, began)
    assert run.plan.requests == first.requests
    assert RunFolder.open(run.path).plan == run.plan
    assert len(RunFolder.create(home, now).read_journals("catalogue")) == 1


def test_a_price_of_the_machine_counts_where_it_is_the_same_machine(observatory: Any) -> None:
    plan = observatory.plan()
    dearer = replace(plan, machine=replace(plan.machine, usd_per_hour=9.0))
    changed = continuation(plan, dearer)
    assert changed is not None
    assert changed.usd_per_hour == 9.0
    assert continuation(plan, replace(dearer, machine=replace(dearer.machine, name="other"))) is None


def test_another_model_behind_the_same_name_is_refused_once_there_are_samples(observatory: Any) -> None:
    first, now = remote(observatory.plan()), remote(observatory.plan(), replace(REMOTE, model="m2"))
    changed = continuation(first, now)
    assert changed is not None
    check_continuation(first, changed, made=())
    with pytest.raises(HalflifeError, match=r"model = 'm'\), got model = 'm2'. Give it another revision"):
        check_continuation(first, changed, made={first.models[0].id})


def test_a_folder_may_move_and_a_repository_may_not(observatory: Any) -> None:
    folder = LocalSource(kind="directory", pipeline="P", repository="/a", revision="1")
    hub = replace(folder, kind="hub")
    for source, allowed in ((folder, True), (hub, False)):
        first, now = remote(observatory.plan(), source), remote(observatory.plan(), replace(source, repository="/b"))
        changed = continuation(first, now)
        assert changed is not None
        if allowed:
            check_continuation(first, changed, made={first.models[0].id})
        else:
            with pytest.raises(HalflifeError, match="repository = '/a'"):
                check_continuation(first, changed, made={first.models[0].id})
