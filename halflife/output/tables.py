"""The one kind of table that the command line prints."""

from collections.abc import Collection, Sequence
from typing import Final

from rich import box
from rich.table import Table
from rich.text import Text

DASH: Final = "–"
"""Stands where there is no value."""


def table(title: str, columns: Sequence[str], *, numbers: Collection[str] = ()) -> Table:
    """Return an empty table: words to the left, the columns named in `numbers` to the right.

    In a narrow terminal words are folded and numbers stay whole.
    """
    empty = Table(title=Text(title), title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False, collapse_padding=True)
    for name in columns:
        is_number = name in numbers
        empty.add_column(name, justify="right" if is_number else "left", overflow="fold", no_wrap=is_number)
    return empty


def number(value: float | None) -> str:
    """Write a number with three significant figures, or a dash where there is none."""
    return DASH if value is None else f"{value:.3g}"
