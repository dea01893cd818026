"""What `halflife profile` says of seconds and dollars: from what the user names to the answer and what is beside it."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from data.catalogue.library import load_catalogue
from data.home import Home
from data.measurements import load_measurements
from leaderboard.cost_model.estimate import CostEstimate
from leaderboard.cost_model.list_prices import Market, market
from leaderboard.cost_model.surface import Surface
from leaderboard.cost_model.target import DeploymentTarget, TargetOptions, place

if TYPE_CHECKING:
    from data.architectures.shape import Shape
    from data.flops.flops_model import FlopsModel


@dataclass(frozen=True, slots=True, kw_only=True)
class Priced:
    """One call's answer, the place that it is for, and the remote models of its kind."""

    answer: CostEstimate
    place: DeploymentTarget
    market: Market


def priced(
    atlas: "FlopsModel", model: str, shape: "Shape", terms: TargetOptions, *, home: Path, catalogue: Sequence[Path] = ()
) -> Priced:
    """Return what a call takes and costs on the place that terms name, by the cells of a home and published runs.

    Raises HalflifeError for a name that is not known, and for files of the catalogue or the home that do not hold.
    """
    known = load_catalogue(catalogue)
    surface = Surface(atlas, load_measurements(Home(home)))
    where = place(terms, surface.cells, known)
    answer = surface.at(model, shape, where)
    video, today = answer.video_seconds is not None, dt.datetime.now(dt.UTC).date()
    return Priced(answer=answer, place=where, market=market(known, video=video, today=today))
