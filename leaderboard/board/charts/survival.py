"""The chart of how long a place at the top lasts: the Kaplan–Meier curve with its band, and the exponential fit."""

from typing import TYPE_CHECKING, Any, Final

import altair as alt

from leaderboard.board.charts import palette
from leaderboard.board.charts.axes import upright
from leaderboard.board.charts.drawable import LARGEST, drawable, empty_state, with_ends

if TYPE_CHECKING:
    import pandas as pd

HEIGHT: Final = 340
OBSERVED: Final = "observed (Kaplan–Meier)"
FITTED: Final = "exponential fit"


def survival_curve(curve: "pd.DataFrame", half_life_days: float, *, until: float, k: int) -> Any:
    """Return the chart of `curve` (age_days, survival, low, high) and of 2^(−age / half-life), to the age `until`.

    What cannot be drawn is left out; without a curve and without a half-life it is the sentence that says so.
    """
    curve = with_ends(drawable(curve, ["age_days", "survival"]), ["low", "high"])
    fitted = 0 < half_life_days <= LARGEST
    if curve.empty and not fitted:
        return empty_state("No model has lost its place at the top yet.")
    if not 0 < until <= LARGEST:
        until = max([1.0, *curve["age_days"], *([1.25 * half_life_days] if fitted else [])])
    x = alt.X(
        "age_days:Q",
        title="Days since entering",
        axis=alt.Axis(tickCount=7, titleAnchor="end"),
        scale=alt.Scale(domain=[0, until], nice=False),
    )
    y = alt.Y("survival:Q", title=f"Still in the top {k}", scale=alt.Scale(domain=[0, 1]), axis=upright("~%"))
    layers = [
        *(_fit(half_life_days, until, x, y) if fitted else []),
        _band(_extended(curve, until), x),
        alt.Chart(_extended(curve, until))
        .mark_line(interpolate="step-after", strokeWidth=2.5)
        .encode(
            x=x,
            y=y,
            color=_colour(),
            tooltip=[
                alt.Tooltip("age_days:Q", title="Days", format=".0f"),
                alt.Tooltip("survival:Q", title="Still there", format=".0%"),
                alt.Tooltip("at_risk:Q", title="Tenures at risk"),
            ],
        ),
    ]
    return alt.layer(*layers).properties(height=HEIGHT).configure_view(strokeWidth=0)


def _fit(half_life_days: float, until: float, x: Any, y: Any) -> list[Any]:
    exponential = alt.Chart(_exponential(half_life_days, until)).mark_line(strokeWidth=2, strokeDash=[6, 4])
    return [_half_life_lines(half_life_days, x, y), exponential.encode(x=x, y=y, color=_colour())]


def _band(curve: "pd.DataFrame", x: Any) -> Any:
    area = alt.Chart(curve).mark_area(interpolate="step-after", opacity=0.16, color=palette.BLUE)
    return area.encode(x=x, y="low:Q", y2="high:Q")


def _half_life_lines(half_life_days: float, x: Any, y: Any) -> Any:
    import pandas as pd

    corner = pd.DataFrame({"age_days": [0.0, half_life_days, half_life_days], "survival": [0.5, 0.5, 0.0]})
    line = alt.Chart(corner).mark_line(color=palette.ORANGE, strokeWidth=1.25, strokeDash=[2, 3])
    return line.encode(x=x, y=y, order=alt.value(0))


def _exponential(half_life_days: float, until: float) -> "pd.DataFrame":
    import numpy as np
    import pandas as pd

    ages = np.linspace(0.0, until, 80)
    return pd.DataFrame({"age_days": ages, "survival": 2.0 ** (-ages / half_life_days), "curve": FITTED})


def _extended(curve: "pd.DataFrame", until: float) -> "pd.DataFrame":
    """Return the curve with a first point at age 0 and the last step drawn to `until`."""
    import pandas as pd

    if curve.empty:
        return curve.assign(curve=OBSERVED)
    last = curve.iloc[[-1]].assign(age_days=min(until, float(curve["age_days"].iloc[-1])), events=0)
    return pd.concat([curve, last], ignore_index=True).assign(curve=OBSERVED).fillna({"low": 1.0, "high": 1.0})


def _colour() -> Any:
    scale = alt.Scale(domain=[OBSERVED, FITTED], range=[palette.BLUE, palette.ORANGE])
    return alt.Color("curve:N", scale=scale, legend=alt.Legend(title=None, orient="bottom"))
