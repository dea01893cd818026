"""The panels of the pages about compute: curves and map of the cost surface, list prices, a profile's figures."""

import datetime as dt
from collections.abc import Sequence

import streamlit as st

from data.catalogue.accelerator import Accelerator
from data.catalogue.library import Catalogue
from data.flops.profile import Profile
from leaderboard import formatting
from leaderboard.board.charts import compute, cost_frames, profile_frames
from leaderboard.board.charts.cost_frames import CURVE_AXES, MAP_ROWS, Quantity
from leaderboard.board.tables import cost_model
from leaderboard.board.widgets.headline import headline
from leaderboard.board.widgets.notices import inert
from leaderboard.cost_model import surface_tables as cost_surface
from leaderboard.cost_model.estimate import CostEstimate
from leaderboard.cost_model.list_prices import Market, market
from leaderboard.cost_model.surface import Surface, SurfaceQuery

MARKS = "● chosen shape · ✚ attention overtakes the rest · ◆ measured"
CROSSOVER = "From this number of tokens on, attention takes more FLOPs than everything else together."
ROOFLINE = (
    "The intensity counts the weights alone, two bytes each, read once per forward pass. Activations are moved too, so "
    "each point is an upper bound."
)
MEMORY = (
    "Tensors alone: bfloat16, eager execution, flash attention. The device itself needs some more. With model offload, "
    "a call needs the memory of its largest stage."
)


def markets(catalogue: Catalogue, surface: Surface, models: Sequence[str]) -> list[Market]:
    """Return the list prices of images, of videos or of both, as the chosen models ask for."""
    today = dt.datetime.now(dt.UTC).date()
    kinds = sorted({surface.is_video(model) for model in models})
    return [market(catalogue, video=video, today=today) for video in kinds]


def curves(surface: Surface, models: Sequence[str], query: SurfaceQuery, quantity: Quantity) -> None:
    """Show the quantity along two axes of the shape, a line a model."""
    lines = {by: cost_surface.curves(surface, models, query, by=by) for by in CURVE_AXES}
    drawn = [by for by, frame in lines.items() if not frame.empty][:2]
    order = [surface.architecture(model).title for model in models]
    for column, by in zip(st.columns(2, gap="medium"), drawn, strict=False):
        axis, marks = CURVE_AXES[by], cost_frames.marks(surface, models, query, by=by)
        chart = compute.curves(lines[by], marks, x=axis.scale, y=quantity.scale, order=order)
        with column:
            st.subheader(axis.heading, anchor=False)
            st.altair_chart(chart, width="stretch", alt=f"{quantity.title} {axis.heading.lower()}")
    st.caption(MARKS)


def cost_map(surface: Surface, model: str, query: SurfaceQuery, quantity: Quantity) -> None:
    """Show the quantity of one model over resolution, and over seconds of video or steps."""
    columns = cost_frames.map_columns(surface, model)
    st.subheader(
        f"{surface.architecture(model).title} by resolution and {columns.title.lower()}",
        anchor=False,
    )
    cells = cost_frames.labelled(cost_surface.heat(surface, model, query), quantity)
    if cells.empty:
        st.caption("This model accepts none of these shapes.")
        return
    st.caption(f"Each cell: {quantity.scale.title.removesuffix(' (log)')}.")
    chart = compute.heat_map(cells, x=columns, y=MAP_ROWS, value=quantity.scale)
    st.altair_chart(chart, width="stretch", alt=f"{quantity.title} by resolution and {columns.title.lower()}")


def profile_figures(profile: Profile, estimate: CostEstimate) -> None:
    """Show a profile's headline figures: FLOPs, parameters, tokens, predicted seconds, cost of an image or clip."""
    crossover = profile.crossover_tokens
    usd_second = estimate.cost.usd_a_video_second if estimate.cost else None
    unit = "an image" if estimate.video_seconds is None else f"{formatting.dollars(usd_second)} a second of video"
    billions = sum(profile.parameters.values()) / 1e9
    with st.grid(5, min_column_width=170):
        headline("FLOPs", f"{formatting.plain(profile.total.total / 1e12)} TFLOP", estimate.words)
        headline("Parameters", f"{formatting.plain(billions)} billion", f"{profile.forwards} denoiser passes")
        headline(
            "Tokens",
            f"{profile.tokens:,}",
            f"crossover at {crossover:,}" if crossover else "no crossover",
            help=CROSSOVER,
        )
        headline("Predicted", formatting.seconds(estimate.seconds), cost_model.interval_or_measured(estimate))
        headline("Costs", formatting.dollars(estimate.usd), unit)
    st.caption(inert(f"{estimate.basis[:1].upper()}{estimate.basis[1:]}."))


def flops_by_stage(profile: Profile) -> None:
    """Show the FLOPs of each stage, by kind."""
    st.subheader("FLOPs by stage", anchor=False)
    frame, order = profile_frames.stages(profile)
    st.altair_chart(compute.stages(frame, order=order), width="stretch", alt="TFLOP by stage and kind")


def roofline(profile: Profile, accelerator: Accelerator) -> None:
    """Show the stages under the accelerator's roofline, or say why it has none."""
    st.subheader("Roofline", anchor=False)
    if accelerator.peak_tflops is None:
        st.caption(f"There is no roofline: the peak of the {accelerator.title} is not known.")
        return
    points, roof = profile_frames.roofline(profile, accelerator)
    chart = compute.roofline(points, roof, title=f"the {accelerator.title}")
    st.altair_chart(chart, width="stretch", alt="Roofline")
    st.caption(ROOFLINE)


def memory(profile: Profile) -> None:
    """Show the memory of each stage against common cards, and say what is not known of it."""
    st.subheader("Memory by stage", anchor=False)
    frame, order = profile_frames.memory(profile)
    if frame.empty:
        st.caption("Not available: there is no memory model for this model.")
    else:
        chart = compute.memory(frame, profile_frames.cards(), order=order)
        st.altair_chart(chart, width="stretch", alt="GiB by stage, against common cards")
        st.caption(f"{profile_frames.smallest_cards(profile)} {MEMORY}")
    for stage, reason in profile.memory_unknown.items():
        st.caption(f"Memory of {formatting.label(stage).lower()} is not available. {reason}")
    for stage, reason in profile.partial.items():
        st.caption(f"{formatting.label(stage)} is not counted: {reason}")
