"""Measures a grid cell by cell and journals each when it is done; what is in the journal is not measured again."""

import contextlib
import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from data.architectures.shape import Shape
from data.home import Home
from data.measurements import (
    ComputeWork,
    Energy,
    Measurement,
    MeasurementOutcome,
    Memory,
    Seconds,
    Setup,
    load_measurements,
    new_journal,
    write_measurements,
)
from data.vocabulary import Machine, Progress
from harness import devices
from harness.isolation import CaughtError, attempt
from harness.profiling import executing, protocol
from harness.profiling.benchmark_target import BenchmarkTarget
from harness.profiling.energy import energy_meter
from harness.profiling.grid import shuffled
from harness.profiling.peaks import peaks_of
from harness.profiling.protocol import Meters

DONE: frozenset[MeasurementOutcome] = frozenset({"ok", "out-of-memory"})


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasurementGrid:
    """A grid to measure: `setup` with each of `shapes` in its place, in an order by `seed`.

    `repeats` None stands for the protocol's number; `flops` says the nominal FLOPs of a shape.
    """

    setup: Setup
    shapes: tuple[Shape, ...]
    repeats: int | None
    seed: int
    machine: Machine
    flops: Callable[[Shape], int]

    def setups(self) -> list[Setup]:
        """Return what each cell measures, in the order of measuring."""
        return [
            replace(self.setup, shape=shape, repeats=self.repeats or protocol.repeats_of(shape))
            for shape in shuffled(self.shapes, self.seed)
        ]


@dataclass(frozen=True, slots=True)
class _LoadedTarget:
    """A target in memory, the seconds that it took to load, and the meters of its device."""

    target: BenchmarkTarget
    load: float
    meters: Meters


def measure_grid(home: Home, grid: MeasurementGrid, target: BenchmarkTarget, progress: Progress) -> list[Measurement]:
    """Measure what the home has not measured yet, and return all cells of the grid in the order of their shapes.

    A cell that failed is tried again, one that ran out of memory is not. An interrupt keeps what is done.
    """
    setups = grid.setups()
    measured = {cell.setup.id: cell for cell in load_measurements(home) if cell.status in DONE}
    progress.begin(f"Cells of {grid.setup.model}", len(setups))
    progress.advance(sum(setup.id in measured for setup in setups))
    for cell in _measured([setup for setup in setups if setup.id not in measured], home, grid, target):
        measured[cell.setup.id] = cell
        progress.advance()
    progress.end()
    return sorted((measured[setup.id] for setup in setups), key=lambda cell: grid.shapes.index(cell.setup.shape))


def _measured(
    setups: Sequence[Setup], home: Home, grid: MeasurementGrid, target: BenchmarkTarget
) -> Iterator[Measurement]:
    if not setups:
        return
    with _loaded(target) as loaded, new_journal(home, dt.datetime.now(dt.UTC)) as journal:
        for setup in setups:
            cell = _cell(setup, grid, loaded)
            write_measurements(journal, [cell])
            yield cell


@contextlib.contextmanager
def _loaded(target: BenchmarkTarget) -> "Iterator[_LoadedTarget | str]":
    """Load a target, or say that it does not fit."""
    energy = energy_meter(target.device)
    peaks = peaks_of(target.device, energy.card)
    try:
        load = _within_memory(target.load, target)
        yield load if isinstance(load, str) else _LoadedTarget(target, load, Meters(energy, peaks))
    finally:
        target.close()


def _within_memory(action: Callable[[], float], target: BenchmarkTarget) -> float | str:
    try:
        return action()
    except Exception as error:
        if not devices.is_shortage(error):
            raise
        target.close()
        return f"Loading: {error}"[:400]


def _cell(setup: Setup, grid: MeasurementGrid, loaded: _LoadedTarget | str) -> Measurement:
    empty = Measurement(
        setup=setup,
        status="failed",
        reason="Not measured.",
        seconds=Seconds(),
        memory=Memory(reason="not measured"),
        energy=Energy(reason="not measured"),
        work=ComputeWork(nominal=float(grid.flops(setup.shape))),
        machine=grid.machine,
        seed=grid.seed,
        measured_at=dt.datetime.now(dt.UTC),
    )
    if isinstance(loaded, str):
        return replace(empty, status="out-of-memory", reason=loaded)
    measured = attempt(lambda: _attempted(empty, loaded))
    if isinstance(measured, CaughtError):
        loaded.meters.peaks.memory()
        return replace(empty, reason=measured.reason[:400])
    return measured


def _attempted(empty: Measurement, loaded: _LoadedTarget) -> Measurement:
    """Return the cell with what was measured; running out of memory is a result."""
    setup, target = empty.setup, loaded.target
    _forget_compiled(setup)
    try:
        measured = protocol.measure(
            target, setup.shape, repeats=setup.repeats, seed=empty.seed, load=loaded.load, meters=loaded.meters
        )
        work = executing.work(
            round(empty.work.nominal),
            setup.configuration,
            target.device,
            always=setup.weights == "catalogue",
            call=lambda: target.call(setup.shape, empty.seed),
        )
    except Exception as error:
        if not devices.is_shortage(error):
            raise
        devices.release(target.device)
        return replace(
            empty,
            status="out-of-memory",
            reason=f"{error}"[:400],
            memory=loaded.meters.peaks.memory(),
            seconds=Seconds(load=loaded.load),
        )
    card = loaded.meters.energy.card
    return replace(
        empty,
        status="ok",
        reason=None,
        seconds=measured.seconds,
        memory=measured.memory,
        energy=measured.energy,
        work=work,
        others=card.others() if card else None,
    )


def _forget_compiled(setup: Setup) -> None:
    # A second shape would be compiled for any shape, and a ninth run without being compiled, both without a word.
    if setup.configuration.uses("compiled"):
        import torch

        torch.compiler.reset()
