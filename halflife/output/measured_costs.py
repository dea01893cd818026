"""What the calls of measurements cost: each output, the energy, and how fast a video is made."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from data.architectures.library import architecture
from data.catalogue.library import Catalogue
from data.measurements import Measurement
from halflife.output.price import cost_json
from halflife.output.profile import size
from halflife.output.tables import table
from halflife.output.terminal import Terminal
from leaderboard import formatting
from leaderboard.cost_model.cost import FIRST_FRAME, CallCost
from leaderboard.cost_model.measurements import cost_of
from leaderboard.cost_model.target import GIVEN, DeploymentTarget, TargetOptions, target_of
from leaderboard.formatting import DASH


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasuredCost:
    """A measurement that is ok, the deployment target whose prices count, and what a call costs there."""

    measurement: Measurement
    target: DeploymentTarget
    cost: CallCost

    def as_json(self) -> dict[str, Any]:
        """Return the cost for machines."""
        return cost_json(self.cost, self.target)


def measured_cost(measurement: Measurement, options: TargetOptions, catalogue: Catalogue) -> MeasuredCost | None:
    """Return what a call of a measurement costs; None if it is not ok. Raises UnknownNameError for a machine."""
    if measurement.status != "ok":
        return None
    target = target_of(measurement, options, catalogue)
    cost = cost_of(measurement, architecture(measurement.setup.model), target)
    return MeasuredCost(measurement=measurement, target=target, cost=cost)


def prices(console: Terminal, costs: Sequence[MeasuredCost]) -> None:
    """Print for each measurement the price of a call and of its outputs; energy and video speed where known."""
    is_video = any(cost.cost.video_seconds for cost in costs)
    has_tariff = costs[0].target.usd_per_kwh is not None
    columns = [
        "shape",
        "a call",
        "a second of video" if is_video else "an image",
        *(["energy of a call"] if has_tariff else []),
        *(["real-time factor"] if is_video else []),
    ]
    rows = table("What it costs", columns, numbers=columns[1:])
    for cost in costs:
        cells = _cells(cost)
        rows.add_row(*(cells[name] for name in columns))
    console.print(rows)
    console.print(_source(costs[0].target), style="dim")
    if is_video:
        console.print(FIRST_FRAME, style="dim")


def _cells(measured: MeasuredCost) -> dict[str, str]:
    cost = measured.cost
    return {
        "shape": size(measured.measurement.setup.shape),
        "a call": formatting.dollars(cost.usd),
        "an image": formatting.dollars(cost.usd_an_image),
        "a second of video": formatting.dollars(cost.usd_a_video_second),
        "energy of a call": formatting.dollars(cost.usd_energy),
        "real-time factor": DASH if cost.real_time_factor is None else formatting.plain(cost.real_time_factor),
    }


def _source(target: DeploymentTarget) -> str:
    source = target.source if target.source == GIVEN else f"{target.machine}, {target.source}"
    energy = (
        "" if target.usd_per_kwh is None else f" plus energy at ${target.usd_per_kwh:g} a kWh ({target.tariff_source})"
    )
    return f"Machine time at ${target.usd_per_hour:g} an hour ({source}){energy}."
