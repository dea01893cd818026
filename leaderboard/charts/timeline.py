"""Who was in the top k and when: a bar a stay, a tick where the model was released."""

from typing import TYPE_CHECKING, Any, Final

import altair as alt

from leaderboard.charts import palette

if TYPE_CHECKING:
    import pandas as pd

ROW: Final = 34


def timeline(stays: "pd.DataFrame", releases: "pd.DataFrame", *, order: list[str]) -> Any:
    """Return the chart of `stays` (title, entered, until, ending, days) and `releases` (title, released).

    `order` names the models from top to bottom. A release before the first stay has no tick: it would squeeze the rest.
    """
    releases = releases[releases["released"] >= stays["entered"].min()]
    y = alt.Y(
        "title:N", sort=order, title=None, axis=alt.Axis(labelLimit=170, domain=False, ticks=False, labelFontSize=13)
    )
    x = alt.X("entered:T", title=None, axis=alt.Axis(format="%-d %b", tickCount=7))
    bars = alt.Chart(stays).mark_bar(height=14, cornerRadius=3).encode(
        x=x, x2="until:T", y=y, color=_colour(),
        tooltip=[
            alt.Tooltip("title:N", title="Model"),
            alt.Tooltip("entered:T", title="In the top since", format="%-d %b %Y"),
            alt.Tooltip("until:T", title="until", format="%-d %b %Y"),
            alt.Tooltip("days:Q", title="Days"),
            alt.Tooltip("ending:N", title="Ended"),
        ],
    )  # fmt: skip
    ticks = alt.Chart(releases).mark_tick(thickness=2, size=20, color=palette.INK).encode(
        x=alt.X("released:T"), y=y,
        tooltip=[
            alt.Tooltip("title:N", title="Model"),
            alt.Tooltip("released:T", title="Released", format="%-d %b %Y"),
        ],
    )  # fmt: skip
    return alt.layer(bars, ticks).properties(height=ROW * max(1, len(order)) + 68).configure_view(strokeWidth=0)


def _colour() -> Any:
    scale = alt.Scale(domain=list(palette.ENDINGS), range=list(palette.ENDING_COLOURS))
    return alt.Color("ending:N", scale=scale, legend=alt.Legend(title=None, orient="bottom"))
