"""The chart of how many models are enough: mean regret of the best set of each size, and the chosen size."""

from typing import TYPE_CHECKING, Any, Final

import altair as alt

from leaderboard.board.charts import palette
from leaderboard.board.charts.axes import upright
from leaderboard.board.charts.drawable import drawable, empty_state

if TYPE_CHECKING:
    import pandas as pd

HEIGHT: Final = 260


def regret_by_size(frame: "pd.DataFrame", *, percent: bool) -> Any:
    """Return the chart of `frame`: n, regret (mean over categories), worst, models (titles), chosen (bool).

    Without any it is the sentence that says so.
    """
    frame = drawable(frame, ["n", "regret"])
    if frame.empty:
        return empty_state("No set of models has a regret yet.")
    x = alt.X("n:O", title="Number of models", axis=alt.Axis(labelAngle=0, titleAnchor="end"))
    tick_format, tip_format = ("~%", ".1%") if percent else ("~g", ".3~g")
    y = alt.Y("regret:Q", title="Mean regret", scale=alt.Scale(zero=True), axis=upright(tick_format))
    tips = [
        alt.Tooltip("n:O", title="Models"),
        alt.Tooltip("models:N", title="Best set"),
        alt.Tooltip("regret:Q", title="Mean regret", format=tip_format),
        alt.Tooltip("worst:Q", title="Regret in the worst category", format=tip_format),
    ]
    line = alt.Chart(frame).mark_line(color=palette.BLUE, strokeWidth=2.5).encode(x=x, y=y)
    dots = (
        alt.Chart(frame)
        .mark_point(filled=True, opacity=1)
        .encode(
            x=x,
            y=y,
            tooltip=tips,
            color=alt.condition("datum.chosen", alt.value(palette.ORANGE), alt.value(palette.BLUE)),
            size=alt.condition("datum.chosen", alt.value(220), alt.value(80)),
        )
    )
    return alt.layer(line, dots).properties(height=HEIGHT).configure_view(strokeWidth=0)
