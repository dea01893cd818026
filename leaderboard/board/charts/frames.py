"""What the charts are drawn from: frames of the pages, with the columns and words that the charts want."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from leaderboard import formatting
from leaderboard.board.charts.trade_off import SECONDS, PriceAxis, pareto_front

if TYPE_CHECKING:
    import pandas as pd

    from leaderboard.lifecycle.tenure import Tenure

MARKED = frozenset({"quarantined", "deprecated", "retired"})
ENDING = {"censored": "still there", "overtaken": "overtaken", "retired": "withdrawn"}


def against_latency(
    found: "pd.DataFrame", roles: Mapping[str, str], *, higher_is_better: bool
) -> "tuple[pd.DataFrame, PriceAxis]":
    """Return what `charts.trade_off` draws with the latency as price."""
    told = found["p50"].map(formatting.seconds)
    frame = _priced(found, ("p50", "p50_low", "p50_high"), 1.0).assign(told=told)
    return _roles(frame, roles, higher_is_better=higher_is_better), SECONDS


def against_cost(
    found: "pd.DataFrame", roles: Mapping[str, str], *, higher_is_better: bool
) -> "tuple[pd.DataFrame, PriceAxis]":
    """Return what `charts.trade_off` draws with US dollars as price, in the unit that the magnitude asks for."""
    scale = formatting.price_scale(found["usd"])
    told = (found["usd"] * scale.factor).map(formatting.dollars) + f" {scale.label}"
    frame = _priced(found, ("usd", "usd_low", "usd_high"), scale.factor).assign(told=told)
    return _roles(frame, roles, higher_is_better=higher_is_better), PriceAxis(f"US dollars {scale.label} (log)", "$~g")


def timeline(found: "Sequence[Tenure]", models: "pd.DataFrame") -> "tuple[pd.DataFrame, pd.DataFrame, list[str]]":
    """Return stays, releases and the order of the rows: who entered first stands on top."""
    import pandas as pd

    titles = dict(zip(models["model"], models["title"], strict=True))
    rows = [
        {
            "title": titles.get(one.model, one.model),
            "ending": ENDING[one.ended_by],
            "entered": pd.Timestamp(one.entered),
            "until": pd.Timestamp(one.left or one.observed_until) + pd.Timedelta(days=0 if one.left else 1),
            "days": ((one.left or one.observed_until) - one.entered).days + (0 if one.left else 1),
        }
        for one in found
    ]
    stays = pd.DataFrame(rows, columns=["title", "entered", "ending", "until", "days"])
    releases = models[["title", "released"]].assign(released=pd.to_datetime(models["released"]))
    first = stays.groupby("title")["entered"].min()
    never = [title for title in releases["title"] if title not in first.index]
    return stays, releases, [*first.sort_values(kind="stable").index, *never]


def marks(states: "pd.DataFrame", changes: "pd.DataFrame", models: "pd.DataFrame") -> "pd.DataFrame":
    """Return what became of models under way: title, day, mark, told. Others than `models` are left out."""
    import pandas as pd

    titles = dict(zip(models["model"], models["title"], strict=True))
    moved = changes.groupby(["model", "day"], sort=False)["metric"].agg(", ".join).reset_index()
    drifted = moved.assign(mark="silent change", told="moved: " + moved["metric"])
    decided = states[states["state"].isin(MARKED)].rename(columns={"state": "mark", "reason": "told"})
    columns = ["model", "day", "mark", "told"]
    found = pd.concat([drifted[columns], decided[columns]], ignore_index=True)
    found = found[found["model"].isin(list(titles))]
    return found.assign(title=found["model"].map(titles), day=pd.to_datetime(found["day"]))


def _priced(found: "pd.DataFrame", columns: tuple[str, str, str], factor: float) -> "pd.DataFrame":
    price, low, high = columns
    frame = found.assign(price=found[price] * factor, price_low=found[low] * factor, price_high=found[high] * factor)
    frame = frame[frame["price"].gt(0) & frame["quality"].notna()]
    return frame.assign(
        price_low=frame["price_low"].fillna(frame["price"]), price_high=frame["price_high"].fillna(frame["price"])
    )


def _roles(frame: "pd.DataFrame", roles: Mapping[str, str], *, higher_is_better: bool) -> "pd.DataFrame":
    signed = frame if higher_is_better else frame.assign(quality=-frame["quality"])
    front = pareto_front(signed)
    named = [
        roles.get(model) or ("on the front" if on else "behind it")
        for model, on in zip(frame["model"], front, strict=True)
    ]
    return frame.assign(front=front, role=named)
