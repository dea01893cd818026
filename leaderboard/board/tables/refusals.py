"""The table of refusals under the standings: how often, why, and what they do to quality."""

from collections.abc import Mapping, Sequence
from typing import Final

from leaderboard import formatting
from leaderboard.board.tables.table import Cell, Column, Table
from leaderboard.inference.intervals import Interval
from leaderboard.standings.queries import BoardMetric
from leaderboard.standings.refusals import Refusals

HELP: Final = {
    "refused": "Attempts that the provider refused, with the 95 % interval of their share",
    "usual": "The usual mean: over the prompts that the model answered",
    "common": "The mean over the prompts that every model answered",
    "floored": "The mean with each refused attempt at the worst value of the metric",
    "reasons": "The provider's code for its reason, and how often it was given",
}


def refusals(listed: Sequence[Refusals], measure: BoardMetric, titles: Mapping[str, str]) -> Table:
    """Return the refusals of a selection's models as a table, those that refuse most first."""
    columns = (
        Column(key="model", label="Model", kind="name", narrow=True),
        Column(key="refused", label="Refused", kind="number", narrow=True, help=HELP["refused"]),
        Column(key="usual", label=measure.title, kind="number", help=HELP["usual"]),
        Column(key="common", label="Common prompts", kind="number", help=HELP["common"]),
        Column(key="floored", label="Refusals counted", kind="number", help=HELP["floored"]),
        Column(key="reasons", label="Reasons", wrap=True, help=HELP["reasons"]),
    )
    rows = [_row(each, measure.unit, titles.get(each.model, each.model)) for each in listed]
    return Table(label="Refusals, those that refuse most first", columns=columns, rows=rows)


def _row(each: Refusals, unit: str, title: str) -> dict[str, Cell]:
    return {
        "model": Cell(text=title, sort=title, help=each.model),
        "refused": Cell(
            text=f"{each.hits} of {each.attempts}" if each.hits else "0",
            sub=formatting.percent_range(each.rate.low, each.rate.high),
            sort=each.rate.estimate,
            tone="bad" if each.hits else "muted",
        ),
        "usual": _mean(each.usual, unit),
        "common": _mean(each.common, unit),
        "floored": _mean(each.floored, unit),
        "reasons": Cell(text=", ".join(f"{name} ({number})" for name, number in each.reasons.items())),
    }


def _mean(mean: Interval | None, unit: str) -> Cell:
    if mean is None:
        return Cell(text=formatting.DASH)
    return Cell(
        text=formatting.score(mean.estimate, unit),
        sub=formatting.margin(mean.estimate, mean.low, mean.high, unit),
        sort=mean.estimate,
        help=formatting.count(mean.n, "prompt"),
    )
