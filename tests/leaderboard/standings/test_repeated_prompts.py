"""Entries of one text are one prompt in everything that is computed of prompts."""

from collections import defaultdict
from statistics import fmean

import pandas as pd
import pytest

from leaderboard.inference.intervals import mean_interval
from leaderboard.reports.page_data import paired_differences
from leaderboard.routing.decisions.load_evidence import evidence
from leaderboard.routing.simulation.split import halves
from leaderboard.standings import daily, queries
from leaderboard.standings.selection import select

TEXTS = [f"text {number % 13}" for number in range(40)]
"""Of 40 entries, of which the even ones are in one category and the odd ones in the other."""


@pytest.fixture
def cursor(warehouse, fill, made):
    model, run = made
    models = model(name="a", right=0.8, failing=0.2), model(name="b", right=0.5)
    fill(run(run_id="r1", models=models, seeds=(0, 1, 2)))
    with warehouse.cursor() as cursor:
        units = {}
        rows = [
            {
                "run_id": "r1",
                "prompt": f"p{number:03}",
                "text": text,
                "category": ("single", "pair-left-right")[number % 2],
                "prompt_unit": units.setdefault(text, f"p{number:03}"),
                "tags": [],
                "held_out": False,
            }
            for number, text in enumerate(TEXTS)
        ]
        cursor.from_df(pd.DataFrame(rows)).query("rows", "INSERT INTO prompts BY NAME SELECT * FROM rows")
        daily.update(warehouse)
        yield cursor


def expected(cursor, model: str, category: str) -> list[float]:
    """The mean of each text: of its entries, each the mean of its seeds."""
    scores = cursor.execute(
        "SELECT prompt, value FROM scores WHERE model = ? AND (? = '*' OR category = ?) AND value IS NOT NULL",
        [model, category, category],
    ).fetchall()
    entries: dict[str, list[float]] = defaultdict(list)
    for prompt, value in scores:
        entries[prompt].append(value)
    texts: dict[str, list[float]] = defaultdict(list)
    for prompt, values in entries.items():
        texts[TEXTS[int(prompt[1:])]].append(fmean(values))
    return [fmean(means) for means in texts.values()]


@pytest.mark.parametrize("category", ["*", "single", "pair-left-right"])
@pytest.mark.parametrize("model", ["a", "b"])
def test_a_standing_is_of_texts_as_plain_python_computes_them(cursor, model, category):
    row = cursor.execute(
        "SELECT estimate, low, high, n_prompts FROM standings WHERE model = ? AND category = ? AND day = '2026-01-01'",
        [model, category],
    ).fetchone()
    means = expected(cursor, model, category)
    interval = mean_interval(means, bounds=(0.0, 1.0))
    assert row[3] == len(means) == 13
    assert row[:3] == pytest.approx((fmean(means), interval.low, interval.high), abs=1e-12)


def test_pairs_costs_and_seeds_are_of_texts_too(cursor):
    selection = select(cursor)
    (pair,) = paired_differences(cursor, selection, ("a", "b")).to_dict("records")
    assert pair["n_prompts"] == 13
    means = [fmean(expected(cursor, model, "*")) for model in "ab"]
    assert pair["difference"] == pytest.approx(means[0] - means[1], abs=1e-12)
    assert {model: len(usd) for model, usd in queries.costs(cursor, selection).items()} == {"a": 13, "b": 13}
    assert queries.single_scores(cursor, selection)["prompt"].nunique() == 13


def test_a_route_decides_by_texts_and_never_has_one_on_both_sides(cursor):
    measured = evidence(cursor, suite="shapes", calendar="replayed")
    overall, *parts = measured.windows
    assert len(overall.prompts) == len(overall.means) == 13
    assert {len(window.prompts) for window in parts} == {13}
    first, second = halves(measured.windows, 0)
    sides = [{prompt for window in side for prompt in window.prompts} for side in (first, second)]
    assert not sides[0] & sides[1]
    assert (len(sides[0]), len(sides[1])) == (7, 6)
