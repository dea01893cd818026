"""What `halflife profile` says of seconds and dollars: from what the user names to the estimate and the list prices."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from data.architectures.shape import Shape
from data.catalogue.library import load_catalogue
from data.flops.flops_model import FlopsModel
from data.home import Home
from data.measurements import load_measurements
from leaderboard.cost_model.estimate import CostEstimate
from leaderboard.cost_model.list_prices import Market, market
from leaderboard.cost_model.surface import Surface
from leaderboard.cost_model.target import DeploymentTarget, TargetOptions, deployment_target


@dataclass(frozen=True, slots=True, kw_only=True)
class PricedCall:
    """What one call takes and costs, the deployment target that it is for, and the list prices of its kind."""

    estimate: CostEstimate
    target: DeploymentTarget
    market: Market


def price_call(
    flops_model: FlopsModel,
    model: str,
    shape: Shape,
    options: TargetOptions,
    *,
    home: Path,
    catalogue: Sequence[Path] = (),
) -> PricedCall:
    """Return what a call takes and costs on the target of `options`, by a home's measurements and published runs.

    Raises HalflifeError for an unknown name, and for invalid files of the catalogue or the home.
    """
    loaded = load_catalogue(catalogue)
    surface = Surface(flops_model, load_measurements(Home(home)))
    target = deployment_target(options, surface.cells, loaded)
    estimate = surface.at(model, shape, target)
    is_video, today = estimate.video_seconds is not None, dt.datetime.now(dt.UTC).date()
    return PricedCall(estimate=estimate, target=target, market=market(loaded, video=is_video, today=today))
