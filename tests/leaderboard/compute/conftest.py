"""Cells of accelerators that this machine has not, written as measuring would keep them."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from data.architectures.shape import Shape
from data.atlas.atlas import load_atlas
from data.profiles import Cell, Configuration, Energy, Memory, Seconds, Setup, Work
from data.vocabulary import Machine


@pytest.fixture
def cell_of() -> Callable[..., Cell]:
    """Makes a cell that is ok: `cell_of("sdxl", shape, 2.0, 2.1, on="h200", joules=900.0)`."""
    return made_cell


def made_cell(model: str, shape: Shape, *steady: float, on: str, joules: float | None = None, **setup: Any) -> Cell:
    nominal = float(load_atlas().totals(model, [shape])[0])
    return Cell(
        setup=Setup(
            model=model, revision="random", weights="random", shape=shape, accelerator=on, processor="a processor",
            configuration=Configuration(dtype="bfloat16"), repeats=len(steady), versions={}, **setup,
        ),
        status="ok", seconds=Seconds(steady=steady), memory=Memory(), work=Work(nominal=nominal, executed=nominal),
        energy=Energy(joules=joules, reason=None if joules else "unavailable"),
        machine=Machine(
            name="nowhere's", device="cuda", cpu="a CPU", cores=2, memory_bytes=2**34, gpu=None, usd_per_hour=0.1,
            price_source="declared",
        ),
        seed=0, measured_at=dt.datetime(2026, 3, 1, tzinfo=dt.UTC),
    )  # fmt: skip
