"""From measured calls to rates: FLOP/s that an accelerator reaches with a level of software, and how much they vary.

A rate is log-normal over models and shapes of one group (accelerator, software, kind of network); its share of the
accelerator's peak is the MFU. A group of one's own measured cells stands before one of published runs, and that before
the published runs of other accelerators, whose MFU is borrowed.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from data.architectures.architecture import Architecture
from data.architectures.shape import ShapeRequest
from data.catalogue.accelerator import Accelerator, accelerator, published
from data.flops.flops_model import FlopsModel

NetworkKind = Literal["transformer", "unet"]
RateBasis = Literal["measured", "published", "borrowed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TimedCall:
    """One call that was timed: its FLOPs, its end-to-end seconds (the median), and on what."""

    model: str
    network: NetworkKind
    accelerator: str
    software: str
    flops: int
    seconds: float

    @property
    def rate(self) -> float:
        """FLOP/s that were reached."""
        return self.flops / self.seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """The rate of a group of cells: mean and standard deviation of its natural logarithm, in FLOP/s.

    `spread` is None with one cell. `least` and `most` are the FLOPs between which cells lie. `of_model` says that all
    cells are of the very model.
    """

    basis: RateBasis
    log_rate: float
    spread: float | None
    cells: int
    least: int
    most: int
    of_model: bool = False

    @property
    def rate(self) -> float:
        """The FLOP/s in the middle."""
        return math.exp(self.log_rate)


def network_of(described: Architecture) -> NetworkKind:
    """Return which kind of network denoises: convolutional UNets reach another share of a peak than transformers."""
    return "unet" if described.denoiser.type.startswith("UNet") else "transformer"


def published_cells(atlas: FlopsModel) -> tuple[TimedCall, ...]:
    """Return the published runs as cells, their FLOPs counted by the atlas."""
    found = []
    for run in published():
        asked = ShapeRequest(width=run.width, height=run.height, frames=run.frames, steps=run.steps)
        described = atlas.entry(run.model).architecture
        flops = atlas.totals(run.model, [described.shape(asked)])[0]
        found.append(
            TimedCall(
                model=run.model,
                network=network_of(described),
                accelerator=run.accelerator,
                software=run.software,
                flops=flops,
                seconds=run.seconds,
            )
        )
    return tuple(found)


def calibrate(
    cells: Sequence[TimedCall], *, basis: RateBasis = "measured", model: str | None = None
) -> Calibration | None:
    """Return the rate of cells of one group; of `model`'s own, where it has two or more. None without a cell."""
    own = [one for one in cells if one.model == model]
    held = own if len(own) > 1 else list(cells)
    if not held:
        return None
    logs = [math.log(one.rate) for one in held]
    middle = sum(logs) / len(logs)
    squares = sum((one - middle) ** 2 for one in logs)
    return Calibration(
        basis=basis,
        log_rate=middle,
        spread=math.sqrt(squares / (len(logs) - 1)) if len(logs) > 1 else None,
        cells=len(held),
        least=min(one.flops for one in held),
        most=max(one.flops for one in held),
        of_model=held is own,
    )


def calibration_for(
    on: Accelerator,
    software: str,
    *,
    measured: Iterable[TimedCall],
    atlas: FlopsModel,
    network: NetworkKind,
    model: str,
) -> Calibration | None:
    """Return the best calibration there is for a model on an accelerator: measured, published, or borrowed."""
    held = [one for one in measured if _group(one) == (on.name, software, network)]
    if held:
        return calibrate(held, model=model)
    known = [one for one in published_cells(atlas) if (one.software, one.network) == (software, network)]
    own = [one for one in known if one.accelerator == on.name]
    if own:
        return calibrate(own, basis="published", model=model)
    return calibrate([_scaled(one, on) for one in known], basis="borrowed") if on.peak_tflops else None


def _group(one: TimedCall) -> tuple[str, str, NetworkKind]:
    return one.accelerator, one.software, one.network


def _scaled(one: TimedCall, on: Accelerator) -> TimedCall:
    """Return a cell as it were on another accelerator at the same MFU."""
    ratio = accelerator(one.accelerator).peak / on.peak
    return TimedCall(
        model=one.model,
        network=one.network,
        accelerator=on.name,
        software=one.software,
        flops=one.flops,
        seconds=one.seconds * ratio,
    )
