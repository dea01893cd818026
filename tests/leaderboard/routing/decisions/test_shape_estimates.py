"""Local models at a shape that a tier asks for and no run was made at: from cells, else from a prediction."""

import datetime as dt
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from data.architectures.library import architecture
from data.architectures.shape import ShapeRequest
from data.flops.flops_model import load_flops_model
from data.home import Home
from data.measurements import (
    ComputeWork,
    Configuration,
    Energy,
    Measurement,
    Memory,
    Seconds,
    Setup,
    new_journal,
    write_measurements,
)
from data.store.warehouse import Warehouse
from data.vocabulary import Machine, Settings
from halflife.output.routes import routes
from halflife.workflows.publish import publish_routes
from leaderboard.routing.decisions.decision_window import OutputShape
from leaderboard.routing.decisions.evidence import Evidence
from leaderboard.routing.decisions.load_evidence import evidence
from leaderboard.routing.decisions.shape_estimates import RunTiming, ShapeEstimates
from leaderboard.routing.policy.rules import TIER_RULES, Policy, RequiredShape, TierRule
from leaderboard.routing.revision import sealed
from leaderboard.routing.rounding import rounded
from leaderboard.routing.serving.advisor import RouteQuery, recommend
from leaderboard.routing.serving.reproduce import derive
from leaderboard.routing.table.build import build, build_from
from leaderboard.routing.table.explain import explain
from leaderboard.routing.table.lint import lint
from leaderboard.routing.table.model import RoutingTable
from leaderboard.routing.view import view
from leaderboard.standings import daily

AT = dt.datetime(2026, 4, 1, tzinfo=dt.UTC)
BOX = Machine(
    name="box",
    device="cpu",
    cpu="a CPU",
    cores=2,
    memory_bytes=2**34,
    gpu=None,
    usd_per_hour=0.1,
    price_source="declared",
)
LARGE = Policy(tiers={**TIER_RULES, "hero": TierRule(resolution=(1024, 1024))})
Measured = Callable[..., Evidence]


def cell(model: str, seconds: float, side: int = 1024, *, calls: int = 10, **changes: Any) -> Measurement:
    atlas = load_flops_model()
    shape = atlas.shape(model, ShapeRequest(width=side, height=side, steps=8, guidance=2.5))
    nominal = float(atlas.totals(model, [shape])[0])
    steady = tuple(seconds * (1 + (i % 3 - 1) / 100) for i in range(calls))
    made = Measurement(
        setup=Setup(
            model=model,
            revision="random",
            weights="random",
            shape=shape,
            configuration=Configuration(dtype="float32"),
            accelerator="cpu",
            processor="a CPU",
            repeats=calls,
            versions={},
        ),
        status="ok",
        seconds=Seconds(steady=steady),
        memory=Memory(),
        energy=Energy(reason="none"),
        work=ComputeWork(nominal=nominal, executed=nominal),
        machine=BOX,
        seed=0,
        measured_at=AT,
    )
    setup = {name: value for name, value in changes.items() if hasattr(made.setup, name)}
    own = {name: value for name, value in changes.items() if name not in setup}
    return replace(made, setup=replace(made.setup, **setup), **own)


@pytest.fixture
def measured(warehouse: Any, fill: Any, made: Any) -> Measured:
    """Evidence of a run of three models at 512x512, with some cells beside it."""
    model, run = made
    models = (
        model(name="sdxl", right=0.9, usd=2e-4, size=512),
        model(name="pixart-sigma-xl", right=0.85, usd=1e-4, size=512),
        model(name="nobody-knows", right=0.95, usd=1e-4, size=512),
    )
    fill(run(run_id="r1", models=models, prompts=40))
    daily.update(warehouse)

    def of(*cells: Measurement) -> Evidence:
        if cells:
            keep(warehouse.home, *cells)
        warehouse.ingest_measurements()
        with warehouse.cursor() as cursor:
            return evidence(cursor, suite="shapes", calendar="replayed")

    return of


def hero(table: RoutingTable | dict[str, Any]) -> dict[str, Any]:
    """The JSON of the candidate that serves the overall hero."""
    content = table.to_json() if isinstance(table, RoutingTable) else table
    route = next(one for one in content["routes"] if one["category"] == "overall")
    candidate: dict[str, Any] = route["tiers"]["hero"]["candidates"][0]
    return candidate


def test_without_a_cell_the_runs_own_calls_predict(measured: Measured, now: dt.datetime) -> None:
    found = measured()
    table = build(found, LARGE, generated_at=now)
    served, atlas = hero(table), load_flops_model()
    small, large = atlas.totals(
        "sdxl",
        [atlas.shape("sdxl", ShapeRequest(width=side, height=side, steps=8, guidance=2.5)) for side in (512, 1024)],
    )
    own = found.windows[0].stats["sdxl"].seconds
    assert own is not None
    assert served["deployment"] == "sdxl"
    assert served["at_shape"]["latency_s"] == {"p50": pytest.approx(own * large / small, rel=1e-4), "p95": None}
    assert served["at_shape"]["cost_usd"] == pytest.approx(own * large / small * 0.1 / 3600, rel=1e-4)
    assert (served["at_shape"]["size"], served["at_shape"]["scored_at"]) == ("1024x1024", "512x512")
    assert (served["at_shape"]["basis"], served["at_shape"]["said"]) == (
        "predicted",
        "predicted from 1 measured cell, extrapolated",
    )
    assert lint(table) == []


def test_the_board_and_the_terminal_say_that_it_is_another_shape(measured: Measured, now: dt.datetime) -> None:
    table = build(measured(cell("sdxl", 30.0)), LARGE, generated_at=now)
    words = "at 1024x1024: cost and time measured, 10 calls on 2026-04-01; scored at 512x512"
    assert {one.tier: one.at_shape for one in view(table).tiers if one.category == "overall"} == {
        "hero": words,
        "workhorse": None,
    }
    console = Console(record=True, width=200)
    routes(console, table)
    assert f"image.overall.hero {words}." in console.export_text()


def test_a_cell_at_that_shape_stands_before_a_prediction(measured: Measured, now: dt.datetime) -> None:
    table = build(measured(cell("sdxl", 30.0), cell("sdxl", 20.0, 768)), LARGE, generated_at=now)
    at = hero(table)["at_shape"]
    assert (at["basis"], at["said"]) == ("measured", "measured, 10 calls on 2026-04-01")
    assert at["latency_s"]["p50"] == 30.0
    assert at["latency_s"]["p95"] >= 30.3
    assert at["cost_usd"] == pytest.approx(30 * 0.1 / 3600, rel=1e-5)
    assert lint(table) == []


def test_twenty_calls_have_a_tail_of_their_own(measured: Measured, now: dt.datetime) -> None:
    at = hero(build(measured(cell("sdxl", 30.0, calls=21)), LARGE, generated_at=now))["at_shape"]
    assert at["latency_s"]["p95"] == pytest.approx(30.3)


@pytest.mark.parametrize(
    "changes",
    [
        {"processor": "another CPU"},
        {"configuration": Configuration(dtype="bfloat16")},
        {"configuration": Configuration(dtype="float32", compiled="whole")},
        {"revision": "another"},
    ],
    ids=["processor", "dtype", "compiled", "revision"],
)
def test_cells_of_something_else_say_nothing(measured: Measured, now: dt.datetime, changes: dict[str, Any]) -> None:
    assert (
        hero(build(measured(cell("sdxl", 30.0, **changes)), LARGE, generated_at=now))["at_shape"]["basis"]
        == "predicted"
    )


def test_what_ran_out_of_memory_there_does_not_serve(measured: Measured, now: dt.datetime) -> None:
    dead = replace(cell("sdxl", 1.0), status="out-of-memory", reason="No memory.", seconds=Seconds())
    assert hero(build(measured(dead), LARGE, generated_at=now))["deployment"] == "pixart-sigma-xl"


def test_a_model_whose_architecture_is_unknown_serves_its_own_shape_alone(measured: Measured) -> None:
    explained, _ = explain(measured(), LARGE, "text-to-image.overall")
    words = {one.model: one.words for one in explained.field}
    assert words["nobody-knows"] == "Breaks the tier's budget: it makes 512x512, 1024x1024 asked for."


def test_an_explanation_says_where_cost_and_time_come_from(measured: Measured) -> None:
    explained, plain = explain(measured(cell("sdxl", 30.0)), LARGE, "text-to-image.overall")
    (holder,) = (one for one in explained.field if one.holds)
    words = "makes 1024x1024, 1024x1024 asked for; cost and time measured, 10 calls on 2026-04-01, quality at 512x512"
    assert [one.words for one in holder.verdicts] == [words]
    assert holder.seconds == 30.0
    assert next(one for one in plain.field if one.model == "sdxl").seconds != 30.0


def test_a_latency_budget_holds_at_the_shape(measured: Measured, now: dt.datetime) -> None:
    rule = TierRule(resolution=(1024, 1024), max_latency_p95_s=20.0)
    table = build(
        measured(cell("sdxl", 30.0, calls=20), cell("pixart-sigma-xl", 10.0, calls=20)),
        Policy(tiers={**TIER_RULES, "hero": rule}),
        generated_at=now,
    )
    assert hero(table)["deployment"] == "pixart-sigma-xl"


def test_lint_holds_a_tier_to_its_budget_at_the_shape(measured: Measured, now: dt.datetime) -> None:
    rule = TierRule(resolution=(1024, 1024), max_latency_p95_s=40.0, max_cost_usd=0.01)
    policy = Policy(tiers={**TIER_RULES, "hero": rule})
    table = build(measured(cell("sdxl", 30.0, calls=20)), policy, generated_at=now)
    assert lint(table) == []
    for key, value in (("cost_usd", 0.02), ("latency_s", {"p50": 30.0, "p95": 41.0})):
        broken = table.to_json()
        hero(broken)["at_shape"][key] = value
        assert [one.code for one in lint(RoutingTable.model_validate(sealed(broken)))] == ["budget"]


def test_the_cheapest_is_the_cheapest_at_the_shape(measured: Measured) -> None:
    found = measured(cell("sdxl", 5.0), cell("pixart-sigma-xl", 30.0))
    thrifty = TierRule(objective="cheapest-within-tolerance", quality_share=0.8)
    for rule, expected in ((thrifty, "pixart-sigma-xl"), (replace(thrifty, resolution=(1024, 1024)), "sdxl")):
        only = replace(found, windows=tuple(_without(one, "nobody-knows") for one in found.windows))
        _, workhorse = explain(only, Policy(tiers={**TIER_RULES, "workhorse": rule}), "text-to-image.overall")
        assert workhorse.decision.incumbent == expected


def _without(window: Any, model: str) -> Any:
    kept = [i for i, name in enumerate(window.models) if name != model]
    return replace(window, models=tuple(window.models[i] for i in kept), means=window.means[:, kept])


def video(frames: int = 33, fps: float | None = 16.0) -> ShapeEstimates:
    settings = Settings(width=832, height=480, frames=frames, fps=fps, steps=50, guidance=5.0)
    run = RunTiming(revision="r", dtype="bfloat16", settings=settings, seconds=100.0, machine=BOX)
    return ShapeEstimates(run, architecture("wan2.1-1.3b"), ())


@pytest.mark.parametrize(("fps", "length"), [(16.0, 81 / 16), (None, 81 / 16), (8.0, 41 / 8)])
def test_a_video_is_as_long_as_the_tier_asks_for_at_the_runs_own_rate(fps: float | None, length: float) -> None:
    found = video(fps=fps).at(RequiredShape(seconds=5.0))
    assert found is not None
    assert (found.shape, found.basis) == (OutputShape(832, 480, rounded(length)), "predicted")
    assert found.seconds is not None
    assert found.seconds > 100.0


def test_a_model_that_makes_clips_of_one_length_serves_a_tier_that_asks_for_no_more() -> None:
    settings = Settings(width=32, height=32, frames=8, fps=8.0, steps=12, guidance=3.0)
    run = RunTiming(revision="r", dtype="float32", settings=settings, seconds=1.3, machine=BOX)
    moving = ShapeEstimates(run, architecture("moving-grand"), ())
    found = moving.at(RequiredShape(seconds=1.0))
    assert found is not None
    assert found.shape == OutputShape(32, 32, 1.0)
    assert moving.at(RequiredShape(seconds=2.0)) is None


def test_a_larger_video_is_as_long_as_it_was() -> None:
    found = video().at(RequiredShape(resolution=(1280, 720)))
    assert found is not None
    assert found.shape == OutputShape(1280, 720, rounded(33 / 16))


def test_a_size_is_rounded_up_to_what_is_taken_and_a_picture_has_no_length() -> None:
    found = video().at(RequiredShape(resolution=(1000, 700)))
    assert found is not None
    assert found.shape is not None
    assert (found.shape.width, found.shape.height) == (1008, 704)
    still = ShapeEstimates(video(frames=1).run, architecture("sdxl"), ())
    assert still.at(RequiredShape(seconds=5.0)) is None


def test_an_agent_gets_the_figures_of_the_shape_that_it_asks_for(measured: Measured, now: dt.datetime) -> None:
    table = build(measured(cell("sdxl", 30.0)), LARGE, generated_at=now)
    large = recommend(table, RouteQuery(tier="hero", resolution="1024x1024"), at=now)
    assert (large["deployment"], large["latency_s"]["p50"], large["at_shape"]["basis"]) == ("sdxl", 30.0, "measured")
    assert large["cost_usd"] == pytest.approx(30 * 0.1 / 3600, rel=1e-5)
    assert recommend(table, RouteQuery(tier="hero", resolution="512x512"), at=now)["latency_s"]["p50"] < 30.0


def test_cells_lie_in_the_warehouse_and_are_read_once(warehouse: Any, measured: Measured) -> None:
    measured(cell("sdxl", 30.0), cell("sdxl", 20.0, 768))
    with warehouse.cursor() as cursor:
        rows = cursor.execute("SELECT model, width, software, len(seconds) FROM cells ORDER BY width").fetchall()
    assert rows == [("sdxl", 768, "eager", 10), ("sdxl", 1024, "eager", 10)]
    assert not warehouse.ingest_measurements()


def test_a_table_is_derived_again_with_the_cells_that_there_were(
    sealed_season: Path, tmp_path: Path, now: dt.datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    sdxl = architecture("sdxl")
    monkeypatch.setattr(
        "leaderboard.routing.decisions.operating_stats.described", lambda model: sdxl if model == "best" else None
    )
    home = Home(tmp_path / "observatory")
    shutil.copytree(sealed_season, home.path)
    shape = sdxl.shape(ShapeRequest(width=1024, height=1024))
    there = cell("sdxl", 30.0, shape=shape, processor="a cpu")
    keep(home, replace(there, measured_at=now - dt.timedelta(days=1)))
    with Warehouse.own(home) as warehouse:
        assert warehouse.ingest_measurements()
        with warehouse.cursor() as cursor:
            table = build_from(cursor, suite="shapes", calendar="replayed", generated_at=now, policy=LARGE)
    assert hero(table)["at_shape"]["latency_s"]["p50"] == 30.0
    assert derive(home, table).same_bytes
    slower = cell("sdxl", 60.0, shape=shape, processor="a cpu")
    keep(home, replace(slower, measured_at=now + dt.timedelta(days=1)))
    assert derive(home, table).same_bytes
    keep(home, replace(slower, measured_at=now - dt.timedelta(hours=1)))
    assert not derive(home, table).agrees


def test_a_new_table_knows_the_cells_that_were_measured_since_the_snapshot(
    sealed_season: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sdxl = architecture("sdxl")
    monkeypatch.setattr(
        "leaderboard.routing.decisions.operating_stats.described", lambda model: sdxl if model == "best" else None
    )
    home = Home(tmp_path / "observatory")
    shutil.copytree(sealed_season, home.path)
    before = publish_routes(home, "shapes", "replayed", policy=LARGE).content
    assert hero(before)["at_shape"]["basis"] == "predicted"
    keep(home, cell("sdxl", 30.0, shape=sdxl.shape(ShapeRequest(width=1024, height=1024)), processor="a cpu"))
    after = publish_routes(home, "shapes", "replayed", policy=LARGE)
    assert after.published
    assert hero(after.content)["at_shape"]["latency_s"]["p50"] == 30.0
    assert derive(home, after.content).same_bytes


def keep(home: Home, *cells: Measurement) -> None:
    with new_journal(home, AT) as journal:
        write_measurements(journal, cells)
