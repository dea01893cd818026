"""Refusals: exact rates, common prompts and refusals at the worst value, against a plain computation from the rows."""

import numpy as np
import pytest
from scipy import stats

from leaderboard.inference.intervals import mean_interval
from leaderboard.reports.exported import exported_tables
from leaderboard.standings import daily
from leaderboard.standings.refusal_reasons import NO_CODE, reason_code
from leaderboard.standings.refusals import refusals
from leaderboard.standings.selection import select

WORDS = "Refused: 400 moderation_blocked Your request req_9f1 was rejected."

CHOSEN = "SELECT sample FROM samples WHERE model = 'shy' AND CAST(substr(prompt, 2) AS INTEGER) % ? = 0 AND seed = 0"


@pytest.fixture
def refusing(warehouse, fill, made):
    """Return the cursor of a warehouse in which `shy` refuses every fourth prompt, at both seeds or one of them."""

    def build(*, seeds=(0,), every=4, higher=True):
        model, run = made
        models = (model(name="shy", right=0.9), model(name="bold", right=0.6, failing=0.1))
        fill(run(run_id="r", calendar="live", models=models, prompts=40, seeds=seeds))
        cursor = warehouse.cursor()
        samples = [row[0] for row in cursor.execute(CHOSEN, [every]).fetchall()]
        cursor.execute("DELETE FROM scores WHERE list_contains(?, sample)", [samples])
        refuse = "UPDATE samples SET status = 'refused', reason = ? WHERE list_contains(?, sample)"
        cursor.execute(refuse, [WORDS, samples])
        cursor.execute("UPDATE declared_metrics SET higher_is_better = ?", [higher])
        daily.update(warehouse)
        return cursor

    return build


def values(cursor, model):
    """Each prompt's values of a model: its scores, and None for each refused attempt."""
    rows = cursor.execute(
        "SELECT s.prompt, s.status, value FROM samples s LEFT JOIN scores USING (run_id, sample) WHERE s.model = ?",
        [model],
    ).fetchall()
    of = {}
    for prompt, status, value in rows:
        if status in ("ok", "refused"):
            of.setdefault(prompt, []).append(value if status == "ok" else None)
    return of


def of_models(cursor, **names):
    return {each.model: each for each in refusals(cursor, select(cursor, **names))}


def test_the_rate_is_exact_where_each_prompt_has_one_attempt(refusing):
    listed = of_models(refusing())
    exact = stats.binomtest(10, 40).proportion_ci(0.95, method="exact")
    shy = listed["shy"]
    assert (shy.hits, shy.attempts) == (10, 40)
    assert (shy.rate.low, shy.rate.high) == pytest.approx((exact.low, exact.high), abs=1e-9)
    assert list(listed) == ["shy", "bold"]


@pytest.mark.parametrize("seeds", [(0,), (0, 1)])
@pytest.mark.parametrize(("higher", "worst"), [(True, 0.0), (False, 1.0)])
def test_each_refused_attempt_counts_as_the_worst_value(refusing, seeds, higher, worst):
    cursor = refusing(seeds=seeds, higher=higher)
    shy = of_models(cursor)["shy"]
    filled = [np.mean([worst if v is None else v for v in each]) for each in values(cursor, "shy").values()]
    assert shy.floored.n == len(filled) == 40
    expected = mean_interval(filled, bounds=(0.0, 1.0))
    assert (shy.floored.estimate, shy.floored.low) == pytest.approx((np.mean(filled), expected.low))
    assert (shy.floored.estimate < shy.usual.estimate) == higher


def test_common_prompts_are_those_that_every_model_answered(refusing):
    cursor = refusing()
    answered = [
        {prompt: each for prompt, each in values(cursor, model).items() if None not in each}
        for model in ("shy", "bold")
    ]
    both = set(answered[0]) & set(answered[1])
    listed = of_models(cursor)
    for model, own in zip(("shy", "bold"), answered, strict=True):
        assert listed[model].common.n == len(both) < 30
        assert listed[model].common.estimate == pytest.approx(np.mean([np.mean(own[prompt]) for prompt in both]))


def test_who_refuses_nothing_keeps_its_mean(refusing):
    bold = of_models(refusing())["bold"]
    assert (bold.floored, bold.hits, bold.reasons) == (bold.usual, 0, {})


def test_a_category_counts_its_own(refusing):
    cursor = refusing()
    by = {name: of_models(cursor, category=name)["shy"] for name in ("single", "pair-left-right")}
    assert [(each.hits, each.attempts) for each in by.values()] == [(10, 20), (0, 20)]


def test_a_metric_without_a_worst_value_says_nothing(refusing):
    cursor = refusing()
    cursor.execute("UPDATE declared_metrics SET low = NULL")
    assert of_models(cursor)["shy"].floored is None


def test_a_model_that_refuses_everything_has_only_the_floor(refusing):
    shy = of_models(refusing(every=1))["shy"]
    assert (shy.usual, shy.rate.estimate, shy.floored.estimate, shy.floored.n) == (None, 1.0, 0.0, 40)


def test_exports_hold_refusals_and_their_reasons(refusing):
    tables = exported_tables(refusing())
    overall = tables["refusals"].query("category == '*' and model == 'shy'")
    assert overall[["refused", "attempts", "floored_prompts"]].values.tolist() == [[10, 40, 40]]
    reasons = tables["refusal_reasons"].query("category == '*'")
    assert reasons[["model", "reason", "refused"]].values.tolist() == [["shy", "moderation_blocked", 10]]


@pytest.mark.parametrize(
    ("reason", "code"),
    [
        (WORDS, "moderation_blocked"),
        ("Refused: 400 content-policy: no", "content-policy"),
        ("Refused: 422 contentFilter Something 123", "contentFilter"),
        ("Refused: 400 Blocked for PROHIBITED_CONTENT in run_ab12", "PROHIBITED_CONTENT"),
        ("Refused: the provider flags its picture (has_nsfw_concepts).", "has_nsfw_concepts"),
        ("Refused: the provider flags its answer (is_image_safe false).", "is_image_safe false"),
        ("The task ended: Content Moderated", "Content Moderated"),
        ("content_policy_violation: would not draw <b>this</b>", "content_policy_violation"),
        ("Refused: 400 req_abcdef was rejected by our filters, sorry about that.", NO_CODE),
        ("Refused: 400 Task 7f3e-99aa was rejected by a well-known rule of ours.", NO_CODE),
        ("Refused: 400 Bob 4 cats", NO_CODE),
        ("", NO_CODE),
        (None, NO_CODE),
    ],
)
def test_reasons_are_grouped_by_code_and_never_by_free_text(reason, code):
    assert reason_code(reason) == code
