"""What the charts of the trade-off and the timeline are drawn from: columns and texts as the charts want them."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from leaderboard import formatting
from leaderboard.board.charts.drawable import drawable
from leaderboard.board.charts.trade_off import SECONDS, SECONDS_A_VIDEO_SECOND, PriceAxis, pareto_front

if TYPE_CHECKING:
    import pandas as pd

    from leaderboard.lifecycle.tenure import Tenure

MARKED = frozenset({"quarantined", "deprecated", "retired"})
ENDINGS = {"censored": "still there", "overtaken": "overtaken", "retired": "withdrawn"}


def against_latency(
    results: "pd.DataFrame", roles: Mapping[str, str], *, higher_is_better: bool, video: bool = False
) -> "tuple[pd.DataFrame, PriceAxis]":
    """Return what `charts.trade_off` draws against the median latency in seconds, of clips per second of video."""
    text = results["p50"].map(_pace if video else formatting.seconds)
    frame = _priced(results.assign(price_text=text), ("p50", "p50_low", "p50_high"), 1.0)
    axis = SECONDS_A_VIDEO_SECOND if video else SECONDS
    return _roles(frame, roles, higher_is_better=higher_is_better), axis


def _pace(seconds: float) -> str:
    if not seconds > 0:
        return formatting.DASH
    return f"{formatting.seconds(seconds)} per second of video ({formatting.plain(1 / seconds)} × real time)"


def against_cost(
    results: "pd.DataFrame", roles: Mapping[str, str], *, higher_is_better: bool, video: bool = False
) -> "tuple[pd.DataFrame, PriceAxis]":
    """Return what `charts.trade_off` draws against US dollars, per image or second of video, or per 1,000 of them."""
    scale = formatting.price_scale(results["usd"], video=video)
    text = (results["usd"] * scale.factor).map(formatting.dollars) + f" {scale.label}"
    frame = _priced(results.assign(price_text=text), ("usd", "usd_low", "usd_high"), scale.factor)
    return _roles(frame, roles, higher_is_better=higher_is_better), PriceAxis(f"US dollars {scale.label} (log)", "$~g")


def timeline(tenures: "Sequence[Tenure]", models: "pd.DataFrame") -> "tuple[pd.DataFrame, pd.DataFrame, list[str]]":
    """Return tenures, releases and the order of the rows: who entered first stands on top."""
    import pandas as pd

    titles = dict(zip(models["model"], models["title"], strict=True))
    rows = [
        {
            "title": titles.get(tenure.model, tenure.model),
            "ending": ENDINGS[tenure.ended_by],
            "entered": pd.Timestamp(tenure.entered),
            "until": pd.Timestamp(_end(tenure)),
            "days": (_end(tenure) - tenure.entered).days,
        }
        for tenure in tenures
    ]
    bars = pd.DataFrame(rows, columns=["title", "entered", "ending", "until", "days"])
    releases = models[["title", "released"]].assign(released=pd.to_datetime(models["released"]))
    first = bars.groupby("title")["entered"].min()
    never = [title for title in releases["title"] if title not in first.index]
    return bars, releases, [*first.sort_values(kind="stable").index, *never]


def marks(states: "pd.DataFrame", changes: "pd.DataFrame", models: "pd.DataFrame") -> "pd.DataFrame":
    """Return what happened to the models of the frame `models`: title, day, mark, note; other models are left out."""
    import pandas as pd

    titles = dict(zip(models["model"], models["title"], strict=True))
    moved = changes.groupby(["model", "day"], sort=False)["metric"].agg(", ".join).reset_index()
    drifted = moved.assign(mark="silent change", note="changed: " + moved["metric"])
    decided = states[states["state"].isin(MARKED)].rename(columns={"state": "mark", "reason": "note"})
    columns = ["model", "day", "mark", "note"]
    events = pd.concat([drifted[columns], decided[columns]], ignore_index=True)
    events = events[events["model"].isin(list(titles))]
    return events.assign(title=events["model"].map(titles), day=pd.to_datetime(events["day"]))


def _end(tenure: "Tenure") -> dt.date:
    """Return the first day on which the model was not in the top any more, or was not observed."""
    return tenure.left or tenure.observed_until + dt.timedelta(days=1)


def _priced(results: "pd.DataFrame", columns: tuple[str, str, str], factor: float) -> "pd.DataFrame":
    price, low, high = columns
    frame = results.assign(
        price=results[price] * factor, price_low=results[low] * factor, price_high=results[high] * factor
    )
    frame = drawable(frame, ["price", "quality"], logarithmic=["price"])
    return frame.assign(
        price_low=frame["price_low"].fillna(frame["price"]), price_high=frame["price_high"].fillna(frame["price"])
    )


def _roles(frame: "pd.DataFrame", roles: Mapping[str, str], *, higher_is_better: bool) -> "pd.DataFrame":
    signed = frame if higher_is_better else frame.assign(quality=-frame["quality"])
    front = pareto_front(signed)
    role = [
        roles.get(model) or ("on the front" if undominated else "dominated")
        for model, undominated in zip(frame["model"], front, strict=True)
    ]
    return frame.assign(front=front, role=role)
