"""What of a frame can be drawn, and what a chart shows where nothing of it can."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import altair as alt

from leaderboard.board.charts import palette

if TYPE_CHECKING:
    import pandas as pd

LARGEST: Final = 1e300
"""Numbers beyond ±this, and below its inverse on logarithmic axes, are not drawn: an axis around them overflows."""


def drawable(frame: "pd.DataFrame", columns: Sequence[str], *, logarithmic: Sequence[str] = ()) -> "pd.DataFrame":
    """Return the rows of `frame` whose `columns` are all finite numbers, and above 0 those that are `logarithmic`.

    >>> import pandas as pd
    >>> drawable(pd.DataFrame({"n": [1, 2, 3], "usd": [0.1, float("inf"), -1]}), ["n", "usd"])["n"].tolist()
    [1, 3]
    """
    numbers = _numbers(frame, [*columns, *logarithmic])
    shown = (numbers.abs() <= LARGEST).all(axis=1) & (numbers[list(logarithmic)] >= 1 / LARGEST).all(axis=1)
    return frame[shown.to_numpy(dtype=bool)]


def with_ends(frame: "pd.DataFrame", columns: Sequence[str]) -> "pd.DataFrame":
    """Return `frame` with the ends of intervals in `columns` as numbers, missing where they cannot be drawn."""
    numbers = _numbers(frame, columns)
    return frame.assign(**{name: numbers[name].where(numbers[name].abs() <= LARGEST) for name in columns})


def empty_state(sentence: str, *, height: int = 120) -> Any:
    """Return a chart that shows only `sentence`."""
    text = alt.Chart(alt.Data(values=[{"sentence": sentence}]))
    text = text.mark_text(fontSize=14, color=palette.INK, limit=600).encode(text="sentence:N")
    return alt.layer(text).properties(height=height).configure_view(strokeWidth=0)


def _numbers(frame: "pd.DataFrame", columns: Sequence[str]) -> "pd.DataFrame":
    import pandas as pd

    names = dict.fromkeys(columns)
    held = {name: pd.to_numeric(frame[name], errors="coerce") for name in names if name in frame}
    return pd.DataFrame(held, index=frame.index, columns=list(names), dtype="float64")
