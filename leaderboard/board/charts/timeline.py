"""The chart of who was in the top k and when: a bar a tenure, a tick at the release, marks for states and changes."""

from typing import TYPE_CHECKING, Any, Final

import altair as alt

from leaderboard.board.charts import palette
from leaderboard.board.charts.drawable import empty_state

if TYPE_CHECKING:
    import pandas as pd

ROW: Final = 34


def timeline(tenures: "pd.DataFrame", releases: "pd.DataFrame", marks: "pd.DataFrame", *, order: list[str]) -> Any:
    """Return the chart of `tenures` (title, entered, until, ending, days) and `releases` (title, released).

    `marks` (title, day, mark, note) stand on the rows: silent changes and states. `order` names the models from top to
    bottom. A release before the first tenure has no tick: it would squeeze the others. Without tenures it is the
    sentence that says so.
    """
    tenures = tenures.dropna(subset=["entered", "until"])
    if tenures.empty:
        return empty_state("No model has been in the top yet.")
    releases = releases[releases["released"] >= tenures["entered"].min()]
    y = alt.Y(
        "title:N", sort=order, title=None, axis=alt.Axis(labelLimit=170, domain=False, ticks=False, labelFontSize=13)
    )
    x = alt.X("entered:T", title=None, axis=alt.Axis(format="%-d %b", tickCount=7))
    bars = (
        alt.Chart(tenures)
        .mark_bar(height=14, cornerRadius=3)
        .encode(
            x=x,
            x2="until:T",
            y=y,
            color=_colour(),
            tooltip=[
                alt.Tooltip("title:N", title="Model"),
                alt.Tooltip("entered:T", title="Entered", format="%-d %b %Y"),
                alt.Tooltip("until:T", title="Until", format="%-d %b %Y"),
                alt.Tooltip("days:Q", title="Days"),
                alt.Tooltip("ending:N", title="How it ended"),
            ],
        )
    )
    ticks = (
        alt.Chart(releases)
        .mark_tick(thickness=2, size=20, color=palette.INK)
        .encode(
            x=alt.X("released:T"),
            y=y,
            tooltip=[
                alt.Tooltip("title:N", title="Model"),
                alt.Tooltip("released:T", title="Released", format="%-d %b %Y"),
            ],
        )
    )
    layers = [bars, ticks, *([_marks(marks, y)] if len(marks) else [])]
    return alt.layer(*layers).properties(height=ROW * max(1, len(order)) + 68).configure_view(strokeWidth=0)


def _colour() -> Any:
    scale = alt.Scale(domain=list(palette.ENDINGS), range=list(palette.ENDING_COLOURS))
    return alt.Color("ending:N", scale=scale, legend=alt.Legend(title=None, orient="bottom"))


def _marks(marks: "pd.DataFrame", y: Any) -> Any:
    present = [index for index, name in enumerate(palette.MARKS) if (marks["mark"] == name).any()]
    names, shapes, colours = (
        [values[index] for index in present] for values in (palette.MARKS, palette.MARK_SHAPES, palette.MARK_COLOURS)
    )
    legend = alt.Legend(title=None, orient="bottom", symbolOpacity=1)
    return (
        alt.Chart(marks)
        .mark_point(filled=True, size=130, opacity=1, stroke="white", strokeWidth=1)
        .encode(
            x=alt.X("day:T"),
            y=y,
            shape=alt.Shape("mark:N", scale=alt.Scale(domain=names, range=shapes), legend=legend),
            fill=alt.Fill("mark:N", scale=alt.Scale(domain=names, range=colours), legend=legend),
            tooltip=[
                alt.Tooltip("title:N", title="Model"),
                alt.Tooltip("mark:N", title="Event"),
                alt.Tooltip("day:T", title="Day", format="%-d %b %Y"),
                alt.Tooltip("note:N", title="Details"),
            ],
        )
    )
