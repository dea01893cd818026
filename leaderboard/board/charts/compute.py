"""Charts of compute: FLOPs by stage, the roofline, memory against cards, curves and maps of cost over shapes."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import altair as alt

from leaderboard.board.charts import palette
from leaderboard.board.charts.axes import logarithmic, upright
from leaderboard.board.charts.drawable import drawable, empty_state

if TYPE_CHECKING:
    import pandas as pd

ROW: Final = 40
HEIGHT: Final = 380


class AxisScale(NamedTuple):
    """A quantity on an axis: the column that holds it, its title with the unit, the format of its ticks (d3)."""

    column: str
    title: str
    tick_format: str = "~s"


def stages(frame: "pd.DataFrame", *, order: Sequence[str]) -> Any:
    """Return bars of `frame`: stage, kind, tflop, share (of all), a row a stage in that order, coloured by kind."""
    frame = drawable(frame, ["tflop"])
    if frame.empty:
        return empty_state("No stage of this call has FLOPs that are counted.")
    scale = alt.Scale(domain=list(palette.KINDS), range=list(palette.KIND_COLOURS))
    bars = (
        alt.Chart(frame)
        .mark_bar(height=20)
        .encode(
            x=alt.X("tflop:Q", title="TFLOP", axis=alt.Axis(tickCount=5, titleAnchor="end", format=",.12~g")),
            y=_rows("stage", order),
            color=alt.Color("kind:N", scale=scale, legend=alt.Legend(title=None, orient="bottom")),
            order=alt.Order("kind_order:Q"),
            tooltip=[
                alt.Tooltip("stage:N", title="Stage"),
                alt.Tooltip("kind:N", title="Kind"),
                alt.Tooltip("tflop:Q", title="TFLOP", format=",.4~g"),
                alt.Tooltip("share:Q", title="Share of the call", format=".1%"),
            ],
        )
    )
    return bars.properties(height=ROW * len(order) + 110).configure_view(strokeWidth=0)


def memory(frame: "pd.DataFrame", cards: "pd.DataFrame", *, order: Sequence[str]) -> Any:
    """Return bars of `frame` (stage, part, gib) beside rules at the `cards` (title, gib)."""
    frame = drawable(frame, ["gib"])
    if frame.empty:
        return empty_state("The memory of no stage is modelled.")
    cards = drawable(cards, ["gib"])
    scale = alt.Scale(domain=list(palette.PARTS), range=list(palette.PART_COLOURS))
    most = float(frame.groupby("stage")["gib"].sum().max())
    top = 1.15 * min((float(size) for size in cards["gib"] if size >= most), default=most)
    domain = alt.Scale(domain=[0, top], nice=False)
    bars = (
        alt.Chart(frame)
        .mark_bar(height=20)
        .encode(
            x=alt.X("gib:Q", title="GiB", scale=domain, axis=alt.Axis(tickCount=6, titleAnchor="end")),
            y=_rows("stage", order),
            color=alt.Color("part:N", scale=scale, legend=alt.Legend(title=None, orient="bottom")),
            order=alt.Order("part_order:Q"),
            tooltip=[
                alt.Tooltip("stage:N", title="Stage"),
                alt.Tooltip("part:N", title="Part"),
                alt.Tooltip("gib:Q", title="GiB", format=".2f"),
            ],
        )
    )
    shown = cards[cards["gib"] <= top]
    rules = alt.Chart(shown).mark_rule(color=palette.INK, strokeDash=[3, 3]).encode(x=alt.X("gib:Q"))
    names = (
        alt.Chart(shown)
        .mark_text(align="left", dx=3, baseline="top", color=palette.INK, fontSize=11)
        .encode(x=alt.X("gib:Q"), y=alt.value(2), text="title:N")
    )
    return alt.layer(bars, rules, names).properties(height=ROW * len(order) + 130).configure_view(strokeWidth=0)


def roofline(points: "pd.DataFrame", roof: "pd.DataFrame", *, title: str) -> Any:
    """Return the roofline `roof` (intensity, tflops) and the stages under it, `points` (stage, intensity, tflops)."""
    points, roof = (drawable(part, [], logarithmic=["intensity", "tflops"]) for part in (points, roof))
    if roof.empty:
        return empty_state(f"There is no roofline of {title}.")
    x = alt.X("intensity:Q", **logarithmic(roof["intensity"], "~s", title="FLOP per byte (log)"))
    heights = [*roof["tflops"], 1.4 * roof["tflops"].max()]
    y = alt.Y("tflops:Q", **logarithmic(heights, "~g", title=f"TFLOP/s of {title} (log)", flat=True))
    line = alt.Chart(roof).mark_line(color=palette.INK, strokeWidth=2).encode(x=x, y=y)
    dots = (
        alt.Chart(points)
        .mark_point(filled=True, size=130, opacity=1)
        .encode(
            x=x,
            y=y,
            color=alt.Color("stage:N", sort=None, scale=alt.Scale(range=list(palette.SERIES)), legend=_legend_below()),
            tooltip=[
                alt.Tooltip("stage:N", title="Stage"),
                alt.Tooltip("intensity:Q", title="FLOP per byte", format=",.4~g"),
                alt.Tooltip("tflops:Q", title="TFLOP/s at most", format=",.4~g"),
                alt.Tooltip("bound:N", title="Limited by"),
            ],
        )
    )
    return alt.layer(line, dots).properties(height=HEIGHT).configure_view(strokeWidth=0)


def curves(frame: "pd.DataFrame", marks: "pd.DataFrame", *, x: AxisScale, y: AxisScale, order: Sequence[str]) -> Any:
    """Return a line a model of `frame` (title and both columns), with `marks` (title, both columns, mark) on them.

    A mark is the chosen shape, a measured shape, or where attention overtakes the rest. `order` names all titles,
    so that a model keeps its colour from chart to chart. Both axes are logarithmic.
    """
    frame, marks = (drawable(part, [], logarithmic=[x.column, y.column]) for part in (frame, marks))
    if frame.empty:
        return empty_state("No model has this figure at any of these shapes.")
    across = alt.X(f"{x.column}:Q", **logarithmic(frame[x.column], x.tick_format, title=x.title))
    up = alt.Y(f"{y.column}:Q", **logarithmic(frame[y.column], y.tick_format, title=y.title, flat=True))
    series = alt.Scale(domain=list(order), range=list(palette.SERIES))
    colour = alt.Color("title:N", scale=series, legend=_legend_below())
    tips = [
        alt.Tooltip("title:N", title="Model"),
        alt.Tooltip("shape:N", title="Shape"),
        alt.Tooltip(f"{y.column}:Q", title=y.title.removesuffix(" (log)"), format=",.4~g"),
    ]
    layers = [alt.Chart(frame).mark_line(strokeWidth=2.5).encode(x=across, y=up, color=colour, tooltip=tips)]
    if len(marks):
        shapes = alt.Scale(domain=list(palette.COST_MARKS), range=list(palette.COST_MARK_SHAPES))
        layers.append(
            alt.Chart(marks)
            .mark_point(filled=True, size=110, opacity=1)
            .encode(
                x=across,
                y=up,
                color=colour,
                tooltip=[*tips, alt.Tooltip("mark:N", title="Mark")],
                shape=alt.Shape("mark:N", scale=shapes, legend=None),
            )
        )
    return alt.layer(*layers).properties(height=HEIGHT).configure_view(strokeWidth=0)


def heat_map(frame: "pd.DataFrame", *, x: AxisScale, y: AxisScale, value: AxisScale) -> Any:
    """Return a map of `frame` (both columns in order, the value, its text `label`, `dark`); more is darker."""
    frame = drawable(frame, [], logarithmic=[value.column])
    if frame.empty:
        return empty_state("The model has this figure at none of these shapes.")
    across = alt.X(f"{x.column}:O", title=x.title, sort=None, axis=alt.Axis(labelAngle=0, titleAnchor="end"))
    up = alt.Y(f"{y.column}:O", title=y.title, sort=None, axis=upright())
    base = alt.Chart(frame).encode(x=across, y=up)
    scale = alt.Scale(type="log", scheme="blues")
    cells = base.mark_rect().encode(
        color=alt.Color(f"{value.column}:Q", scale=scale, legend=None),
        tooltip=[
            alt.Tooltip(f"{x.column}:O", title=x.title),
            alt.Tooltip(f"{y.column}:O", title=y.title),
            alt.Tooltip("label:N", title=value.title),
        ],
    )
    texts = base.mark_text(fontSize=12).encode(
        text="label:N", color=alt.condition("datum.dark", alt.value("white"), alt.value("#1f2933"))
    )
    return alt.layer(cells, texts).properties(height=HEIGHT).configure_view(strokeWidth=0)


def _rows(column: str, order: Sequence[str]) -> Any:
    axis = alt.Axis(labelLimit=190, domain=False, ticks=False, labelFontSize=13)
    return alt.Y(f"{column}:N", sort=list(order), title=None, axis=axis)


def _legend_below() -> Any:
    return alt.Legend(title=None, orient="bottom", columns=3, labelLimit=220)
