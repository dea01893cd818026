"""`halflife profile`: what one call of any model computes, at any shape, known before anyone runs it."""

import json
import re
from collections.abc import Iterator
from itertools import chain
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from data.errors import HalflifeError, ShapeError

if TYPE_CHECKING:
    from data.architectures.shape import Asked
    from data.atlas.profile import Profile

SIZE = re.compile(r"(\d{1,6})\s*[x×]\s*(\d{1,6})", re.IGNORECASE)


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
) -> None:
    """Say what one call of a model computes at a shape: FLOPs by stage and kind, tokens, parameters, memory.

    What is left out is the model's convention. The answer comes from exact laws; nothing is downloaded or run.
    """
    from data.architectures.shape import Asked

    if only and not rebuild_atlas:
        raise HalflifeError(
            "Expected --rebuild-atlas beside --only, got --only alone. Add it, or name the model alone."
        )
    if rebuild_atlas:
        _rebuild([*([model] if model else []), *(only or [])])
    elif model is None:
        _list(as_json)
    else:
        width, height = _size(resolution)
        asked = Asked(
            width=width,
            height=height,
            frames=frames,
            seconds=seconds,
            steps=steps,
            guidance=guidance,
            batch=batch,
            text_tokens=text_tokens,
        )
        _show(model, asked, as_json=as_json, recount=recount)


def _show(model: str, asked: "Asked", *, as_json: bool, recount: bool) -> None:
    from data.atlas.atlas import load_atlas
    from halflife import profile_tables

    atlas = load_atlas()
    found = atlas.profile(model, atlas.shape(model, asked))
    differing = list(_differing(found)) if recount else []
    console = Console()
    if as_json:
        told = found.as_json() | ({"recounted": not differing} if recount else {})
        console.print_json(json.dumps(told), indent=2, highlight=False)
    else:
        profile_tables.one(console, found)
        if recount and not differing:
            console.print("Counted anew with the real classes: equal to the law in every component.", highlight=False)
    if differing:
        raise HalflifeError(
            f"Expected the counts of the atlas, got others: {'; '.join(differing)}. "
            f"Run: halflife profile --rebuild-atlas --only {found.model}"
        )


def _differing(found: "Profile") -> Iterator[str]:
    from harness.profiling.recounting import recounted

    for name, (law, counted) in recounted(found).items():
        if law != counted:
            yield f"{name} has {counted.total:,} FLOP a call where the law says {law.total:,}"


def _list(as_json: bool) -> None:
    from data.atlas.atlas import load_atlas
    from halflife import profile_tables

    atlas = load_atlas()
    found = [atlas.profile(model, atlas.shape(model)) for model in atlas.models]
    if as_json:
        Console().print_json(json.dumps([each.as_json() for each in found]), indent=2, highlight=False)
    else:
        profile_tables.all_of_them(Console(), found)


def _rebuild(models: list[str]) -> None:
    from data.architectures.library import architecture, load_architectures
    from harness.profiling.fitting import NotALawError
    from harness.profiling.memory_rebuilding import rebuild_memory
    from harness.profiling.rebuilding import rebuild

    chosen = [architecture(model) for model in models] or list(load_architectures().values())
    console = Console()
    try:
        for done in chain(rebuild(chosen), rebuild_memory(chosen)):
            console.print(f"Proved {done}.", highlight=False)
    except NotALawError as error:
        raise HalflifeError(f"{error} The atlas keeps what it had of that architecture.") from error


def _size(resolution: str | None) -> tuple[int | None, int | None]:
    if resolution is None:
        return None, None
    matched = SIZE.fullmatch(resolution.strip())
    if matched is None:
        raise ShapeError(f"Expected a resolution such as 1280x720, got {resolution!r}. Give width x height in pixels.")
    return int(matched[1]), int(matched[2])
