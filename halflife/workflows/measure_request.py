"""What a person asks to be measured, as the command line has it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Annotated

import typer

from data.architectures.shape import ShapeRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureOptions:
    """How to measure, in words that are not checked yet, as the command line has them; None and "auto" choose."""

    grid: Annotated[
        str, typer.Option(help="with --measure: shapes such as 'resolution=512x512,1024x1024;steps=4,28;batch=1,2'")
    ] = ""
    device: Annotated[str, typer.Option(help="with --measure: cpu, cuda, mps or auto")] = "auto"
    weights: Annotated[
        str | None, typer.Option(help="with --measure: catalogue or random; default: what is here without a download")
    ] = None
    dtype: Annotated[str | None, typer.Option(help="with --measure: float32, float16 or bfloat16")] = None
    compiled: Annotated[str, typer.Option("--compile", help="with --measure: off, whole or blocks")] = "off"
    attention: Annotated[str, typer.Option(help="with --measure: native, flash, cudnn, sage, …")] = "native"
    offload: Annotated[str, typer.Option(help="with --measure: off, model or sequential")] = "off"
    quantisation: Annotated[str, typer.Option(help="with --measure: off, int8 or fp8 (of the stored weights)")] = "off"
    cache: Annotated[str, typer.Option(help="with --measure: off, first-block, taylorseer or pyramid-attention")] = (
        "off"
    )
    repeats: Annotated[
        int | None,
        typer.Option(min=1, help="with --measure: steady calls of each shape; default: 10 of images, 3 of videos"),
    ] = None
    seed: Annotated[int, typer.Option(min=0, help="with --measure: of the noise, and of the order of shapes")] = 0
    needs_peak: Annotated[
        bool, typer.Option("--mfu", help="with --measure: refuse a device whose peak rate is not known")
    ] = False


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureRequest:
    """What to measure: a model at the shape that is asked for, how, on which machine of which catalogue."""

    model: str
    asked: ShapeRequest = field(default_factory=ShapeRequest)
    options: MeasureOptions = field(default_factory=MeasureOptions)
    machine: str | None = None
    catalogue: Sequence[str] = ()
