"""`halflife profile MODEL --measure`: time a model at every shape of a grid."""

import json
from dataclasses import dataclass
from pathlib import Path

from data.catalogue.library import load_catalogue
from data.errors import StoreBusyError
from data.home import Home
from halflife.output import measurements
from halflife.output.measured_costs import measured_cost
from halflife.output.progress import Bars
from halflife.output.terminal import Terminal
from halflife.workflows import measure as workflow
from halflife.workflows.measure_request import MeasureRequest
from halflife.workflows.publish import renew_board
from leaderboard.cost_model.target import TargetOptions


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureCommand:
    """What to measure, the prices that count, and where measurements are kept."""

    request: MeasureRequest
    target: TargetOptions
    home: Path


def measure(options: MeasureCommand, *, as_json: bool) -> None:
    """Measure what the home does not hold yet, keep it, and print all measurements of the grid with their costs."""
    console, notes = Terminal(), Terminal(stderr=True)
    with Bars(notes) as bars:
        measured = workflow.measure(Home(options.home), options.request, bars)
    try:
        renew_board(Home(options.home))
    except StoreBusyError:
        notes.print(
            "The store is busy: the measurements are kept, and the next routing table takes them in.", style="yellow"
        )
    catalogue = load_catalogue(options.request.catalogue)
    costs = [measured_cost(measurement, options.target, catalogue) for measurement in measured]
    if as_json:
        console.print_json(json.dumps(measurements.measured_json(measured, costs)), indent=2, highlight=False)
    else:
        measurements.measured(console, measured, costs)
