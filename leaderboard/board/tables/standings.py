"""The standings and the paired differences as tables: DataFrame in, table out."""

import datetime as dt
import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from leaderboard import formatting
from leaderboard.board.tables.table import Badge, Cell, Column, Table, axis
from leaderboard.standings.queries import BoardMetric, Selection

if TYPE_CHECKING:
    import pandas as pd

PRELIMINARY_BELOW = 20
"""With fewer prompts the interval is wide and ranks may still change: the board says so beside the name."""

HELP = {
    "rank": "The ranks that are consistent with the data: simultaneous 95 % rank sets",
    "score": "Mean over prompts (each the mean over its seeds), with its 95 % interval",
    "n": "Number of prompts with a score; the prompt is the statistical unit",
    "not_ok": "Attempts that were refused, failed or timed out, of all attempts; they are not part of the score",
    "unsound": "Attempts that came and are undecodable, blank, the file of another prompt or not as asked, of all "
    "attempts, with the 95 % interval of their share (Clopper and Pearson); they are not part of the score",
    "p50": "Median end-to-end latency of successful calls, without the first one",
    "price": "Mean cost of an attempt over prompts. Of local models: seconds at the machine's declared price per hour",
    "video_price": "Mean cost of an attempt over prompts, divided by the mean length of a clip that came. Of local "
    "models: seconds at the machine's declared price per hour",
    "pace": "Seconds of video that a second of waiting brings, at the median latency; 1 or more is real time",
    "tenure": "Days in a row in the top, up to now",
    "difference": "First model minus second, over the prompts that both have, with its 95 % interval",
    "p": "The level at which the interval of the difference ends at zero",
    "holm": "Adjusted with Holm's method for all pairs of this table",
}
"""The tooltips of the headings."""

RANK = (Column(key="rank", label="Rank", kind="rank", narrow=True, help=HELP["rank"]),)
PACE = (Column(key="pace", label="Real-time factor", kind="number", help=HELP["pace"]),)
NOT_OK = (("refused", "refused"), ("failed", "failed"), ("timed_out", "timed out"), ("unknown", "unknown"))


class Companion(NamedTuple):
    """The metric without which another one misleads, and each model's mean of it."""

    measure: BoardMetric
    means: Mapping[str, float]


def standings(
    frame: "pd.DataFrame",
    selection: Selection,
    tenure_days: Mapping[str, float],
    companion: Companion | None = None,
) -> Table:
    """Return the standings as a table; `tenure_days` says for how long each model has been in the top k.

    Of a neutral metric no model has a rank or a place in the top.
    """
    measure, k = selection.measure, selection.board.k
    video = selection.board.video
    scale = formatting.price_scale(frame[_price_column(selection)], video=video)
    price_help = HELP["video_price" if video else "price"]
    ranked = not measure.neutral
    columns = (
        *(RANK if ranked else ()),
        Column(key="model", label="Model", kind="name", narrow=True),
        Column(key="score", label=measure.title, kind="interval", narrow=True, help=HELP["score"]),
        *(_beside(companion) if companion else ()),
        Column(key="n", label="n", kind="number", help=HELP["n"]),
        Column(key="not_ok", label=f"Not{formatting.GAP}ok", kind="number", help=HELP["not_ok"]),
        Column(key="unsound", label="Unsound", kind="number", help=HELP["unsound"]),
        Column(key="p50", label="p50 latency", kind="number", help=HELP["p50"]),
        *(PACE if video else ()),
        Column(key="price", label=f"$ {scale.label}", kind="number", help=price_help),
        Column(key="released", label="Released", kind="number"),
        *(
            (Column(key="tenure", label=f"In top{formatting.GAP}{k}", kind="number", help=HELP["tenure"]),)
            if ranked
            else ()
        ),
    )
    rows = [
        _standing(row, selection, scale, tenure_days) | (_mean(str(row.model), companion) if companion else {})
        for row in frame.itertuples(index=False)
    ]
    ends = [value for name in ("low", "high", "estimate") for value in frame[name].dropna()]
    return Table(
        label=f"Standings by {measure.title}, {'best' if ranked else 'most'} first",
        columns=columns,
        rows=rows,
        axis=axis(ends, (measure.low, measure.high), write=lambda at: _tick(at, measure)),
        places=len(frame),
        sort="rank" if ranked else "score",
        descending=not ranked,
    )


def _beside(companion: Companion) -> tuple[Column, ...]:
    about = f"Mean over prompts. Without it {companion.measure.title.lower()} is not seen, and the score misleads"
    return (Column(key="beside", label=companion.measure.title, kind="number", help=about),)


def _mean(model: str, companion: Companion) -> dict[str, Cell]:
    mean = companion.means.get(model)
    return {"beside": Cell(text=formatting.score(mean, companion.measure.unit), sort=mean)}


def _price_column(selection: Selection) -> str:
    return "usd_a_video_second" if selection.board.video else "usd"


def _standing(
    row: Any, selection: Selection, scale: formatting.UnitScale, tenures: Mapping[str, float]
) -> dict[str, Cell]:
    measure = selection.measure
    best, worst = _integer(row.rank_best), _integer(row.rank_worst)
    seconds, usd, pace = (
        _number(row.p50),
        _number(getattr(row, _price_column(selection))),
        _number(row.real_time_factor),
    )
    days = tenures.get(row.model)
    return {
        "rank": Cell(text=formatting.rank_set(best, worst), sort=_number(row.rank), best=best, worst=worst),
        "model": _name(row),
        "score": interval_cell(row, measure),
        "n": Cell(text=f"{_integer(row.n_prompts) or 0:,}", sort=_number(row.n_prompts)),
        "not_ok": _not_ok(row),
        "unsound": _unsound(row),
        "p50": Cell(text=formatting.seconds(seconds), sort=seconds),
        "pace": Cell(text=formatting.DASH if pace is None else f"{formatting.plain(pace)}{formatting.GAP}×", sort=pace),
        "price": Cell(text=formatting.dollars(None if usd is None else usd * scale.factor), sort=usd),
        "released": Cell(text=formatting.date(row.released), sort=_day(row.released), tone="muted"),
        "tenure": Cell(text=formatting.days(days), sort=days, tone="plain" if days is not None else "muted"),
    }


def interval_cell(row: Any, measure: BoardMetric) -> Cell:
    """Return a score with its interval, from anything that has estimate, low and high."""
    estimate, low, high = _number(row.estimate), _number(row.low), _number(row.high)
    if estimate is None:
        return Cell(text=formatting.DASH, tone="muted", help="No score: no attempt was ok")
    ends = [formatting.score(end, measure.unit) for end in (low, high) if end is not None]
    return Cell(
        text=formatting.score(estimate, measure.unit),
        sub=formatting.margin(estimate, low, high, measure.unit),
        help=f"95 % interval {' to '.join(ends)}" if len(ends) == 2 else "No interval: there is only one prompt",
        sort=estimate,
        value=estimate,
        low=low,
        high=high,
    )


def _name(row: Any) -> Cell:
    badges = []
    if (row.n_prompts or 0) < PRELIMINARY_BELOW:
        badges.append(Badge(text="preliminary", tone="warning", help=f"Fewer than {PRELIMINARY_BELOW} prompts"))
    if row.location == "remote":
        badges.append(Badge(text="remote", help="Runs at a provider's"))
    if row.location == "brought":
        badges.append(Badge(text="brought", help="Made elsewhere and scored here; never routed"))
    title = row.title if formatting.known(row.title) else row.model
    return Cell(text=str(title), sort=str(title), sub=str(row.provider), badges=tuple(badges), help=str(row.model))


def _not_ok(row: Any) -> Cell:
    counts = {word: int(getattr(row, name) or 0) for name, word in NOT_OK if formatting.known(getattr(row, name))}
    bad, attempts = sum(counts.values()), _integer(row.attempts) or 0
    reasons = ", ".join(f"{number} {word}" for word, number in counts.items() if number)
    return Cell(
        text=f"{bad} of {attempts}" if bad else "0",
        sort=bad / attempts if attempts else 0.0,
        help=reasons or f"All {attempts} attempts were ok",
        tone="bad" if bad else "muted",
    )


def _unsound(row: Any) -> Cell:
    number, attempts = _integer(row.n_unsound) or 0, _integer(row.attempts) or 0
    ends = formatting.percent_range(_number(row.unsound_low), _number(row.unsound_high))
    return Cell(
        text=f"{number} of {attempts}" if number else "0",
        sub=ends if number else "",
        sort=_number(row.unsound),
        help=f"Share of all {attempts} attempts, 95 % interval {ends}" if ends else "Nothing was tried",
        tone="bad" if number else "muted",
    )


def pairs(frame: "pd.DataFrame", measure: BoardMetric, titles: Mapping[str, str]) -> Table:
    """Return paired differences (`leaderboard.inference.paired.paired`) as a table, the clearest first."""
    columns = (
        Column(key="pair", label="Pair", kind="name", narrow=True),
        Column(key="difference", label="Difference", kind="interval", narrow=True, help=HELP["difference"]),
        Column(key="n", label="n", kind="number", help="Number of prompts that both models have"),
        Column(key="p", label="p", kind="number", help=HELP["p"]),
        Column(key="holm", label="p (Holm)", kind="number", help=HELP["holm"]),
        Column(key="verdict", label="Verdict", kind="text"),
    )
    ends = [float(value) for name in ("low", "high", "difference") for value in frame[name].dropna()]
    reach = max((abs(value) for value in ends if math.isfinite(value)), default=math.nan)
    return Table(
        label="Paired differences, the clearest first",
        columns=columns,
        rows=[_pair(row, measure, titles) for row in frame.itertuples(index=False)],
        axis=axis([-reach, reach], (None, None), write=lambda at: _difference_tick(at, measure)),
    )


def _pair(row: Any, measure: BoardMetric, titles: Mapping[str, str]) -> dict[str, Cell]:
    low, high, difference = _number(row.low), _number(row.high), _number(row.difference)
    a, b = titles.get(row.model_a, row.model_a), titles.get(row.model_b, row.model_b)
    better = titles.get(row.better, row.better) if formatting.known(row.better) else None
    verdict = Cell(text="no clear difference", tone="muted")
    if better:
        verdict = Cell(text=f"{better} is better", tone="good")
    return {
        "pair": Cell(text=f"{a} − {b}", sort=str(a)),
        "difference": Cell(
            text=formatting.difference(difference, measure.unit),
            sub=formatting.margin(difference, low, high, measure.unit),
            sort=difference,
            value=difference,
            low=low,
            high=high,
        ),
        "n": Cell(text=f"{_integer(row.n_prompts) or 0:,}", sort=_number(row.n_prompts)),
        "p": Cell(text=formatting.p_value(row.p), sort=_number(row.p)),
        "holm": Cell(text=formatting.p_value(row.p_holm), sort=_number(row.p_holm)),
        "verdict": verdict,
    }


def _tick(at: float, measure: BoardMetric) -> str:
    return f"{100 * at:g}{formatting.GAP}%" if measure.unit in formatting.SHARES else f"{at:g}"


def _difference_tick(at: float, measure: BoardMetric) -> str:
    value = 100 * at if measure.unit in formatting.SHARES else at
    return f"{'−' if value < 0 else '+' if value > 0 else ''}{abs(value):g}"


def _number(value: object) -> float | None:
    return float(value) if formatting.known(value) and isinstance(value, int | float) else None


def _integer(value: object) -> int | None:
    number = _number(value)
    return None if number is None else int(number)


def _day(value: dt.date | None) -> str | None:
    return value.isoformat() if value is not None and formatting.known(value) else None
