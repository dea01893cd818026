"""Several metrics at once: which changed, with a limit on the share of false discoveries (Benjamini–Hochberg 1995)."""

from collections.abc import Mapping


def discoveries(p_values: Mapping[str, float], *, rate: float = 0.05) -> tuple[str, ...]:
    """Return the names whose p value is so small that at most the share `rate` of them is expected to be false.

    >>> discoveries({"quality": 0.001, "latency": 0.2, "size": 0.03})
    ('quality', 'size')
    """
    ordered = sorted(p_values.items(), key=lambda item: (item[1], item[0]))
    count = len(ordered)
    ranks = [rank for rank, (_, p) in enumerate(ordered, start=1) if p <= rate * rank / count]
    return tuple(name for name, _ in ordered[: max(ranks, default=0)])
