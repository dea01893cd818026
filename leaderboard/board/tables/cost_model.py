"""What models compute, take and cost, as tables: the chosen models at one shape, and all of them in prompts."""

from collections.abc import Sequence
from typing import Final

from leaderboard import formatting
from leaderboard.board.tables.table import Cell, Column, Table
from leaderboard.cost_model.cost import FIRST_FRAME
from leaderboard.cost_model.estimate import CostEstimate
from leaderboard.cost_model.measurements import TERA
from leaderboard.cost_model.surface import PROMPT_TFLOP, Surface, SurfaceQuery

ESTIMATE_COLUMNS: Final = (
    Column(key="model", label="Model", kind="name", narrow=True),
    Column(
        key="shape",
        label="Shape",
        kind="text",
        help="The shape that the architecture accepts and that is nearest to the chosen one",
    ),
    Column(key="tokens", label="Tokens", kind="number", help="Tokens that the denoiser processes in one forward pass"),
    Column(key="flops", label="TFLOP", kind="number", help="Per call: text encoders, denoiser and VAE decoder"),
    Column(
        key="seconds",
        label="Seconds",
        kind="number",
        help="Predicted for one call. Below: what was measured at this shape, or the 95 % interval of the prediction",
    ),
    Column(
        key="usd",
        label="$ per output",
        kind="number",
        help="Per image or clip: the seconds of the call at the machine's declared price per hour",
    ),
    Column(key="usd_second", label="$ per second of video", kind="number"),
    Column(
        key="pace",
        label="Real-time factor",
        kind="number",
        help="Seconds of video generated per second; 1 or more is real time",
    ),
)
CLAIM_COLUMNS: Final = (
    Column(key="model", label="Model", kind="name", narrow=True),
    Column(key="shape", label="Its authors' shape", kind="text"),
    Column(key="what", label="Output", kind="text"),
    Column(key="tflop", label="TFLOP", kind="number", help="Per call"),
    Column(key="times", label="Prompts", kind="number", help="Language-model prompts that take as many FLOPs"),
    Column(key="second", label="Prompts per second of video", kind="number"),
)
CLAIM: Final = (
    "Each model at the shape that its authors use. One prompt: 200 tokens through a language model with 37 billion "
    "active parameters, 14.8 TFLOP. A common rule of thumb: an image takes as much as 100 prompts, five seconds of "
    "video as much as 10,000, and 4K ten times as much again."
)


def titles(surface: Surface) -> dict[str, str]:
    """Return the titles of all models of the FLOPs model, by id; the embedded ones last."""
    models = sorted(surface.flops_model.models, key=lambda model: (model.startswith("shapes-"), model))
    return {model: surface.architecture(model).title for model in models}


def answers(estimates: Sequence[CostEstimate], query: SurfaceQuery) -> Table:
    """Return a row a model: its shape, work, seconds and cost for what was chosen."""
    rows = [_answer(estimate) for estimate in estimates]
    return Table(label=f"At {query.resolution.name}", columns=ESTIMATE_COLUMNS, rows=rows)


def _answer(estimate: CostEstimate) -> dict[str, Cell]:
    cost = estimate.cost
    usd_second, pace = (cost.usd_a_video_second, cost.real_time_factor) if cost else (None, None)
    return {
        "model": Cell(text=estimate.title, sort=estimate.title, help=estimate.model),
        "shape": Cell(text=estimate.words, tone="muted"),
        "tokens": Cell(text=f"{estimate.tokens:,}", sort=estimate.tokens),
        "flops": Cell(text=formatting.plain(estimate.flops / TERA), sort=estimate.flops),
        "seconds": Cell(
            text=formatting.seconds(estimate.seconds),
            sub=interval_or_measured(estimate),
            help=_basis(estimate),
            sort=estimate.seconds,
        ),
        "usd": Cell(text=formatting.dollars(estimate.usd), sort=estimate.usd),
        "usd_second": Cell(text=formatting.dollars(usd_second), sort=usd_second),
        "pace": Cell(text=formatting.DASH if pace is None else formatting.plain(pace), sort=pace),
    }


def interval_or_measured(estimate: CostEstimate) -> str:
    """Return what stands below predicted seconds: what was measured at this very shape, else the interval."""
    if estimate.measured and estimate.prediction:
        return f"{formatting.seconds(estimate.measured.seconds)} {estimate.measured.label}"
    if estimate.low is not None:
        return f"{formatting.seconds(estimate.low)} to {formatting.seconds(estimate.high)}"
    if estimate.prediction:
        return "no interval"
    return "measured" if estimate.measured else "no prediction"


def _basis(estimate: CostEstimate) -> str:
    low, high = formatting.seconds(estimate.low), formatting.seconds(estimate.high)
    interval = "" if estimate.low is None else f"{low} to {high}; "
    energy = estimate.cost.usd_energy if estimate.cost else None
    power = "" if energy is None else f"; energy is {formatting.dollars(energy)} of a call"
    return f"{interval}{estimate.basis}{power}"


def about(query: SurfaceQuery) -> str:
    """Return what the predictions of a page are computed from, in Markdown."""
    place, accelerator = query.place, query.place.accelerator
    peak = ""
    if accelerator.peak_tflops:
        peak = f", with a peak of {accelerator.peak_tflops:g} TFLOP/s in dense bfloat16 ({accelerator.source})"
    tariff = ""
    if place.usd_per_kwh is not None:
        tariff = f" A kWh costs \\${place.usd_per_kwh:g} ({place.tariff_source})."
    return (
        "FLOPs are those of matrix products and convolutions, counted exactly. Predicted seconds are these FLOPs "
        f"divided by the rate that measured calls reach on the {accelerator.title} ({place.software}){peak}. "
        "They stay estimates until you measure your own shapes with `halflife profile MODEL --measure`. "
        f"An hour of the machine costs \\${place.usd_per_hour:g} ({place.source}).{tariff} {FIRST_FRAME}"
    )


def claims(estimates: Sequence[CostEstimate]) -> Table:
    """Return each model's own call in prompts to a language model, the cheapest first."""
    counted = [estimate for estimate in estimates if estimate.flops and not estimate.model.startswith("shapes-")]
    rows = [_claim(estimate) for estimate in sorted(counted, key=lambda estimate: estimate.flops)]
    return Table(label="In prompts", columns=CLAIM_COLUMNS, rows=rows)


def _claim(estimate: CostEstimate) -> dict[str, Cell]:
    prompts = estimate.flops / TERA / PROMPT_TFLOP
    output = f"{estimate.video_seconds:.3g} s of video" if estimate.video_seconds else "an image"
    prompts_second = prompts / estimate.video_seconds if estimate.video_seconds else None
    return {
        "model": Cell(text=estimate.title, sort=estimate.title),
        "shape": Cell(text=estimate.words, tone="muted"),
        "what": Cell(text=output, sort=estimate.video_seconds or 0.0),
        "tflop": Cell(text=_tflop(estimate.flops / TERA), sort=estimate.flops),
        "times": Cell(text=formatting.plain(prompts), sort=prompts),
        "second": Cell(
            text=formatting.DASH if prompts_second is None else formatting.plain(prompts_second), sort=prompts_second
        ),
    }


def _tflop(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else formatting.plain(value)
