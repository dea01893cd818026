"""What the pages about compute show: quantities, axes, ledgers and marks. Data in, ledger or frame out."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from data import measurements
from data.flops.flops_model import load_flops_model
from data.home import Home
from leaderboard import formatting
from leaderboard.board.charts import compute
from leaderboard.board.charts.compute import AxisScale
from leaderboard.board.tables.table import Cell, Column, Table
from leaderboard.cost_model import surface as cost_surface
from leaderboard.cost_model.cost import FIRST_FRAME
from leaderboard.cost_model.estimate import CostEstimate
from leaderboard.cost_model.surface import PROMPT_TFLOP, Surface, SurfaceQuery

if TYPE_CHECKING:
    import pandas as pd


class Quantity(NamedTuple):
    """What is drawn: its name and its axis."""

    title: str
    scale: AxisScale


class Across(NamedTuple):
    """An axis of the curves, with the heading that it stands under."""

    heading: str
    scale: AxisScale


QUANTITIES: Final[Mapping[str, Quantity]] = {
    "flops": Quantity("FLOPs", AxisScale("tflop", "TFLOP a call (log)", "~s")),
    "seconds": Quantity("Predicted seconds", AxisScale("seconds", "Predicted seconds (log)", "~g")),
    "usd": Quantity("US dollars", AxisScale("usd", "US dollars an output (log)", "$~g")),
}
AXES: Final[Mapping[str, Across]] = {
    "megapixels": Across("By resolution", AxisScale("megapixels", "Megapixels (log)", "~g")),
    "duration": Across("By duration", AxisScale("duration", "Seconds of video (log)", "~g")),
    "steps": Across("By steps", AxisScale("steps", "Steps (log)", "~g")),
}
CLAIM: Final = (
    "Each model at the shape that its authors show, in prompts of 200 tokens to a language model with 37 billion "
    "active parameters (14.8 TFLOP). The rule of thumb says: an image 100, five seconds of video 10,000, 4K ten times "
    "more."
)


def surface(home: Home | None = None) -> Surface:
    """Return the surface of the committed atlas, with the measured cells of a home on it."""
    held = measurements.measurement_journals(home).paths() if home else []
    return _surface(home, tuple((path.name, path.stat().st_size) for path in held))


@lru_cache(maxsize=4)
def _surface(home: Home | None, journals: tuple[tuple[str, int], ...]) -> Surface:
    return Surface(load_flops_model(), measurements.load_measurements(home) if home and journals else ())


def titles(found: Surface) -> dict[str, str]:
    """Return the titles of all models that the atlas holds, by id; the embedded ones last."""
    held = sorted(found.atlas.models, key=lambda one: (one.startswith("shapes-"), one))
    return {one: found.architecture(one).title for one in held}


def across(found: Surface, model: str) -> str:
    """Return what a model's map varies beside the resolution."""
    return "Seconds of video" if found.is_video(model) else "Steps"


def answers(found: Sequence[CostEstimate], wish: SurfaceQuery) -> Table:
    """Return what each model does with the wish."""
    columns = (
        Column(key="model", label="Model", kind="name", narrow=True),
        Column(key="shape", label="Shape taken", kind="text", help="The nearest that the architecture takes"),
        Column(key="tokens", label="Tokens", kind="number"),
        Column(key="flops", label="TFLOP", kind="number", help="Text encoders, denoiser, VAE decode"),
        Column(
            key="seconds",
            label="Seconds",
            kind="number",
            help="Predicted, with a 95 % interval or what was measured at this shape",
        ),
        Column(key="usd", label="$ an output", kind="number", help="Seconds at the machine's declared price"),
        Column(key="usd_second", label="$ a second of video", kind="number"),
        Column(key="pace", label="Real-time factor", kind="number", help="Seconds of video made in a second"),
    )
    return Table(label=f"At {wish.resolution.name}", columns=columns, rows=[_answer(one) for one in found])


def _answer(one: CostEstimate) -> dict[str, Cell]:
    paid = one.cost
    each, pace = (paid.usd_a_video_second, paid.real_time_factor) if paid else (None, None)
    return {
        "model": Cell(text=one.title, sort=one.title, help=one.model),
        "shape": Cell(text=one.words, tone="muted"),
        "tokens": Cell(text=f"{one.tokens:,}", sort=one.tokens),
        "flops": Cell(text=formatting.plain(one.flops / cost_surface.TERA), sort=one.flops),
        "seconds": Cell(text=formatting.seconds(one.seconds), sub=below(one), help=_rests_on(one), sort=one.seconds),
        "usd": Cell(text=formatting.dollars(one.usd), sort=one.usd),
        "usd_second": Cell(text=formatting.dollars(each), sort=each),
        "pace": Cell(text=formatting.DASH if pace is None else formatting.plain(pace), sort=pace),
    }


def below(one: CostEstimate) -> str:
    """Return what stands below predicted seconds: what was measured at the very shape, else the interval."""
    if one.measured and one.prediction:
        return f"{formatting.seconds(one.measured.seconds)} {one.measured.label}"
    if one.low is not None:
        return f"{formatting.seconds(one.low)} to {formatting.seconds(one.high)}"
    return "no interval" if one.prediction else "measured" if one.measured else "not predicted"


def _rests_on(one: CostEstimate) -> str:
    ends = f"{formatting.seconds(one.low)} to {formatting.seconds(one.high)}; " if one.low is not None else ""
    energy = one.cost.usd_energy if one.cost else None
    power = "" if energy is None else f"; {formatting.dollars(energy)} of a call is energy"
    return f"{ends}{one.basis}{power}"


def about(wish: SurfaceQuery) -> str:
    """Return what the predictions of a page rest on."""
    place, on = wish.place, wish.place.accelerator
    peak = f"; peak {on.peak_tflops:g} TFLOP/s dense bfloat16, {on.source}" if on.peak_tflops else ""
    tariff = f" A kWh costs \\${place.usd_per_kwh:g} ({place.tariff_source})." if place.usd_per_kwh is not None else ""
    return (
        f"Matrix and convolution FLOPs, exact. Seconds: FLOPs over the rate that calls on the {on.title} reach "
        f"({place.software}{peak}); estimates until you measure "
        f"cells of your own (`halflife profile MODEL --measure`). "
        f"An hour costs \\${place.usd_per_hour:g}, {place.source}.{tariff} {FIRST_FRAME}"
    )


def marks(found: Surface, models: Sequence[str], wish: SurfaceQuery, *, by: str) -> "pd.DataFrame":
    """Return the marks on the curves: the shape that is chosen, measured cells, where attention overtakes the rest."""
    import pandas as pd

    models = [one for one in models if by != "duration" or found.is_video(one)]
    chosen = cost_surface.table([found.answer(one, wish) for one in models]).assign(mark="this shape")
    over = [
        cost_surface.crossings(found, one, wish, by=by).assign(mark="attention overtakes the rest") for one in models
    ]
    measured = [cost_surface.measured(found, one, wish, by=by).assign(mark="measured") for one in models]
    held = pd.concat([chosen, *(one for one in (*measured, *over) if len(one))], ignore_index=True)
    return held[held[by] > 0]


def told(frame: "pd.DataFrame", quantity: Quantity) -> "pd.DataFrame":
    """Return a map's frame with the words of each cell, and which cells are dark."""
    column = quantity.scale.column
    held = frame.dropna(subset=[column])
    write = {"tflop": formatting.compact, "seconds": formatting.seconds, "usd": formatting.dollars}[column]
    middle = (held[column].max() * held[column].min()) ** 0.5 if len(held) else 1.0
    return held.assign(told=held[column].map(write), dark=held[column] > middle)


def _tflop(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else formatting.plain(value)


def map_of(frame: "pd.DataFrame", quantity: Quantity, over: str) -> Any:
    """Return the chart of a map."""
    return compute.heat_map(
        frame, x=AxisScale("across", over), y=AxisScale("resolution", "Resolution"), value=quantity.scale
    )


def claims(found: Sequence[CostEstimate]) -> Table:
    """Return each model's own call beside a prompt to a language model, the cheapest first."""
    columns = (
        Column(key="model", label="Model", kind="name", narrow=True),
        Column(key="shape", label="Its authors' shape", kind="text"),
        Column(key="what", label="Makes", kind="text"),
        Column(key="tflop", label="TFLOP", kind="number"),
        Column(key="times", label="Prompts", kind="number", help="Of 200 tokens, 37 billion active"),
        Column(key="second", label="Prompts a second of video", kind="number"),
    )
    held = sorted(
        (one for one in found if one.flops and not one.model.startswith("shapes-")), key=lambda one: one.flops
    )
    return Table(label="In prompts", columns=columns, rows=[_claim(one) for one in held])


def _claim(one: CostEstimate) -> dict[str, Cell]:
    times = one.flops / cost_surface.TERA / PROMPT_TFLOP
    video = f"{one.video_seconds:.3g} s of video" if one.video_seconds else "an image"
    second = times / one.video_seconds if one.video_seconds else None
    return {
        "model": Cell(text=one.title, sort=one.title),
        "shape": Cell(text=one.words, tone="muted"),
        "what": Cell(text=video, sort=one.video_seconds or 0.0),
        "tflop": Cell(text=_tflop(one.flops / cost_surface.TERA), sort=one.flops),
        "times": Cell(text=formatting.plain(times), sort=times),
        "second": Cell(text=formatting.DASH if second is None else formatting.plain(second), sort=second),
    }
