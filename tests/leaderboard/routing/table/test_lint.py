import copy

import pytest

from benchmarks.routing_table import large
from leaderboard.routing.revision import sealed
from leaderboard.routing.table.lint import lint as lint_table
from leaderboard.routing.table.parsing import parsed


def lint(content):
    table, problems = parsed(content)
    return problems if table is None else lint_table(table)


def changed(table, change):
    other = copy.deepcopy(table)
    change(other)
    return sealed(other)


def hero(table):
    return table["routes"][0]["tiers"]["hero"]


def workhorse(table):
    return table["routes"][0]["tiers"]["workhorse"]


def found(table, change):
    return {problem.code for problem in lint(changed(table, change))}


def test_a_fallback_to_nobody_is_found(table):
    assert "fallback" in found(table, lambda t: hero(t)["fallback"].update(chain=["image.ghost.hero"]))


def test_workhorse_and_hero_that_fall_back_to_each_other_are_found(table):
    assert "cycle" in found(table, lambda t: workhorse(t)["fallback"].update(chain=["image.overall.hero"]))


def test_a_tier_that_falls_back_to_itself_is_found(table):
    assert "cycle" in found(table, lambda t: hero(t)["fallback"].update(chain=["image.overall.hero"]))


def test_an_unknown_deployment_is_found(table):
    assert found(table, lambda t: hero(t)["candidates"][0].update(deployment="ghost")) == {"deployment"}


def test_a_deployment_that_cannot_do_the_task_is_found(table):
    assert "deployment" in found(table, lambda t: t["deployments"]["m5"].update(tasks=["upscale"]))


def test_two_equal_aliases_are_found(table):
    assert "alias" in found(table, lambda t: t["routes"][1]["tiers"]["hero"].update(alias="image.overall.workhorse"))


def test_weights_that_sum_to_nothing_are_found(table):
    assert found(table, lambda t: hero(t)["candidates"][0].update(weight=0)) == {"weights"}


def test_a_changed_table_no_longer_has_its_revision(table):
    problems = lint({**table, "poll_interval_s": 1})
    assert [problem.code for problem in problems] == ["revision"]


@pytest.mark.parametrize("budget", [{"max_cost_usd": 1e-9}, {"max_latency_p95_s": 1e-6}, {"min_quality": 1.5}])
def test_a_fallback_over_the_tiers_own_budget_is_found(table, budget):
    assert found(table, lambda t: hero(t)["budget"].update(budget)) == {"budget"}


def test_a_dearer_fallback_that_is_allowed_by_name_passes(table):
    def allow(other):
        hero(other)["budget"].update(max_cost_usd=1e-9)
        hero(other)["fallback"].update(allow_cost_escalation=True)

    assert found(table, allow) == set()


def test_a_budget_holds_for_whoever_a_chain_ends_at(table):
    def lengthen(other):
        far = other["routes"][1]["tiers"]["workhorse"]
        far["candidates"][0].update(score=0.01)
        far["budget"].update(min_quality=0.0)
        other["routes"][1]["tiers"]["hero"]["fallback"].update(chain=[])
        workhorse(other)["fallback"].update(chain=[far["alias"]])
        workhorse(other)["budget"].update(min_quality=0.0)

    assert [(one.code, one.where) for one in lint(changed(table, lengthen))] == [("budget", hero(table)["alias"])]


def test_a_tier_over_its_own_budget_is_found(table):
    assert found(table, lambda t: workhorse(t)["budget"].update(max_cost_usd=1e-9)) == {"budget"}


def test_a_tier_that_may_be_as_good_as_its_minimum_passes(table):
    def ask(other):
        held = workhorse(other)["candidates"][0]
        workhorse(other)["budget"].update(min_quality=(held["score"] + held["score_ci"][1]) / 2)

    assert found(table, ask) == set()


def test_a_fallback_to_another_task_is_found(table):
    def stray(other):
        other["routes"][1].update(task="upscale")
        hero(other)["fallback"].update(chain=[other["routes"][1]["tiers"]["workhorse"]["alias"]])

    assert "fallback" in found(table, stray)


def test_a_retired_deployment_that_would_be_called_is_found(table):
    assert "deployment" in found(table, lambda t: t["deployments"]["m5"].update(status="retired"))


def test_a_candidate_named_twice_is_found(table):
    assert "deployment" in found(table, lambda t: hero(t)["candidates"].append({**hero(t)["candidates"][0], "rank": 9}))


def test_two_routes_of_one_name_are_found(table):
    assert "route" in found(table, lambda t: t["routes"][1].update(id=t["routes"][0]["id"]))


def test_a_table_that_ends_before_it_begins_is_found(table):
    assert found(table, lambda t: t.update(expires_at="2020-01-01T00:00:00Z")) == {"times"}


@pytest.mark.parametrize(
    "change",
    [
        lambda t: t.update(api_key="sk-123456789012"),
        lambda t: t["deployments"]["m5"].update(token="abc"),
        lambda t: t["deployments"]["m5"].update(
            endpoint={"base_url": "https://x.example", "credential_env": "sk-live"}
        ),
        lambda t: t["deployments"]["m5"].update(
            endpoint={"base_url": "https://me:pw@x.example", "credential_env": None}
        ),
        lambda t: t["deployments"]["m5"].update(
            endpoint={"base_url": "https://x.example/?sig=1", "credential_env": None}
        ),
        lambda t: t["deployments"]["m5"]["adapters"].update(litellm={"model": "openai/x", "api_key": "sk-1234567890"}),
        lambda t: hero(t).update(alias="image/overall:hero"),
        lambda t: hero(t).update(alias="a" * 64),
        lambda t: t.update(generated_at="2026-01-01 00:00:00"),
        lambda t: t.update(serial=0),
        lambda t: t.pop("evidence"),
        lambda t: t["routes"][0]["tiers"].pop("hero"),
    ],
)
def test_what_the_schema_refuses(table, change):
    assert found(table, change) == {"schema"}


@pytest.mark.parametrize(
    "text", ["sk-abcdefgh12345678", "Bearer abcdefghijkl", "hf_abcdefghijklmn", "see ?X-Amz-Signature=1"]
)
def test_text_that_looks_like_a_credential_is_found(table, text):
    assert found(table, lambda t: hero(t)["decision"].update(reason=f"ask {text}")) == {"credential"}


def test_anything_else_than_a_table_is_refused_by_the_schema():
    assert {problem.code for problem in lint({"kind": "shopping-list"})} == {"schema"}


@pytest.mark.parametrize(
    "change",
    [
        lambda t: t["deployments"]["m5"].update(endpoint={"base_url": "https://x.example", "credential_env": "s3cret"}),
        lambda t: t["deployments"]["m5"].update(endpoint={"base_url": "https://me:s3cret@x", "credential_env": None}),
        lambda t: t["deployments"]["m5"].update(endpoint=["s3cret"]),
        lambda t: t["deployments"]["m5"].update(license={"key": "s3cret"}),
        lambda t: t["deployments"]["m5"]["adapters"].update(litellm={"model": "openai/x", "api_key": "s3cret"}),
        lambda t: hero(t).update(alias="sk-s3cret-0123456789/x"),
    ],
)
def test_a_problem_does_not_quote_what_may_be_a_secret(table, change):
    problems = lint(changed(table, change))
    assert problems
    assert not [problem for problem in problems if "s3cret" in str(problem)]


def test_the_benchmarks_large_table_holds():
    assert lint(large(routes=12, deployments=30)) == []
