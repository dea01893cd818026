"""What the calls of measured cells cost: each of its outputs, its energy, and how a video's pace compares with time."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rich.console import Console

from halflife.output.price import cost_json
from halflife.output.profile import size, table
from leaderboard import formatting
from leaderboard.cost_model.cost import FIRST_FRAME, CallCost
from leaderboard.cost_model.measurements import cost_of
from leaderboard.cost_model.target import GIVEN, DeploymentTarget, TargetOptions, target_of
from leaderboard.formatting import DASH

if TYPE_CHECKING:
    from data.catalogue.library import Catalogue
    from data.measurements import Measurement


@dataclass(frozen=True, slots=True, kw_only=True)
class Paid:
    """A cell that is ok, the place whose prices count, and what a call costs there."""

    cell: "Measurement"
    place: DeploymentTarget
    cost: CallCost

    def as_json(self) -> dict[str, Any]:
        """Return the cost for machines."""
        return cost_json(self.cost, self.place)


def paid(cell: "Measurement", terms: TargetOptions, catalogue: "Catalogue") -> Paid | None:
    """Return what a call of a cell costs; None for one that is not ok. Raises UnknownNameError for a machine."""
    from data.architectures.library import architecture

    if cell.status != "ok":
        return None
    place = target_of(cell, terms, catalogue)
    return Paid(cell=cell, place=place, cost=cost_of(cell, architecture(cell.setup.model), place))


def prices(console: Console, found: Sequence[Paid]) -> None:
    """Print the price of each cell's call and outputs, its energy, of videos the real-time factor; and the terms."""
    video, tariff = any(one.cost.video_seconds for one in found), found[0].place.usd_per_kwh is not None
    of = "a second of video" if video else "an image"
    columns = [
        "shape",
        "a call",
        of,
        *(["energy of a call"] if tariff else []),
        *(["real-time factor"] if video else []),
    ]
    shown = table("What it costs", columns)
    for one in found:
        shown.add_row(*(_row(one)[name] for name in columns))
    console.print(shown)
    console.print(_terms(found[0].place), style="dim", highlight=False, markup=False)
    if video:
        console.print(FIRST_FRAME, style="dim", highlight=False)


def _row(one: Paid) -> dict[str, str]:
    factor = one.cost.real_time_factor
    return {
        "shape": size(one.cell.setup.shape),
        "a call": formatting.dollars(one.cost.usd),
        "an image": formatting.dollars(one.cost.usd_an_image),
        "a second of video": formatting.dollars(one.cost.usd_a_video_second),
        "energy of a call": formatting.dollars(one.cost.usd_energy),
        "real-time factor": DASH if factor is None else formatting.plain(factor),
    }


def _terms(place: DeploymentTarget) -> str:
    source = place.source if place.source == GIVEN else f"{place.machine}, {place.source}"
    power = "" if place.usd_per_kwh is None else f" plus energy at ${place.usd_per_kwh:g} a kWh ({place.tariff_source})"
    return f"Machine time at ${place.usd_per_hour:g} an hour ({source}){power}."
