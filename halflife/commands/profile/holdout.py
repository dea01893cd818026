"""`halflife profile --holdout`: how well each measurement would have been predicted from the others."""

import json
from dataclasses import dataclass
from pathlib import Path

from data.flops.flops_model import load_flops_model
from data.home import Home
from data.measurements import load_measurements
from halflife.output import measurements
from halflife.output.terminal import Terminal
from leaderboard.cost_model.calibration import published_cells
from leaderboard.cost_model.measurements import calibration_cells
from leaderboard.cost_model.prediction import held_out


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldoutOptions:
    """Where the measurements are kept."""

    home: Path


def holdout(options: HoldoutOptions, *, as_json: bool) -> None:
    """Print each measurement of the home and each published run as predicted from the others of its group."""
    flops_model, console = load_flops_model(), Terminal()
    measured = [*calibration_cells(load_measurements(Home(options.home)), flops_model), *published_cells(flops_model)]
    residuals = held_out(measured)
    if as_json:
        console.print_json(json.dumps(measurements.holdout_json(residuals)), indent=2, highlight=False)
    else:
        measurements.holdout(console, residuals)
