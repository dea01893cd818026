"""From timed calls to rates: the FLOP/s that an accelerator reaches with a level of software, and how much they vary.

A rate is log-normal over models and shapes of one group (accelerator, software, kind of network); its share of the
accelerator's peak is the MFU. One's own measured calls are preferred to published runs, and those to published runs of
other accelerators, whose MFU is borrowed.
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
    """The rate of a group of calls: mean and standard deviation of its natural logarithm, in FLOP/s.

    `spread` is None with one call. `cells` counts them, `least` and `most` are the range of their FLOPs; `of_model`:
    all are of the model itself.
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
        """The median FLOP/s."""
        return math.exp(self.log_rate)


def network_of(architecture: Architecture) -> NetworkKind:
    """Return the kind of the denoising network: UNets reach another share of a peak than transformers."""
    return "unet" if architecture.denoiser.type.startswith("UNet") else "transformer"


def published_cells(flops_model: FlopsModel) -> tuple[TimedCall, ...]:
    """Return the published runs as timed calls, with the FLOPs of the model."""
    calls = []
    for run in published():
        request = ShapeRequest(width=run.width, height=run.height, frames=run.frames, steps=run.steps)
        architecture = flops_model.entry(run.model).architecture
        flops = flops_model.totals(run.model, [architecture.shape(request)])[0]
        calls.append(
            TimedCall(
                model=run.model,
                network=network_of(architecture),
                accelerator=run.accelerator,
                software=run.software,
                flops=flops,
                seconds=run.seconds,
            )
        )
    return tuple(calls)


def calibrate(
    calls: Sequence[TimedCall], *, basis: RateBasis = "measured", model: str | None = None
) -> Calibration | None:
    """Return the rate of the calls of one group; of `model`'s own, where it has two or more. None without a call."""
    of_model = [call for call in calls if call.model == model]
    used = of_model if len(of_model) > 1 else list(calls)
    if not used:
        return None
    logs = [math.log(call.rate) for call in used]
    mean = sum(logs) / len(logs)
    squares = sum((log - mean) ** 2 for log in logs)
    return Calibration(
        basis=basis,
        log_rate=mean,
        spread=math.sqrt(squares / (len(logs) - 1)) if len(logs) > 1 else None,
        cells=len(used),
        least=min(call.flops for call in used),
        most=max(call.flops for call in used),
        of_model=used is of_model,
    )


def calibration_for(
    on: Accelerator,
    software: str,
    *,
    measured: Iterable[TimedCall],
    flops_model: FlopsModel,
    network: NetworkKind,
    model: str,
) -> Calibration | None:
    """Return the best calibration there is for a model on an accelerator: measured, published, or borrowed."""
    group = [call for call in measured if _group(call) == (on.name, software, network)]
    if group:
        return calibrate(group, model=model)
    elsewhere = [call for call in published_cells(flops_model) if (call.software, call.network) == (software, network)]
    here = [call for call in elsewhere if call.accelerator == on.name]
    if here:
        return calibrate(here, basis="published", model=model)
    return calibrate([_scaled(call, on) for call in elsewhere], basis="borrowed") if on.peak_tflops else None


def _group(call: TimedCall) -> tuple[str, str, NetworkKind]:
    return call.accelerator, call.software, call.network


def _scaled(call: TimedCall, on: Accelerator) -> TimedCall:
    """Return a call as it would be on another accelerator at the same MFU."""
    ratio = accelerator(call.accelerator).peak / on.peak
    return TimedCall(
        model=call.model,
        network=call.network,
        accelerator=on.name,
        software=call.software,
        flops=call.flops,
        seconds=call.seconds * ratio,
    )
