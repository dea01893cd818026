"""How numbers are written on pages and in terminals: with a narrow space before the unit, and few digits.

A missing value is written as a dash; nothing is ever written as 0 that is not 0.
"""

import datetime as dt
import math
from collections.abc import Iterable
from typing import NamedTuple

from data.vocabulary import ALL_CATEGORIES

DASH = "–"
GAP = "\N{NARROW NO-BREAK SPACE}"
MOST_DECIMALS = 8
SHARES = frozenset({"share", "fraction", "rate", "proportion"})


class UnitScale(NamedTuple):
    """The factor that a column's numbers are multiplied by, and the label of their unit."""

    factor: float
    label: str


def known(value: object) -> bool:
    """Whether there is a value at all: not None, not NaN, not NaT, not pandas.NA, not infinite."""
    if isinstance(value, float) and math.isinf(value):
        return False
    try:
        return value is not None and bool(value == value)  # NaN and NaT differ from themselves
    except TypeError:  # pandas.NA does not say whether it is itself
        return False


def score(value: float | None, unit: str) -> str:
    """Write a score in its metric's unit.

    >>> score(0.933, "share"), score(31.2345, "100 × cosine"), score(None, "share"), score(0.99998, "share")
    ('93.3\\u202f%', '31.2', '–', '99.998\\u202f%')
    """
    if value is None or not known(value):
        return DASH
    return f"{percent(value)}{GAP}%" if unit in SHARES else plain(value)


def percent(share: float) -> str:
    """Write a share in percent with one decimal, with more where it would read as none or all without being so.

    >>> percent(0.5), percent(1.0), percent(0.99998), percent(0.0001)
    ('50.0', '100.0', '99.998', '0.01')
    """
    whole = share in (0, 1)
    written = (f"{100 * share:.{decimals}f}" for decimals in range(1, MOST_DECIMALS))
    return next((text for text in written if whole or float(text) not in (0, 100)), f"{100 * share:.{MOST_DECIMALS}f}")


def percent_range(low: float | None, high: float | None) -> str:
    """Write the interval of a share; nothing where an end is missing.

    >>> percent_range(0.0319, 0.379), percent_range(None, 0.2)
    ('3.2–37.9\\u202f%', '')
    """
    if low is None or high is None or not (known(low) and known(high)):
        return ""
    return f"{percent(low)}–{percent(high)}{GAP}%"


def margin(estimate: float | None, low: float | None, high: float | None, unit: str) -> str:
    """Write an interval beside its estimate: half its width if it is symmetric, else its ends; nothing without one.

    >>> margin(0.933, 0.892, 0.974, "share"), margin(1.0, 0.779, 1.0, "share")
    ('±\\u202f4.1', '77.9–100.0')
    """
    if estimate is None or low is None or high is None or not (known(estimate) and known(low) and known(high)):
        return ""
    factor, size = (100.0, None) if unit in SHARES else (1.0, max(abs(low), abs(high)))
    below, above = (estimate - low) * factor, (high - estimate) * factor

    def write(value: float) -> str:
        return f"{value:.1f}" if size is None else plain(value, like=size)

    if abs(above - below) > 0.1 * max(above, below):
        return f"{percent(low)}–{percent(high)}" if size is None else f"{write(low)}–{write(high)}"
    return f"±{GAP}{write((above + below) / 2)}"


def difference(value: float | None, unit: str) -> str:
    """Write a difference of two scores, with its sign; of shares in percentage points.

    >>> difference(-0.0166, "share"), difference(1.234, "100 × cosine")
    ('−1.7\\u202fpp', '+1.23')
    """
    if value is None or not known(value):
        return DASH
    sign = "−" if value < 0 else "+"
    return f"{sign}{100 * abs(value):.1f}{GAP}pp" if unit in SHARES else f"{sign}{plain(abs(value))}"


def plain(value: float, *, like: float | None = None) -> str:
    """Write a number with three significant digits, or with as many decimals as `like` would get.

    >>> plain(1234.5), plain(31.24), plain(0.01234), plain(0.5, like=31.0)
    ('1,234', '31.2', '0.0123', '0.5')
    """
    if not known(value):
        return DASH
    size = abs(value if like is None else like)
    decimals = 2 if size == 0 else max(0, min(8, 2 - math.floor(math.log10(size))))
    return f"{value:,.{decimals}f}"


def compact(value: float) -> str:
    """Write a number in little space: three significant digits, thousands and beyond with a letter.

    >>> compact(3.17), compact(816.3), compact(816_326.0), compact(570_631_516.0), compact(2.5e12)
    ('3.17', '816', '816k', '571M', '2.50T')
    """
    value = float(f"{value:.3g}")
    if not known(value) or value < 1000:
        return plain(value)
    letters = "kMGT"
    power = min(int(math.log10(value) / 3 + 1e-9), len(letters))
    return f"{plain(value / 1000**power)}{letters[power - 1]}"


def seconds(value: float | None) -> str:
    """Write a duration.

    >>> [seconds(s) for s in (0.00042, 0.0841, 0.84, 3.417, 48.2, 1904.0)]
    ['0.42\\u202fms', '0.084\\u202fs', '0.84\\u202fs', '3.42\\u202fs', '48.2\\u202fs', '31.7\\u202fmin']
    """
    if value is None or not known(value):
        return DASH
    if value >= 600:
        return f"{value / 60:.1f}{GAP}min"
    if 0 < value < 0.001:
        return f"{two_figures(1000 * value)}{GAP}ms"
    decimals = 3 if value < 0.1 else 2 if value < 10 else 1
    return f"{value:.{decimals}f}{GAP}s"


def latency(value: float | None) -> str:
    """Write measured seconds with three significant digits, below one second in milliseconds, for columns to compare.

    >>> [latency(s) for s in (0.0417, 0.84, 3.417, 1904.0, None)]
    ['41.7 ms', '840 ms', '3.42 s', '1,904 s', '–']
    """
    if value is None or not known(value):
        return DASH
    return f"{three_figures(value)} s" if value >= 1 else f"{three_figures(1000 * value)} ms"


def latency_range(low: float | None, high: float | None) -> str:
    """Write the ends of an interval of measured seconds without repeating the unit; a dash where an end is missing.

    >>> latency_range(0.039, 0.0452), latency_range(0.98, 1.21), latency_range(None, 1.2)
    ('39–45.2 ms', '980 ms–1.21 s', '–')
    """
    if low is None or high is None or not (known(low) and known(high)):
        return DASH
    if low < 1 <= high:
        return f"{latency(low)}–{latency(high)}"
    return f"{three_figures(low if low >= 1 else 1000 * low)}–{latency(high)}"


def three_figures(value: float) -> str:
    """Write a number with three significant digits; from 100 on without decimals.

    >>> three_figures(1904.4), three_figures(48.23), three_figures(0.5)
    ('1,904', '48.2', '0.5')
    """
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def price_scale(usd: Iterable[float | None], *, video: bool = False) -> UnitScale:
    """Choose one unit for a column of prices: an image or a second of video, or 1,000 where most cost under a cent.

    >>> price_scale([0.04, 0.2]).label, price_scale([0.0001]).label, price_scale([0.4], video=True).label
    ('per image', 'per 1,000 images', 'per second of\\u202fvideo')
    """
    prices = sorted(value for value in usd if value is not None and known(value))
    cheap = bool(prices) and prices[len(prices) // 2] < 0.01
    one, many = (f"second of{GAP}video", f"s of{GAP}video") if video else ("image", "images")
    return UnitScale(1000.0, f"per 1,000{GAP if video else ' '}{many}") if cheap else UnitScale(1.0, f"per {one}")


def dollars(value: float | None) -> str:
    """Write an amount of US dollars.

    >>> [dollars(d) for d in (12.5, 0.04, 0.00123, 0.0)]
    ['$12.50', '$0.040', '$0.0012', '$0']
    """
    if value is None or not known(value):
        return DASH
    if value == 0:
        return "$0"
    return f"${value:,.2f}" if value >= 1 else f"${two_figures(value)}"


def two_figures(value: float) -> str:
    """Write a number under one with two significant digits, never in powers of ten."""
    decimals = 2 if value == 0 else max(0, min(12, 1 - math.floor(math.log10(abs(value)))))
    return f"{value:.{decimals}f}"


def rank_set(best: int | None, worst: int | None) -> str:
    """Write the ranks that a model may have.

    >>> rank_set(1, 3), rank_set(4, 4), rank_set(None, None)
    ('1–3', '4', '–')
    """
    if best is None or worst is None or not (known(best) and known(worst)):
        return DASH
    return f"{int(best)}" if best == worst else f"{int(best)}–{int(worst)}"


def p_value(p: float | None) -> str:
    """Write a p value, below 0.001 only as that.

    >>> p_value(0.0421), p_value(0.00001)
    ('0.042', '< 0.001')
    """
    if p is None or not known(p):
        return DASH
    return "< 0.001" if p < 0.001 else f"{p:.3f}"


def days(value: float | None) -> str:
    """Write a number of days."""
    if value is None or not known(value):
        return DASH
    rounded = round(value)
    return f"{rounded}{GAP}day" if rounded == 1 else f"{rounded}{GAP}days"


def date(value: dt.date | None) -> str:
    """Write a day.

    >>> date(dt.date(2026, 3, 1)), date(None)
    ('1 Mar 2026', '–')
    """
    if value is None or not known(value):
        return DASH
    return f"{value.day} {value:%b %Y}"


def count(number: int, singular: str, plural: str | None = None) -> str:
    """Write a number of things.

    >>> count(1, "prompt"), count(1200, "prompt")
    ('1 prompt', '1,200 prompts')
    """
    return f"{number:,} {singular if number == 1 else plural or singular + 's'}"


def label(identifier: str) -> str:
    """Write a category's or tier's id as words.

    >>> label("pair-left-right"), label("*")
    ('Pair left right', 'All categories')
    """
    if identifier == ALL_CATEGORIES:
        return "All categories"
    words = identifier.replace("-", " ").replace("_", " ").strip()
    return words[:1].upper() + words[1:]
