"""The embedded models profiled: what each computes by its exact polynomial, and how long its samples took here."""

from collections.abc import Sequence
from typing import Literal, NamedTuple

from data.flops.flops_model import load_flops_model
from data.home import Home
from data.measurements import Measurement
from data.runs import runs
from halflife.output.measurements import interval, rate
from halflife.output.profile import amount, seconds
from halflife.output.tables import DASH, table
from halflife.output.terminal import Terminal
from harness.profiling.sampled import keep_cells
from leaderboard.cost_model.measurements import summary


class ModelProfile(NamedTuple):
    """A model's parameters, the FLOPs of one image or clip by its polynomial, and its measurement."""

    title: str
    parameters: int
    flops: int
    measurement: Measurement


def profile_run(home: Home, run_id: str) -> list[ModelProfile]:
    """Return the local models of a run as profiles, the lightest first; their measurements are kept in the home."""
    flops_model = load_flops_model()
    run = next(folder for folder in runs(home) if folder.run_id == run_id)
    profiles = []
    for measurement in keep_cells(home, run, lambda model, shape: flops_model.totals(model, [shape])[0]):
        counted = flops_model.profile(measurement.setup.model, measurement.setup.shape)
        parameters = sum(counted.parameters.values())
        profiles.append(ModelProfile(counted.architecture.title, parameters, counted.total.total, measurement))
    return sorted(profiles, key=lambda profile: profile.flops)


def show(console: Terminal, profiles: Sequence[ModelProfile], output: Literal["image", "clip"]) -> None:
    """Print a line for each model: parameters, FLOPs an output, median seconds with interval, the rate it reaches."""
    columns = ("model", "parameters", f"FLOPs per {output}", "n", "p50", "95 %", "rate")
    rows = table("FLOPs counted exactly, seconds measured on this machine", columns, numbers=columns[1:])
    for profile in profiles:
        latency = summary(profile.measurement)
        n = str(len(profile.measurement.seconds.steady))
        measured = (
            (seconds(latency.p50.estimate), interval(latency), rate(latency.tflops)) if latency else (DASH, DASH, DASH)
        )
        rows.add_row(profile.title, f"{profile.parameters:,}", f"{amount(profile.flops)}FLOP", n, *measured)
    console.print(rows)
    console.print(
        f"p50: median time per {output} end to end, over the run's n steady calls. For a measurement under the full "
        "protocol: halflife profile MODEL --measure",
        style="dim",
    )
