"""`halflife profile`: what one call of any model computes, at any shape, known before anyone runs it."""

import json
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer
from rich.console import Console

from data.errors import HalflifeError, StoreBusyError
from halflife.options import DEFAULT_HOME, CatalogueOption, HomeOption

if TYPE_CHECKING:
    from data.architectures.shape import ShapeRequest
    from data.flops.profile import Profile
    from halflife.workflows.measure import MeasureOptions
    from leaderboard.cost_model.target import TargetOptions


def profile(
    model: Annotated[
        str | None, typer.Argument(help="an architecture such as flux.1-dev; all are listed without")
    ] = None,
    resolution: Annotated[str | None, typer.Option(help="width and height in pixels, such as 1280x720")] = None,
    seconds: Annotated[
        float | None, typer.Option(help="the video's length; the nearest number of frames is taken")
    ] = None,
    frames: Annotated[int | None, typer.Option(help="the video's length in frames")] = None,
    steps: Annotated[int | None, typer.Option(help="denoising steps")] = None,
    guidance: Annotated[float | None, typer.Option(help="the guidance scale; above 1 it may double the work")] = None,
    batch: Annotated[int, typer.Option(help="pictures or videos in one call")] = 1,
    text_tokens: Annotated[int | None, typer.Option(help="tokens of text that the denoiser reads")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="for machines")] = False,
    recount: Annotated[
        bool, typer.Option("--recount", help="count anew with the real classes on the meta device, and compare")
    ] = False,
    rebuild_atlas: Annotated[
        bool, typer.Option("--rebuild-atlas", help="fit and prove the laws again, for all or with --only")
    ] = False,
    only: Annotated[
        list[str] | None, typer.Option(help="with --rebuild-atlas: this architecture; repeat for more")
    ] = None,
    measure: Annotated[
        bool, typer.Option("--measure", help="run it on --device, and keep the cells in --home")
    ] = False,
    grid: Annotated[
        str, typer.Option(help="with --measure: shapes such as 'resolution=512x512,1024x1024;steps=4,28;batch=1,2'")
    ] = "",
    device: Annotated[str, typer.Option(help="with --measure: cpu, cuda, mps or auto")] = "auto",
    weights: Annotated[
        str | None, typer.Option(help="with --measure: catalogue or random; else what is here without a download")
    ] = None,
    dtype: Annotated[str | None, typer.Option(help="with --measure: float32, float16 or bfloat16")] = None,
    compiled: Annotated[str, typer.Option("--compile", help="with --measure: off, whole or blocks")] = "off",
    attention: Annotated[str, typer.Option(help="with --measure: native, flash, cudnn, sage, …")] = "native",
    offload: Annotated[str, typer.Option(help="with --measure: off, model or sequential")] = "off",
    quantisation: Annotated[str, typer.Option(help="with --measure: off, int8 or fp8 (stored)")] = "off",
    cache: Annotated[
        str, typer.Option(help="with --measure: off, first-block, taylorseer or pyramid-attention")
    ] = "off",
    repeats: Annotated[
        int | None, typer.Option(min=1, help="with --measure: steady calls; else 10 of pictures, 3 of videos")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="with --measure: of the noise, and of the order of cells")] = 0,
    mfu: Annotated[bool, typer.Option("--mfu", help="with --measure: refuse a device whose peak is not known")] = False,
    machine: Annotated[
        str | None, typer.Option(help="the machine of the price list whose prices count; else the accelerator's own")
    ] = None,
    on: Annotated[
        str | None,
        typer.Option(
            help="predict for this accelerator, such as h200, or one with cells in --home, such as cpu; else h100"
        ),
    ] = None,
    software: Annotated[str | None, typer.Option(help="predict for eager or compiled; else eager")] = None,
    usd_per_hour: Annotated[
        float | None, typer.Option(help="what an hour costs, in place of the machine's declared price")
    ] = None,
    usd_per_kwh: Annotated[
        float | None, typer.Option(help="what a kWh costs, in place of the machine's declared tariff")
    ] = None,
    holdout: Annotated[
        bool, typer.Option("--holdout", help="predict each measured cell from the others, and show the errors")
    ] = False,
    catalogue: CatalogueOption = None,
    home: HomeOption = DEFAULT_HOME,
) -> None:
    """Say what one call of a model computes at a shape, what it would take and cost, and the memory that it needs.

    What is left out is the model's convention. FLOPs come from exact laws, seconds from the rate that measured cells
    or published runs reached; nothing is downloaded or run, except with --measure, which times the pipeline at every
    shape of a grid.
    """
    from data.architectures.shape import ShapeRequest
    from halflife.workflows.measure import MeasureOptions
    from leaderboard.cost_model.target import TargetOptions

    if only and not rebuild_atlas:
        raise HalflifeError(
            "Expected --rebuild-atlas beside --only, got --only alone. Add it, or name the model alone."
        )
    terms = TargetOptions(
        on=on, software=software or "eager", machine=machine, usd_per_hour=usd_per_hour, usd_per_kwh=usd_per_kwh
    )
    _refuse_prices(terms, model, predicting=model is not None and not measure, named=bool(on or software))
    if rebuild_atlas:
        _rebuild([*([model] if model else []), *(only or [])])
    elif holdout:
        _hold_out(home, as_json=as_json)
    elif model is None:
        if measure:
            raise HalflifeError("Expected a model to measure, got none. Give one: halflife profile MODEL --measure")
        _list(as_json)
    else:
        width, height = _size(resolution)
        asked = ShapeRequest(
            width=width,
            height=height,
            frames=frames,
            seconds=seconds,
            steps=steps,
            guidance=guidance,
            batch=batch,
            text_tokens=text_tokens,
        )
        wanted = MeasureOptions(
            model=model,
            asked=asked,
            grid=grid,
            weights=weights,
            device=device,
            dtype=dtype,
            compiled=compiled,
            attention=attention,
            offload=offload,
            quantisation=quantisation,
            cache=cache,
            repeats=repeats,
            seed=seed,
            machine=machine,
            catalogue=tuple(map(str, catalogue or ())),
            needs_peak=mfu,
        )
        if measure:
            _measure(wanted, home, terms, as_json=as_json)
        else:
            _refuse_idle(wanted)
            _show(_Question(model, asked, terms, home, tuple(catalogue or ())), as_json=as_json, recount=recount)


def _size(resolution: str | None) -> tuple[int | None, int | None]:
    from harness.profiling.grid import size

    return (None, None) if resolution is None else size(resolution)


def _measure(wanted: "MeasureOptions", home: Path, terms: "TargetOptions", *, as_json: bool) -> None:
    from data.catalogue.library import load_catalogue
    from data.home import Home
    from halflife.output import measurements
    from halflife.output.measured_costs import paid
    from halflife.output.progress import Bars
    from halflife.workflows.measure import measured
    from halflife.workflows.observe import show_cells

    console, notes = Console(), Console(stderr=True)
    with Bars(notes) as bars:
        cells = measured(Home(home), wanted, bars)
    try:
        show_cells(Home(home))
    except StoreBusyError:
        notes.print("The store is busy: the cells are kept, and the next routing table takes them in.", style="yellow")
    known = load_catalogue(wanted.catalogue)
    costs = [paid(cell, terms, known) for cell in cells]
    if as_json:
        console.print_json(json.dumps(measurements.measured_json(cells, costs)), indent=2, highlight=False)
    else:
        measurements.measured(console, cells, costs)


def _hold_out(home: Path, *, as_json: bool) -> None:
    from data.flops.flops_model import load_flops_model
    from data.home import Home
    from data.measurements import cells
    from halflife.output import measurements
    from leaderboard.cost_model.calibration import published_cells
    from leaderboard.cost_model.measurements import calibration_cells
    from leaderboard.cost_model.prediction import held_out

    atlas, console = load_flops_model(), Console()
    found = held_out([*calibration_cells(cells(Home(home)), atlas), *published_cells(atlas)])
    if as_json:
        console.print_json(json.dumps(measurements.holdout_json(found)), indent=2, highlight=False)
    else:
        measurements.holdout(console, found)


def _refuse_idle(wanted: "MeasureOptions") -> None:
    """Raise where an option was given that says nothing without --measure."""
    if wanted.grid or wanted.needs_peak or wanted.repeats is not None:
        raise HalflifeError("Expected --measure with --grid, --repeats and --mfu, got none. Add --measure.")


def _refuse_prices(terms: "TargetOptions", model: str | None, *, predicting: bool, named: bool) -> None:
    """Raise where a place or a price was given that nothing is predicted or measured for."""
    if named and not predicting:
        raise HalflifeError(
            "Expected --on and --software beside a model to predict for, got them without. "
            "Name the model alone; with --measure say --device and --compile."
        )
    if model is None and (terms.usd_per_hour, terms.usd_per_kwh) != (None, None):
        raise HalflifeError("Expected a model beside --usd-per-hour and --usd-per-kwh, got none. Name one.")


class _Question(NamedTuple):
    """A model at a shape on a place, and where cells and prices are looked up."""

    model: str
    asked: "ShapeRequest"
    terms: "TargetOptions"
    home: Path
    catalogue: tuple[Path, ...]


def _show(question: _Question, *, as_json: bool, recount: bool) -> None:
    from data.flops.flops_model import load_flops_model
    from halflife.output import price, profile
    from halflife.workflows.price import priced

    atlas = load_flops_model()
    found = atlas.profile(question.model, atlas.shape(question.model, question.asked))
    paid = priced(atlas, found.model, found.shape, question.terms, home=question.home, catalogue=question.catalogue)
    differing = list(_differing(found)) if recount else []
    console = Console()
    if as_json:
        told = found.as_json() | price.price_json(paid) | ({"recounted": not differing} if recount else {})
        console.print_json(json.dumps(told), indent=2, highlight=False)
    else:
        profile.one(console, found)
        price.price(console, paid)
        if recount and not differing:
            console.print("Counted anew with the real classes: equal to the law in every component.", highlight=False)
    if differing:
        raise HalflifeError(
            f"Expected the counts of the atlas, got others: {'; '.join(differing)}. "
            f"Run: halflife profile --rebuild-atlas --only {found.model}"
        )


def _differing(found: "Profile") -> Iterator[str]:
    from harness.profiling.recounting import recounted

    with Console(stderr=True).status(f"Counting {found.model} anew with the real classes", refresh_per_second=4):
        counts = recounted(found)
    for name, (law, counted) in counts.items():
        if law != counted:
            yield f"{name} has {counted.total:,} FLOP a call where the law says {law.total:,}"


def _list(as_json: bool) -> None:
    from data.flops.flops_model import load_flops_model
    from halflife.output import profile

    atlas = load_flops_model()
    found = [atlas.profile(model, atlas.shape(model)) for model in atlas.models]
    if as_json:
        Console().print_json(json.dumps([each.as_json() for each in found]), indent=2, highlight=False)
    else:
        profile.all_of_them(Console(), found)


def _rebuild(models: list[str]) -> None:
    from data.architectures.library import architecture, load_architectures
    from harness.profiling.fitting import FitError
    from harness.profiling.memory_rebuilding import rebuild_memory
    from harness.profiling.rebuilding import rebuild

    chosen = [architecture(model) for model in models] or list(load_architectures().values())
    console = Console()
    try:
        for done in chain(rebuild(chosen), rebuild_memory(chosen)):
            console.print(f"Proved {done}.", highlight=False)
    except FitError as error:
        raise HalflifeError(f"{error} The atlas keeps what it had of that architecture.") from error
