import datetime as dt
import io

import pytest
from rich.console import Console

from halflife.output.standings import standings
from leaderboard.inference.rates import rate_interval
from leaderboard.standings import daily
from leaderboard.standings.selection import select


def table(warehouse, where="true"):
    with warehouse.cursor() as cursor:
        return cursor.table("standings").filter(where).order("day, category, rank, model").df()


@pytest.fixture
def season(warehouse, fill, ladder, made):
    _, run = made
    fill(run(run_id="r1", models=ladder))
    return warehouse


def test_a_replayed_season_has_ninety_days_and_enters_models_on_their_day(season):
    daily.update(season)
    rows = table(season, "category = '*'")
    assert rows["day"].nunique() == 90
    sizes = rows.groupby(rows["day"].dt.date).size()
    assert [sizes[dt.date(2026, 1, 1) + dt.timedelta(days=n)] for n in (0, 14, 15, 40, 60, 65)] == [3, 3, 4, 5, 4, 5]


def test_a_retired_model_is_out_from_its_date_on(season):
    daily.update(season)
    frame = table(season, "model = 'm2'")
    assert frame["day"].max().date() == dt.date(2026, 1, 1) + dt.timedelta(days=59)


def test_days_between_changes_are_copies(season):
    assert daily.update(season) == 5
    rows = table(season, "category = '*' AND day >= '2026-01-01' AND day < '2026-01-16'").drop(columns="day")
    assert len(rows.drop_duplicates()) == 3


def test_a_second_update_computes_nothing_and_changes_nothing(season):
    daily.update(season)
    before = table(season)
    assert daily.update(season) == 0
    assert table(season).equals(before)


def test_another_k_computes_everything_again(season):
    daily.update(season)
    assert daily.update(season, k=2) == 5
    assert set(table(season)["k"]) == {2}


def test_every_row_has_its_rank_inside_its_rank_set_and_its_mean_inside_its_interval(season):
    daily.update(season)
    rows = table(season)
    assert ((rows["rank_best"] <= rows["rank"]) & (rows["rank"] <= rows["rank_worst"])).all()
    frame = rows.dropna(subset=["low"])
    assert ((frame["low"] <= frame["estimate"]) & (frame["estimate"] <= frame["high"])).all()


def test_the_chances_of_the_top_k_add_up_to_k(season):
    daily.update(season)
    sums = table(season).groupby(["day", "category"])["p_top_k"].sum()
    assert sums.round(9).eq(3).all()


def test_failures_stand_beside_and_are_never_averaged_in(warehouse, fill, made):
    model, run = made
    fill(run(run_id="r1", models=(model(name="good", right=1.0, failing=0.25), model(name="other", right=0.5))))
    daily.update(warehouse)
    good = table(warehouse, "model = 'good' AND category = '*' AND day = '2026-01-01'").iloc[0]
    assert good["estimate"] == 1.0
    assert good["n_not_ok"] > 5
    assert good["n_samples"] + good["n_not_ok"] == 80


def test_a_model_that_always_fails_stands_without_estimate_or_rank(warehouse, fill, made):
    model, run = made
    fill(run(run_id="r1", models=(model(name="broken", right=1.0, failing=1.0), model(name="fine", right=0.5))))
    daily.update(warehouse)
    rows = table(warehouse, "category = '*' AND day = '2026-01-01'").set_index("model")
    assert rows.loc["broken", ["estimate", "rank", "p_top_k"]].isna().all()
    assert (rows.loc["broken", "n_not_ok"], rows.loc["fine", "rank"], rows.loc["fine", "rank_worst"]) == (80, 1, 1)


GATE = """
    INSERT INTO scores BY NAME
    SELECT run_id, sample, model, prompt, category, 'integrity_ok' AS metric, ? AS value, 'integrity' AS evaluator,
           ? AS version, 'fp' AS fingerprint
    FROM samples WHERE status = 'ok' AND sample LIKE ?
"""


def gate(warehouse, samples, value, *, version="1"):
    """Write a verdict on samples, as ingesting it would."""
    with warehouse.cursor() as cursor:
        cursor.execute(GATE, [value, version, samples])


def test_unsound_samples_stand_beside_quality_and_are_never_averaged_in(warehouse, fill, made):
    model, run = made
    fill(run(run_id="r1", models=(model(name="black", right=0.5), model(name="fine", right=0.5))))
    with warehouse.cursor() as cursor:
        cursor.execute("UPDATE scores SET value = (sample LIKE '%-0')::INTEGER WHERE model = 'black'")
    gate(warehouse, "%", 1.0)
    daily.update(warehouse)
    assert table(warehouse, "model = 'black' AND category = '*'")["estimate"].iloc[0] == 0.5
    with warehouse.cursor() as cursor:
        cursor.execute("DELETE FROM means_state")
        cursor.execute("DELETE FROM standings_inputs")
    gate(warehouse, "black-%-0", 0.0, version="2")
    daily.update(warehouse)
    rows = table(warehouse, "category = '*' AND day = '2026-01-01'").set_index("model")
    black, fine = rows.loc["black"], rows.loc["fine"]
    assert (black["estimate"], black["n_samples"], black["n_not_ok"], black["n_unsound"]) == (0.0, 40, 0, 40)
    exact = rate_interval(40, 80)
    assert (black["unsound"], black["unsound_low"], black["unsound_high"]) == (0.5, exact.low, exact.high)
    assert (fine["n_unsound"], fine["unsound_low"]) == (0, 0.0)
    assert fine["unsound_high"] == rate_interval(0, 80).high


def test_the_terminal_prints_the_share_of_unsound_samples_where_there_are_any(warehouse, fill, made):
    model, run = made
    fill(run(run_id="r1", models=(model(name="black", right=0.5), model(name="fine", right=0.5))))
    gate(warehouse, "%", 1.0)
    assert "unsound" not in printed(warehouse)
    with warehouse.cursor() as cursor:
        cursor.execute("DELETE FROM means_state")
        cursor.execute("DELETE FROM standings_inputs")
    gate(warehouse, "black-%-0", 0.0, version="2")
    text = printed(warehouse)
    assert "50.0\u202f% (38.6–61.4\u202f%)" in text
    assert "unsound: came, and is undecodable, blank" in text


def printed(warehouse):
    daily.update(warehouse)
    console = Console(file=io.StringIO(), width=160)
    with warehouse.cursor() as cursor:
        standings(console, cursor, select(cursor, suite="shapes", calendar="replayed"))
    return console.file.getvalue()


def test_a_model_whose_every_sample_is_unsound_stands_without_estimate_or_rank(warehouse, fill, made):
    model, run = made
    fill(run(run_id="r1", models=(model(name="black", right=1.0, failing=0.2), model(name="fine", right=0.5))))
    gate(warehouse, "black-%", 0.0)
    daily.update(warehouse)
    rows = table(warehouse, "category = '*' AND day = '2026-01-01'").set_index("model")
    assert rows.loc["black", ["estimate", "rank", "p_top_k"]].isna().all()
    assert rows.loc["black", "n_unsound"] + rows.loc["black", "n_not_ok"] == 80
    assert rows.loc["fine", "rank"] == 1


def test_a_live_calendar_holds_the_newest_run_of_each_model_from_its_day_on(warehouse, fill, made):
    model, run = made
    day = dt.date(2026, 3, 1)
    low, high = model(name="a", right=0.2), model(name="a", right=0.95)
    fill(
        run(run_id="r1", calendar="live", day=day, models=(low, model(name="b", right=0.5))),
        run(
            run_id="r2",
            calendar="live",
            day=day + dt.timedelta(days=3),
            models=(high,),
            seed=2,
            committed_at=dt.datetime(2026, 5, 4),
        ),
    )
    daily.update(warehouse)
    leaders = table(warehouse, "category = '*' AND rank = 1")
    assert leaders["model"].tolist() == ["b", "b", "b", "a"]


def test_a_new_nightly_run_leaves_earlier_days_as_they_were(warehouse, fill, made):
    model, run = made
    day, models = dt.date(2026, 3, 1), (model(name="a", right=0.4), model(name="b", right=0.6))
    fill(run(run_id="r1", calendar="live", day=day, models=models))
    daily.update(warehouse)
    first = table(warehouse)
    later = dt.datetime(2026, 5, 2)
    fill(run(run_id="r2", calendar="live", day=day + dt.timedelta(days=1), models=models, seed=2, committed_at=later))
    assert daily.update(warehouse) == 1
    assert table(warehouse, "day = '2026-03-01'").equals(first)


def test_scores_of_another_evaluator_version_are_never_compared(warehouse, fill, made):
    model, run = made
    day = dt.date(2026, 3, 1)
    a, b = model(name="a", right=0.4), model(name="b", right=0.6)
    fill(
        run(run_id="r1", calendar="live", day=day, models=(a, b), version="1.9"),
        run(run_id="r2", calendar="live", day=day, models=(b,), version="1.10", committed_at=dt.datetime(2026, 5, 3)),
    )
    daily.update(warehouse)
    rows = table(warehouse, "category = '*'")
    assert rows[["model", "version", "rank_worst"]].to_numpy().tolist() == [["b", "1.10", 1]]


def test_progress_counts_every_span(season):
    class Counted:
        begun, done, ended = 0, 0, 0

        def begin(self, name, total):
            self.begun += total

        def advance(self, steps=1):
            self.done += steps

        def end(self):
            self.ended += 1

    counted = Counted()
    daily.update(season, progress=counted)
    assert (counted.begun, counted.done, counted.ended) == (5, 5, 1)


def test_an_empty_warehouse_has_nothing_to_compute(warehouse):
    assert daily.update(warehouse) == 0
