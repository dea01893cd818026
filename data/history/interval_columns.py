"""The interval of a rating under the names and in the forms that arenas print: taken, or refused by name.

LMArena's leaderboard data sets have `rating_lower` and `rating_upper` (before: `rating_q025`, `rating_q975`), its pages
"95% CI" as `+3/-3`; Artificial Analysis prints `-5/+5`, others `±23`.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

INTERVALS: Final = frozenset(
    {"interval", "ci", "ci95", "ci_95", "95_ci", "95ci", "confidence_interval", "95_confidence_interval", "margin"}
    | {"ci_margin", "rating_ci", "elo_ci", "score_ci", "95_ci_interval", "plus_minus", "rating_interval"}
)
LOWS: Final = frozenset({"low", "lower", "lower_bound", "lb", "q025", "q2_5", "p025", "p2_5", "2_5"})
HIGHS: Final = frozenset({"high", "upper", "upper_bound", "ub", "q975", "q97_5", "p975", "p97_5", "97_5"})
_PREFIX: Final = re.compile(r"^(?:(?:rating|elo|elo_rating|score|arena_score|ci|ci95|ci_95|95_ci|95)_)+")
_ABOUT_AN_INTERVAL: Final = re.compile(
    r"(^|_)(\d*ci\d*|conf|confidence|interval|lower|upper|low|high|bound|lb|ub|[pq]\d+|std\w*|stderr|se|sd|sem|sigma"
    r"|variance|var|error|margin|uncertainty|moe|deviation|plus_minus|percentile|hdi|credible|bootstrap|halfwidth|half_width)(_|$)"
)
NUMBER: Final = r"[+-]?\d+(?:\.\d+)?"
SIZE: Final = r"(\d+(?:\.\d+)?)"
EITHER_SIDE: Final = re.compile(rf"(?:\+/-|±|\+-)?\s*{SIZE}")
BELOW_AND_ABOVE: Final = re.compile(rf"-\s*{SIZE}\s*[/,;]?\s*\+\s*{SIZE}|-\s*{SIZE}\s*/\s*{SIZE}")
ABOVE_AND_BELOW: Final = re.compile(rf"\+\s*{SIZE}\s*[/,;]?\s*-\s*{SIZE}")
ENDS: Final = re.compile(rf"({NUMBER})\s*(?:,|;|\.\.|to|–|—)\s*({NUMBER})")


class IntervalColumns(NamedTuple):
    """The columns of a table that hold an interval: one text, or both ends; None for those that are not there."""

    interval: str | None
    low: str | None
    high: str | None


def interval_columns(names: Iterable[str]) -> IntervalColumns:
    """Return which columns hold the interval.

    Raises ValueError, with the sentence that names the column, where the only ones that speak of an interval are not
    known, where one is there twice, or one end is alone.

    >>> interval_columns(["model", "rating", "rating_lower", "rating_upper"])
    IntervalColumns(interval=None, low='rating_lower', high='rating_upper')
    """
    found: dict[str, str] = {}
    others: list[str] = []
    for name in names:
        kind = _kind(name)
        if kind is None and _is_about_an_interval(name):
            others.append(name)
        elif kind in found:
            raise ValueError(f"Expected one column for the interval's {kind}, got {found[kind]!r} and {name!r}.")
        elif kind is not None:
            found[kind] = name
    if others and not found:
        raise ValueError(
            f"Expected the 95 % interval in columns such as 'interval', or 'low' and 'high', got the column "
            f"{others[0]!r}. Rename it if it is one, or remove it."
        )
    if ("low" in found) != ("high" in found):
        (only,) = {found.get("low"), found.get("high")} - {None}
        raise ValueError(
            f"Expected both ends of an interval, got the column {only!r} alone. Add the other or remove it."
        )
    return IntervalColumns(found.get("interval"), found.get("low"), found.get("high"))


def interval_ends(rating: float, text: str) -> tuple[float, float] | None:
    """Return the ends that an interval's text means around a rating, None where it means none.

    >>> interval_ends(1246.0, "-11/+12"), interval_ends(1137.0, "+4/-5"), interval_ends(5.0, "[4.5, 6]")
    ((1235.0, 1258.0), (1132.0, 1141.0), (4.5, 6.0))
    >>> interval_ends(1178.0, "+/- 23"), interval_ends(1178.0, "± 23")
    ((1155.0, 1201.0), (1155.0, 1201.0))
    """
    plain = (
        text.replace("−", "-").strip().removeprefix("(").removeprefix("[").removesuffix(")").removesuffix("]").strip()
    )
    if match := EITHER_SIDE.fullmatch(plain):
        return rating - float(match[1]), rating + float(match[1])
    if match := BELOW_AND_ABOVE.fullmatch(plain):
        below, above = (size for size in match.groups() if size is not None)
        return rating - float(below), rating + float(above)
    if match := ABOVE_AND_BELOW.fullmatch(plain):
        return rating - float(match[2]), rating + float(match[1])
    if match := ENDS.fullmatch(plain):
        return float(match[1]), float(match[2])
    return None


def _kind(name: str) -> str | None:
    plain = _plain(name)
    if "rank" in plain:
        return None
    bare = _PREFIX.sub("", f"{plain}_").strip("_") or plain
    for kind, known in (("interval", INTERVALS), ("low", LOWS), ("high", HIGHS)):
        if plain in known or bare in known:
            return kind
    if any(sign in name for sign in ("±", "+/-", "+-")):
        return "interval"
    return None


def _is_about_an_interval(name: str) -> bool:
    """Whether a name speaks of how sure a rating is: not of a rank's bounds, or of votes."""
    plain = _plain(name)
    return _ABOUT_AN_INTERVAL.search(plain) is not None and not re.search("rank|vote|battle|price", plain)


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", name.casefold()).strip("_")


def renamed(cells: Mapping[str, str], columns: IntervalColumns) -> dict[str, str]:
    """Return a row's cells with those of the interval under the names `interval`, `low` and `high`."""
    names = {name: known for known, name in columns._asdict().items() if name is not None}
    return {names.get(name, name): cell for name, cell in cells.items()}
