"""What a gate measures, against independent computations, and how it judges what it measured."""

import datetime as dt
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from data.errors import InputFileError
from leaderboard.gate.checks import gate_of
from leaderboard.gate.gate_file import GateFile
from leaderboard.gate.verdict import exit_code
from leaderboard.standings import daily

FILE = Path("gate.toml")
FIRST, LATER = dt.date(2026, 1, 1), dt.date(2026, 2, 1)


@pytest.fixture
def gated(warehouse, fill, made):
    """Judge a gate's file on runs of the live calendar: `gated({"models": [...], ...}, run, …)`."""

    def judge(content, *runs):
        fill(*runs)
        daily.update(warehouse)
        with warehouse.cursor() as cursor:
            gate = gate_of(cursor, GateFile.model_validate({"calendar": "live", **content}), FILE)
            return {(check.model, check.subject): check for check in gate.checks()}

    return judge


@pytest.fixture
def pair(made):
    """A live run of a good and a worse model, each prompt once."""
    model, run = made
    good, worse = model(name="good", right=0.9, usd=2e-5), model(name="worse", right=0.6, failing=0.2, unsound=2)
    return run(run_id="r", calendar="live", models=(good, worse), prompts=80, seeds=(0,))


def column(warehouse, query, *parameters):
    with warehouse.cursor() as cursor:
        return np.array([row[0] for row in cursor.execute(query, list(parameters)).fetchall()], dtype=float)


def test_the_difference_is_that_of_the_prompts_that_both_have(gated, pair, warehouse):
    [check] = gated({"models": ["worse"], "quality": [{"model": "good", "margin": 0.05}]}, pair).values()
    gaps = column(
        warehouse,
        "SELECT a.value - b.value FROM scores a JOIN scores b USING (prompt, metric) "
        "WHERE a.model = 'worse' AND b.model = 'good' AND metric = 'shapes_correct' "
        "AND (a.run_id, a.sample) NOT IN (SELECT (run_id, sample) FROM unsound)",
    )
    assert (check.reading.n, check.reading.estimate) == (len(gaps), pytest.approx(gaps.mean()))
    drawn = np.random.default_rng(1).choice(gaps, (4000, len(gaps))).mean(axis=1)
    ends = (check.reading.low, check.reading.high)
    assert ends == pytest.approx(np.quantile(drawn, (0.025, 0.975)), abs=0.05)
    assert check.standing == "broken"
    assert check.limit == -0.05


def test_the_p95_has_the_ends_of_order_statistics(gated, pair, warehouse):
    [check] = gated({"models": ["good"], "limits": [{"p95_s": 1.0}]}, pair).values()
    seconds = np.sort(
        column(warehouse, "SELECT seconds FROM samples WHERE model = 'good' AND call = 'steady' AND status = 'ok'")
    )
    below = stats.binom(len(seconds), 0.95).cdf
    low = max(i for i in range(len(seconds)) if below(i) <= 0.025)
    high = min(i for i in range(len(seconds)) if below(i) >= 0.975)
    assert (check.reading.low, check.reading.high) == (seconds[low], seconds[high])
    assert check.reading.estimate == pytest.approx(np.quantile(seconds, 0.95))


def test_the_price_is_the_mean_cost_of_1000_attempts(gated, pair, warehouse):
    [check] = gated({"models": ["worse"], "limits": [{"usd_per_1000": 0.002}]}, pair).values()
    usd = column(warehouse, "SELECT cost_usd FROM samples WHERE model = 'worse'")
    assert (check.reading.n, check.reading.estimate) == (80, pytest.approx(1000 * usd.mean()))
    normal = 1000 * (usd.mean() + np.array([-1.99, 1.99]) * usd.std(ddof=1) / 80**0.5)
    assert (check.reading.low, check.reading.high) == pytest.approx(normal, rel=0.01)
    assert check.standing == "kept"


@pytest.mark.parametrize("rate", ["failed", "refused"])
def test_a_share_has_the_exact_interval(gated, pair, warehouse, rate):
    [check] = gated({"models": ["worse"], "limits": [{"shares": {rate: 0.5}}]}, pair).values()
    [events] = column(warehouse, "SELECT count(*) FROM samples WHERE model = 'worse' AND status = ?", rate)
    exact = stats.binomtest(int(events), 80).proportion_ci(0.95, method="exact")
    assert (check.reading.low, check.reading.high) == pytest.approx((exact.low, exact.high), abs=1e-9)


def test_a_model_is_compared_with_its_own_earlier_day(gated, made):
    model, run = made
    before = run(run_id="a", calendar="live", day=FIRST, models=(model(name="m", right=1.0),), prompts=80)
    after = run(run_id="b", calendar="live", day=LATER, models=(model(name="m", right=0.4),), prompts=80)
    [check] = gated({"models": ["m"], "quality": [{"day": FIRST}]}, before, after).values()
    assert (check.standing, check.reading.n) == ("broken", 80)
    assert check.reading.estimate < -0.3


def test_the_same_run_is_no_evidence_against_itself(gated, made):
    model, run = made
    only = run(run_id="a", calendar="live", day=FIRST, models=(model(name="m", right=1.0),))
    [check] = gated({"models": ["m"], "quality": [{"day": FIRST}]}, only).values()
    assert check.standing == "unknown"
    assert exit_code([check], "surely-broken") == 2


def test_numbers_of_another_evaluator_are_never_compared(gated, made):
    model, run = made
    runs = [
        run(run_id=name, calendar="live", day=day, models=(model(name="m", right=1.0),), version=version)
        for name, day, version in (("a", FIRST, "1"), ("b", LATER, "2"))
    ]
    [check] = gated({"models": ["m"], "quality": [{"day": FIRST}]}, *runs).values()
    assert check.standing == "unknown"
    assert "different versions" in check.sentence


def test_an_unknown_cost_leaves_the_price_open_above(gated, made):
    model, run = made
    remote = run(run_id="a", calendar="live", models=(model(name="far", right=0.9, remote=True),))
    [check] = gated({"models": ["far"], "limits": [{"usd_per_1000": 50.0}]}, remote).values()
    assert (check.standing, check.reading.reason) == ("unknown", "The cost of 80 of 80 attempts is not known.")


def test_a_margin_turns_round_where_less_is_better(gated, pair, fill, warehouse):
    fill(pair)
    with warehouse.cursor() as cursor:
        cursor.execute("UPDATE declared_metrics SET higher_is_better = false")
    [check] = gated({"models": ["worse"], "quality": [{"model": "good", "margin": 0.05}]}).values()
    assert (check.standing, check.limit, check.at_least) == ("kept", 0.05, False)


def test_a_model_that_always_failed_has_no_quality_but_a_share_of_failures(gated, made):
    model, run = made
    dead = model(name="dead", right=1.0, failing=1.0)
    both = run(run_id="a", calendar="live", models=(dead, model(name="good", right=0.9)), prompts=40)
    content = {"models": ["dead"], "quality": [{"value": 0.5}], "limits": [{"shares": {"failed": 0.1}}]}
    quality, failed = gated(content, both).values()
    assert (quality.standing, failed.standing) == ("unknown", "broken")
    assert exit_code([quality, failed], "surely-broken") == 1


@pytest.mark.parametrize(
    ("content", "key", "words"),
    [
        ({"suite": "shpaes", "models": ["good"]}, "suite", "Did you mean 'shapes'?"),
        ({"calendar": "replayed", "models": ["good"]}, "calendar", "Known: live"),
        ({"models": ["good", "god"]}, "models.1", "Did you mean 'good'?"),
        ({"models": ["*"], "quality": [{"model": "nobody"}]}, "quality.0.model", "Unknown model"),
        ({"models": ["good"], "quality": [{"model": "good"}]}, "quality.0.model", "another model"),
        ({"models": ["*"], "quality": [{"day": dt.date(2020, 1, 1)}]}, "quality.0.day", "Expected a day with"),
        ({"models": ["*"], "quality": [{"value": 1, "metric": "shapes"}]}, "quality.0.metric", "shapes_correct"),
        ({"models": ["*"], "limits": [{"p95_s": 1, "category": "singel"}]}, "limits.0.category", "'single'"),
        ({"models": ["*"], "limits": [{"shares": {"refusd": 0.1}}]}, "limits.0.shares.refusd", "'refused'"),
    ],
)
def test_a_name_that_is_not_there_is_said_with_its_key(gated, pair, content, key, words):
    with pytest.raises(InputFileError, match=r"gate\.toml") as caught:
        gated({"limits": [{"p95_s": 1.0}], **content}, pair)
    assert caught.value.key == key
    assert words in str(caught.value)
