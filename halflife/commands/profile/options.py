"""The options of `halflife profile`, as the command line has them, in groups."""

from dataclasses import dataclass
from typing import Annotated

import typer

from data.architectures.shape import ShapeRequest
from halflife.options import DEFAULT_HOME, CatalogueOption, HomeOption
from halflife.workflows.measure_request import MeasureOptions
from harness.profiling.grid import size
from leaderboard.cost_model.target import TargetOptions


@dataclass(frozen=True, slots=True, kw_only=True)
class ShapeOptions:
    """The shape of one call; what is left out is the model's usual one."""

    resolution: Annotated[str | None, typer.Option(help="width and height in pixels, such as 1280x720")] = None
    seconds: Annotated[float | None, typer.Option(help="the video's length; the nearest number of frames is taken")] = (
        None
    )
    frames: Annotated[int | None, typer.Option(help="the video's length in frames")] = None
    steps: Annotated[int | None, typer.Option(help="denoising steps")] = None
    guidance: Annotated[float | None, typer.Option(help="the guidance scale; above 1 it may double the work")] = None
    batch: Annotated[int, typer.Option(help="images or videos in one call")] = 1
    text_tokens: Annotated[int | None, typer.Option(help="tokens of text that the denoiser reads")] = None

    def request(self) -> ShapeRequest:
        """Return the shape that is asked for. Raises HalflifeError for a resolution that cannot be read."""
        width, height = (None, None) if self.resolution is None else size(self.resolution)
        return ShapeRequest(
            width=width,
            height=height,
            frames=self.frames,
            seconds=self.seconds,
            steps=self.steps,
            guidance=self.guidance,
            batch=self.batch,
            text_tokens=self.text_tokens,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class DeploymentOptions:
    """Where the call runs, and what an hour and a kWh cost there."""

    machine: Annotated[
        str | None,
        typer.Option(help="the machine of the price list whose prices count; default: the accelerator's own"),
    ] = None
    on: Annotated[
        str | None,
        typer.Option(
            help="predict for this accelerator, such as h200, or one with measurements in --home; default: h100"
        ),
    ] = None
    software: Annotated[str | None, typer.Option(help="predict for eager or compiled; default: eager")] = None
    usd_per_hour: Annotated[
        float | None, typer.Option(help="what an hour costs, in place of the machine's declared price")
    ] = None
    usd_per_kwh: Annotated[
        float | None, typer.Option(help="what a kWh costs, in place of the machine's declared tariff")
    ] = None

    def target(self) -> TargetOptions:
        """Return the deployment target that is asked for."""
        return TargetOptions(
            on=self.on,
            software=self.software or "eager",
            machine=self.machine,
            usd_per_hour=self.usd_per_hour,
            usd_per_kwh=self.usd_per_kwh,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileOptions:
    """All that `halflife profile` can be given."""

    model: Annotated[
        str | None, typer.Argument(help="an architecture such as flux.1-dev; without one all are listed")
    ] = None
    shape: ShapeOptions
    as_json: Annotated[bool, typer.Option("--json", help="for machines")] = False
    recount: Annotated[
        bool, typer.Option("--recount", help="count again with the real classes on the meta device, and compare")
    ] = False
    rebuild_atlas: Annotated[
        bool, typer.Option("--rebuild-atlas", help="fit and check the FLOP polynomials again, of all or of --only")
    ] = False
    only: Annotated[list[str] | None, typer.Option(help="with --rebuild-atlas: this architecture; repeat for more")] = (
        None
    )
    measure: Annotated[
        bool, typer.Option("--measure", help="run it on --device, and keep the measurements in --home")
    ] = False
    measurement: MeasureOptions
    deployment: DeploymentOptions
    holdout: Annotated[
        bool, typer.Option("--holdout", help="predict each measurement from the others, and show the errors")
    ] = False
    catalogue: CatalogueOption = None
    home: HomeOption = DEFAULT_HOME
