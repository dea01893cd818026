"""Measured cells on a cost surface: on their accelerator's curve where they lie on it, and the predictions' ground."""

import datetime as dt
from dataclasses import replace
from pathlib import Path

import pytest

from data.architectures.shape import ShapeRequest
from data.catalogue.accelerator import Accelerator, accelerator, accelerators
from data.catalogue.library import load_catalogue
from data.errors import ServiceError
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
from data.vocabulary import Machine
from leaderboard.board import connection
from leaderboard.board.charts import cost_frames, profile_frames
from leaderboard.board.tables import cost_model
from leaderboard.cost_model import surface_tables as cost_surface
from leaderboard.cost_model.calibration import calibration_for
from leaderboard.cost_model.surface import OWN_STEPS, RESOLUTIONS, Surface, SurfaceQuery
from leaderboard.cost_model.target import DeploymentTarget, offered

AT = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)
MACHINE = Machine(
    name="nowhere's",
    device="cpu",
    cpu="a CPU",
    cores=2,
    memory_bytes=2**34,
    gpu=None,
    usd_per_hour=0.1,
    price_source="declared",
)
WISH = SurfaceQuery(
    resolution=RESOLUTIONS[4],
    seconds=5.0,
    steps=OWN_STEPS,
    place=DeploymentTarget(accelerator=accelerator("h200"), software="eager", usd_per_hour=3.6),
)


def on(chosen: Accelerator) -> SurfaceQuery:
    return replace(WISH, place=replace(WISH.place, accelerator=chosen))


def cell(model: str, asked: ShapeRequest, seconds: float, on: str = "h200") -> Measurement:
    atlas = load_flops_model()
    shape = atlas.shape(model, asked)
    setup = Setup(
        model=model,
        revision="random",
        weights="random",
        shape=shape,
        configuration=Configuration(dtype="bfloat16"),
        accelerator=on,
        processor="a processor",
        repeats=1,
        versions={},
    )
    nominal = float(atlas.totals(model, [shape])[0])
    return Measurement(
        setup=setup,
        status="ok",
        seconds=Seconds(steady=(seconds,)),
        memory=Memory(),
        energy=Energy(reason="none"),
        work=ComputeWork(nominal=nominal, executed=nominal),
        machine=MACHINE,
        seed=0,
        measured_at=AT,
    )


CELLS = (
    cell("flux.1-dev", ShapeRequest(width=512, height=512), 2.0),
    cell("flux.1-dev", ShapeRequest(width=512, height=512, steps=4), 0.5),
    cell("flux.1-dev", ShapeRequest(), 6.0, "cpu"),
    cell("wan2.1-14b", ShapeRequest(width=1024, height=1024, frames=33), 300.0),
)


@pytest.fixture(scope="module")
def surface() -> Surface:
    return Surface(load_flops_model(), CELLS)


def test_a_cell_is_drawn_where_it_lies_on_the_curve_of_its_accelerator_alone(surface: Surface) -> None:
    marks = cost_frames.marks(surface, ["flux.1-dev", "wan2.1-14b"], WISH, by="megapixels")
    (row,) = marks[marks["mark"] == "measured"].to_dict("records")
    assert (row["model"], row["seconds"]) == ("flux.1-dev", 2.0)
    assert row["usd"] == pytest.approx(2.0 * 3.6 / 3600)
    assert row["tflop"] == pytest.approx(CELLS[0].work.nominal / 1e12)
    few = cost_surface.measured(surface, "flux.1-dev", replace(WISH, steps=4), by="megapixels")
    assert list(few["seconds"]) == [0.5]
    elsewhere = on(offered(surface.cells, load_catalogue())["cpu"])
    assert list(cost_surface.measured(surface, "flux.1-dev", elsewhere, by="megapixels")["seconds"]) == [6.0]


def test_a_video_is_drawn_by_its_duration(surface: Surface) -> None:
    assert list(cost_surface.measured(surface, "wan2.1-14b", WISH, by="duration")["seconds"]) == [300.0]
    assert cost_surface.measured(surface, "wan2.1-14b", replace(WISH, resolution=RESOLUTIONS[2]), by="duration").empty


def test_predictions_rest_on_the_homes_own_cells(surface: Surface) -> None:
    assert surface.answer("flux.1-dev", WISH).basis.startswith("predicted from its own 2 measured cells")
    assert surface.answer("flux.1-dev", replace(WISH, place=replace(WISH.place, software="compiled"))).basis.startswith(
        "predicted from 1 publish"
    )


def test_what_was_measured_on_and_is_not_listed_can_be_chosen_and_has_no_peak(surface: Surface) -> None:
    by_name = offered(surface.cells, load_catalogue())
    assert list(by_name) == [*accelerators(), "cpu"]
    cpu = by_name["cpu"]
    assert (cpu.title, cpu.memory_gib, cpu.machine) == ("CPU (a processor)", 16.0, "workstation-cpu")
    assert "peak" not in cost_model.about(on(cpu))
    profile = surface.flops_model.profile("sdxl", surface.flops_model.shape("sdxl"))
    with pytest.raises(ServiceError, match=r"Expected an accelerator whose peak is known, got CPU \(a processor\)"):
        profile_frames.roofline(profile, cpu)
    borrowed = calibration_for(
        cpu, "compiled", measured=(), flops_model=surface.flops_model, network="unet", model="sdxl"
    )
    assert borrowed is None


def test_a_homes_cells_are_on_the_surface_as_soon_as_they_are_kept(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    assert connection.cost_surface(home).cells == ()
    with new_journal(home, AT) as journal:
        write_measurements(journal, CELLS)
        lost = replace(CELLS[0], setup=replace(CELLS[0].setup, repeats=9), status="failed", reason="No.")
        write_measurements(journal, [lost])
    cells = connection.cost_surface(home).cells
    assert sorted(cell.setup.id for cell in cells) == sorted(cell.setup.id for cell in CELLS)
    assert connection.cost_surface().cells == ()
