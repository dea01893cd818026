"""Measured cells have the price of what they made: machine time of then or as given, energy at a tariff, the pace."""

import io
import json
from collections.abc import Callable
from dataclasses import replace

import pytest
from rich.console import Console

from data.architectures.shape import ShapeRequest
from data.catalogue.library import load_catalogue
from data.errors import UnknownNameError
from data.flops.flops_model import load_flops_model
from data.measurements import Measurement
from halflife.output.measured_costs import MeasuredCost, measured_cost
from halflife.output.measurements import measured, measured_json
from leaderboard.cost_model.target import TargetOptions

FLOPS_MODEL, KNOWN = load_flops_model(), load_catalogue()
VIDEO = FLOPS_MODEL.shape("wan2.1-1.3b", ShapeRequest(frames=81))
PICTURES = FLOPS_MODEL.shape("sdxl", ShapeRequest(batch=4))


def price(cell: Measurement, terms: TargetOptions) -> MeasuredCost:
    cost = measured_cost(cell, terms, KNOWN)
    assert cost is not None
    return cost


def shown(cells: list[Measurement], terms: TargetOptions) -> str:
    console = Console(width=120, record=True, file=io.StringIO())
    measured(console, cells, [measured_cost(cell, terms, KNOWN) for cell in cells])
    return console.export_text()


def test_a_call_has_the_price_of_its_machine_then_of_a_machine_that_is_named_or_as_given(
    cell_of: Callable[..., Measurement],
) -> None:
    cell = cell_of("sdxl", PICTURES, 3.6, on="h200")
    assert price(cell, TargetOptions()).cost.usd == pytest.approx(0.1 / 1000)
    assert price(cell, TargetOptions(machine="h200")).cost.usd == pytest.approx(3.8 / 1000)
    assert price(cell, TargetOptions(usd_per_hour=2.0)).cost.usd_an_image == pytest.approx(2 / 1000 / 4)
    with pytest.raises(UnknownNameError, match="Did you mean 'h200'"):
        measured_cost(cell, TargetOptions(machine="h20"), KNOWN)


def test_a_video_shows_its_second_its_energy_and_its_pace(cell_of: Callable[..., Measurement]) -> None:
    cell = cell_of("wan2.1-1.3b", VIDEO, 100.0, 110.0, 120.0, on="h200", joules=1.8e6)
    printed = shown([cell], TargetOptions(usd_per_hour=3.6, usd_per_kwh=0.5))
    assert all(
        word in printed for word in ("a second of video", "energy of a call", "real-time factor", "No pipeline here")
    )
    (row,) = (line.split() for line in printed.splitlines() if "$0.36" in line)
    assert row[-4:] == ["$0.36", "$0.071", "$0.25", "0.0460"]
    assert "21.7 s for a second of video" in printed
    (record,) = json.loads(json.dumps(measured_json([cell], [price(cell, TargetOptions(usd_per_kwh=0.5))])))
    assert record["cost"]["usd_energy"] == pytest.approx(0.25)


def test_pictures_show_an_image_and_neither_pace_nor_energy_without_a_tariff(
    cell_of: Callable[..., Measurement],
) -> None:
    printed = shown([cell_of("sdxl", PICTURES, 3.6, on="h200", joules=900.0)], TargetOptions(usd_per_hour=4.0))
    (row,) = (line.split() for line in printed.splitlines() if "$0.0040" in line)
    assert row[-2:] == ["$0.0040", "$0.0010"]
    assert not any(word in printed for word in ("energy of a call", "real-time factor", "No pipeline here"))


def test_a_cell_that_ran_out_of_memory_has_no_price(cell_of: Callable[..., Measurement]) -> None:
    failed = replace(cell_of("sdxl", PICTURES, 1.0, on="h200"), status="out-of-memory", reason="Full.")
    assert measured_cost(failed, TargetOptions(), KNOWN) is None
    assert "What it costs" not in shown([failed], TargetOptions())
    assert measured_json([failed], [None])[0]["cost"] is None
