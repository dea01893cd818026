"""The chart of quality against seconds or dollars: intervals both ways, the Pareto front, the routed models."""

import math
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import altair as alt

from leaderboard.board.charts import palette
from leaderboard.board.charts.axes import round_numbers, upright
from leaderboard.board.charts.drawable import LARGEST, drawable, empty_state, with_ends
from leaderboard.board.charts.labels import Point, corners

if TYPE_CHECKING:
    import pandas as pd

NOTHING: Final = "No model has both a score and this figure."
PRICE_ENDS: Final = ("price_low", "price_high")
HEIGHT: Final = 460
WIDTH: Final = 470.0
"""The width in pixels that names are placed for; the page may draw it wider or narrower."""


class PriceAxis(NamedTuple):
    """What is paid on the horizontal axis: its title, and the format of its ticks (d3)."""

    title: str
    tick_format: str


SECONDS: Final = PriceAxis("Median latency in seconds (log)", "~g")
SECONDS_A_VIDEO_SECOND: Final = PriceAxis("Seconds of waiting per second of video, median (log)", "~g")


def pareto_front(frame: "pd.DataFrame") -> "pd.Series[bool]":
    """Return which rows no other row beats: columns price (less is better) and quality (more is better)."""
    import pandas as pd

    kept = []
    for row in frame.itertuples():
        better = (frame["price"] <= row.price) & (frame["quality"] >= row.quality)
        strictly = (frame["price"] < row.price) | (frame["quality"] > row.quality)
        kept.append(not bool((better & strictly).any()))
    return pd.Series(kept, index=frame.index, dtype=bool)


def trade_off(
    frame: "pd.DataFrame", *, price: PriceAxis, quality: str, percent: bool, higher_is_better: bool = True
) -> Any:
    """Return the chart of `frame`, one row a model, or the sentence that there is none. The price axis is logarithmic.

    Columns: model, title, front, price, price_low, price_high, quality, low, high; `role` (one of `palette.ROLES`);
    `price_text`, the price as a tooltip writes it.
    """
    frame = drawable(frame, ["price", "quality"], logarithmic=["price"])
    if frame.empty:
        return empty_state(NOTHING)
    frame = _within(frame)
    domain = _domain(frame)
    x = alt.X(
        "price:Q", title=price.title, scale=alt.Scale(type="log", domain=domain, nice=False), axis=_ticks(domain, price)
    )
    y = alt.Y(
        "quality:Q",
        title=quality,
        scale=alt.Scale(zero=False, nice=True, padding=12, reverse=not higher_is_better),
        axis=upright("~%" if percent else "~g"),
    )
    base, rule = alt.Chart(frame), {"strokeWidth": 2, "opacity": 0.45}
    layers = [
        _front(frame, x, y),
        base.mark_rule(**rule).encode(x=x, y=alt.Y("low:Q"), y2="high:Q", color=_colour()),
        base.mark_rule(**rule).encode(x=alt.X("price_low:Q"), x2="price_high:Q", y=y, color=_colour()),
        base.mark_point(filled=True, opacity=1).encode(
            x=x, y=y, color=_colour(), shape=_shape(), size=_size(), tooltip=_tooltip(price, quality, percent=percent)
        ),
        *_names(frame, x, y),
    ]
    return alt.layer(*layers).properties(height=HEIGHT).configure_view(strokeWidth=0)


def _within(frame: "pd.DataFrame") -> "pd.DataFrame":
    frame = with_ends(frame, ["low", "high", "price_low", "price_high"])
    ends = {name: frame[name].where(frame[name] >= 1 / LARGEST).fillna(frame["price"]) for name in PRICE_ENDS}
    return frame.assign(**ends)


def _front(frame: "pd.DataFrame", x: Any, y: Any) -> Any:
    front = frame[frame["front"]].sort_values("price")
    line = alt.Chart(front).mark_line(interpolate="step-after", color=palette.GREEN, strokeWidth=1.5, strokeDash=[5, 4])
    return line.encode(x=x, y=y, order="price:Q")


def _names(frame: "pd.DataFrame", x: Any, y: Any) -> list[Any]:
    """Return the models' names, each at the corner of its point where there is room."""
    chosen = corners(_pixels(frame), width=WIDTH)
    layers = []
    for corner in dict.fromkeys(chosen):
        right, up = corner.startswith("right"), corner.endswith("up")
        rows = frame[[choice == corner for choice in chosen]]
        names = alt.Chart(rows).mark_text(
            align="left" if right else "right",
            dx=10 if right else -10,
            dy=-11 if up else 12,
            baseline="middle",
            fontSize=13,
            fontWeight=500,
            color=palette.INK,
        )
        layers.append(names.encode(x=x, y=y, text="title:N"))
    return layers


def _pixels(frame: "pd.DataFrame") -> list[Point]:
    low, high = (math.log10(end) for end in _domain(frame))
    bottom = float(frame["low"].fillna(frame["quality"]).min())
    top = float(frame["high"].fillna(frame["quality"]).max())
    span = (top - bottom) or 1.0
    columns = (frame[name].tolist() for name in ("price", "quality", "title"))
    return [
        Point(WIDTH * (math.log10(price) - low) / (high - low), HEIGHT * (top - quality) / span, str(title))
        for price, quality, title in zip(*columns, strict=True)
    ]


def _domain(frame: "pd.DataFrame") -> list[float]:
    return [float(frame["price_low"].min()) / 1.5, float(frame["price_high"].max()) * 1.5]


def _ticks(domain: list[float], price: PriceAxis) -> Any:
    """Return an axis with the round numbers of a logarithmic scale."""
    return alt.Axis(format=price.tick_format, values=round_numbers(*domain), titleAnchor="end", labelOverlap=True)


def _colour() -> Any:
    scale = alt.Scale(domain=list(palette.ROLES), range=list(palette.ROLE_COLOURS))
    return alt.Color("role:N", scale=scale, legend=_legend())


def _shape() -> Any:
    scale = alt.Scale(domain=list(palette.ROLES), range=list(palette.ROLE_SHAPES))
    return alt.Shape("role:N", scale=scale, legend=_legend())


def _size() -> Any:
    scale = alt.Scale(domain=list(palette.ROLES), range=list(palette.ROLE_SIZES))
    return alt.Size("role:N", scale=scale, legend=None)


def _legend() -> Any:
    return alt.Legend(title=None, orient="bottom", direction="horizontal", columns=2, symbolSize=110, symbolOpacity=1)


def _tooltip(price: PriceAxis, quality: str, *, percent: bool) -> list[Any]:
    number_format = ".1%" if percent else ".3~g"
    return [
        alt.Tooltip("title:N", title="Model"),
        alt.Tooltip("quality:Q", title=quality, format=number_format),
        alt.Tooltip("low:Q", title="95 % interval from", format=number_format),
        alt.Tooltip("high:Q", title="95 % interval to", format=number_format),
        alt.Tooltip("price_text:N", title=price.title.removesuffix(" (log)")),
        alt.Tooltip("role:N", title="Role"),
    ]
