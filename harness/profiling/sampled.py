"""A run's own samples as measured cells: each was timed phase by phase, and the first call is kept apart there too."""

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
    found = list(_cells(run, flops))
    held = {one.setup.id for one in load_measurements(home)}
    with new_journal(home, dt.datetime.now(dt.UTC)) as journal:
        write_measurements(journal, [one for one in found if one.setup.id not in held])
    return found


def _cells(run: RunFolder, flops: Callable[[str, Shape], int]) -> Iterator[Measurement]:
    samples, loads = run.samples().values(), {one.model: one.load_seconds for one in run.loads()}
    for model in run.plan.models:
        timed = [one for one in samples if one.model == model.id and one.status == "ok" and one.timing]
        steady = [one for one in timed if one.call == "steady"]
        if isinstance(model.source, LocalSource) and model.id in names() and steady:
            first = next((one.timing.seconds for one in timed if one.call == "first" and one.timing), None)
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
                measured_at=max(one.started_at for one in steady),
            )


def _setup(model: Model, source: LocalSource, described: Architecture, *, machine: Machine, repeats: int) -> Setup:
    settings, known = model.settings, named_by_driver(machine.gpu) if machine.gpu else None
    asked = ShapeRequest(
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
        shape=described.shape(asked),
        configuration=Configuration(dtype=source.dtype),
        accelerator=known.name if known else machine.gpu or "cpu",
        processor=machine.gpu or machine.cpu,
        repeats=repeats,
        versions={name: machine.software[name] for name in VERSIONS if name in machine.software},
    )


def _seconds(load: float | None, first: float | None, steady: list[Sample]) -> Seconds:
    timings: list[Timing] = [one.timing for one in steady if one.timing]
    return Seconds(
        load=load,
        first=first,
        steady=tuple(one.seconds for one in timings),
        text=tuple(one.text_seconds for one in timings if one.text_seconds is not None),
        steps=tuple(one.step_seconds for one in timings if one.step_seconds),
        vae=tuple(one.decode_seconds for one in timings if one.decode_seconds is not None),
        processor=tuple(one.cpu_seconds for one in timings if one.cpu_seconds is not None),
    )
