"""Numbers as the routing table has them."""

from typing import overload

SIGNIFICANT = 6


@overload
def rounded(value: float) -> float: ...


@overload
def rounded(value: None) -> None: ...


@overload
def rounded(value: float | None) -> float | None: ...


def rounded(value: float | None) -> float | None:
    """Return a measured number with six significant digits, which is more than was measured."""
    return None if value is None else float(f"{value:.{SIGNIFICANT}g}")
