"""A grid measured cell by cell, each journalled when it is done: what is in the journal is not measured again."""

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
class _Bench:
    """A subject in memory, how long it took to load, and the meters of its device."""

    subject: BenchmarkTarget
    load: float
    meters: Meters


def measure_grid(home: Home, order: MeasurementGrid, subject: BenchmarkTarget, progress: Progress) -> list[Measurement]:
    """Measure what the home does not hold yet, and return all cells of the grid in the order of their shapes.

    A cell that failed is tried again, one that ran out of memory is not. An interrupt keeps what is done.
    """
    setups = order.setups()
    held = {one.setup.id: one for one in load_measurements(home) if one.status in DONE}
    progress.begin(f"Cells of {order.setup.model}", len(setups))
    progress.advance(sum(setup.id in held for setup in setups))
    for cell in _measured([setup for setup in setups if setup.id not in held], home, order, subject):
        held[cell.setup.id] = cell
        progress.advance()
    progress.end()
    return sorted((held[one.id] for one in setups), key=lambda one: order.shapes.index(one.setup.shape))


def _measured(
    setups: Sequence[Setup], home: Home, order: MeasurementGrid, subject: BenchmarkTarget
) -> Iterator[Measurement]:
    if not setups:
        return
    with _loaded(subject) as bench, new_journal(home, dt.datetime.now(dt.UTC)) as journal:
        for setup in setups:
            cell = _cell(setup, order, bench)
            write_measurements(journal, [cell])
            yield cell


@contextlib.contextmanager
def _loaded(subject: BenchmarkTarget) -> "Iterator[_Bench | str]":
    """Load a subject, or say that it does not fit."""
    energy = energy_meter(subject.device)
    peaks = peaks_of(subject.device, energy.card)
    try:
        load = _within_memory(subject.load, subject)
        yield load if isinstance(load, str) else _Bench(subject, load, Meters(energy, peaks))
    finally:
        subject.close()


def _within_memory(action: Callable[[], float], subject: BenchmarkTarget) -> float | str:
    try:
        return action()
    except Exception as error:
        if not devices.is_shortage(error):
            raise
        subject.close()
        return f"Loading: {error}"[:400]


def _cell(setup: Setup, order: MeasurementGrid, bench: _Bench | str) -> Measurement:
    empty = Measurement(
        setup=setup,
        status="failed",
        reason="Not measured.",
        seconds=Seconds(),
        memory=Memory(reason="not measured"),
        energy=Energy(reason="not measured"),
        work=ComputeWork(nominal=float(order.flops(setup.shape))),
        machine=order.machine,
        seed=order.seed,
        measured_at=dt.datetime.now(dt.UTC),
    )
    if isinstance(bench, str):
        return replace(empty, status="out-of-memory", reason=bench)
    found = attempt(lambda: _tried(empty, bench))
    if isinstance(found, CaughtError):
        bench.meters.peaks.memory()
        return replace(empty, reason=found.reason[:400])
    return found


def _tried(empty: Measurement, bench: _Bench) -> Measurement:
    """Return the cell with what was measured; running out of memory is a result."""
    setup, subject = empty.setup, bench.subject
    _forget_compiled(setup)
    try:
        found = protocol.measure(
            subject, setup.shape, repeats=setup.repeats, seed=empty.seed, load=bench.load, meters=bench.meters
        )
        work = executing.work(
            round(empty.work.nominal),
            setup.configuration,
            subject.device,
            always=setup.weights == "catalogue",
            call=lambda: subject.call(setup.shape, empty.seed),
        )
    except Exception as error:
        if not devices.is_shortage(error):
            raise
        devices.release(subject.device)
        return replace(
            empty,
            status="out-of-memory",
            reason=f"{error}"[:400],
            memory=bench.meters.peaks.memory(),
            seconds=Seconds(load=bench.load),
        )
    card = bench.meters.energy.card
    return replace(
        empty,
        status="ok",
        reason=None,
        seconds=found.seconds,
        memory=found.memory,
        energy=found.energy,
        work=work,
        others=card.others() if card else None,
    )


def _forget_compiled(setup: Setup) -> None:
    # A second shape would be compiled for any shape, and a ninth run without being compiled, both without a word.
    if setup.configuration.uses("compiled"):
        import torch

        torch.compiler.reset()
