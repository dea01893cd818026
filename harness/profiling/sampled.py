"""The samples of a run as measurements: each was timed phase by phase, and the first call is kept apart."""

import datetime as dt
from collections.abc import Callable, Iterator

from data.architectures.architecture import Architecture
from data.architectures.library import architecture, names
from data.architectures.shape import Shape, ShapeRequest
from data.catalogue.accelerator import named_by_driver
from data.home import Home
from data.measurements import (
    ComputeWork,
    Configuration,
    Energy,
    Measurement,
    Memory,
    Seconds,
    Setup,
    load_measurements,
    new_journal,
    write_measurements,
)
from data.runs import RunFolder
from data.vocabulary import LocalSource, Machine, Model, Sample, Timing

VERSIONS = ("torch", "diffusers", "transformers", "torch threads")
UNSEEN = "unavailable: a run of samples takes time alone"


def keep_cells(home: Home, run: RunFolder, flops: Callable[[str, Shape], int]) -> list[Measurement]:
    """Return the cells of a run's local models that have an architecture, journalling those that the home has not.

    `flops` says what one call of a model at a shape computes. Samples that are not ok are left out of the seconds.
    """
    measured = list(_cells(run, flops))
    journalled = {cell.setup.id for cell in load_measurements(home)}
    with new_journal(home, dt.datetime.now(dt.UTC)) as journal:
        write_measurements(journal, [cell for cell in measured if cell.setup.id not in journalled])
    return measured


def _cells(run: RunFolder, flops: Callable[[str, Shape], int]) -> Iterator[Measurement]:
    samples, loads = run.samples().values(), {load.model: load.load_seconds for load in run.loads()}
    for model in run.plan.models:
        timed = [sample for sample in samples if sample.model == model.id and sample.status == "ok" and sample.timing]
        steady = [sample for sample in timed if sample.call == "steady"]
        if isinstance(model.source, LocalSource) and model.id in names() and steady:
            first = next((sample.timing.seconds for sample in timed if sample.call == "first" and sample.timing), None)
            described = architecture(model.id)
            setup = _setup(model, model.source, described, machine=run.plan.machine, repeats=len(steady))
            nominal = float(flops(described.id, setup.shape))
            yield Measurement(
                setup=setup,
                status="ok",
                seconds=_seconds(loads.get(model.id), first, steady),
                memory=Memory(reason=UNSEEN),
                energy=Energy(reason=UNSEEN),
                work=ComputeWork(nominal=nominal, executed=nominal),
                machine=run.plan.machine,
                seed=min(run.plan.seeds),
                measured_at=max(sample.started_at for sample in steady),
            )


def _setup(model: Model, source: LocalSource, described: Architecture, *, machine: Machine, repeats: int) -> Setup:
    settings, accelerator = model.settings, named_by_driver(machine.gpu) if machine.gpu else None
    shape = ShapeRequest(
        width=settings.width,
        height=settings.height,
        frames=settings.frames if settings.frames > 1 else None,
        steps=settings.steps,
        guidance=settings.guidance,
    )
    return Setup(
        model=described.id,
        revision=model.revision,
        weights="catalogue",
        shape=described.shape(shape),
        configuration=Configuration(dtype=source.dtype),
        accelerator=accelerator.name if accelerator else machine.gpu or "cpu",
        processor=machine.gpu or machine.cpu,
        repeats=repeats,
        versions={name: machine.software[name] for name in VERSIONS if name in machine.software},
    )


def _seconds(load: float | None, first: float | None, steady: list[Sample]) -> Seconds:
    timings: list[Timing] = [sample.timing for sample in steady if sample.timing]
    return Seconds(
        load=load,
        first=first,
        steady=tuple(timing.seconds for timing in timings),
        text=tuple(timing.text_seconds for timing in timings if timing.text_seconds is not None),
        steps=tuple(timing.step_seconds for timing in timings if timing.step_seconds),
        vae=tuple(timing.decode_seconds for timing in timings if timing.decode_seconds is not None),
        processor=tuple(timing.cpu_seconds for timing in timings if timing.cpu_seconds is not None),
    )
