"""Numbers as the routing table has them."""

SIGNIFICANT = 6


def rounded(value: float | None) -> float | None:
    """Return a measured number with six significant digits, which is more than was measured."""
    return None if value is None else float(f"{value:.{SIGNIFICANT}g}")
