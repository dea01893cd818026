"""Several metrics at once: which changed, with the share of false discoveries held (Benjamini–Hochberg 1995)."""

from collections.abc import Mapping


def discoveries(p_values: Mapping[str, float], *, rate: float = 0.05) -> tuple[str, ...]:
    """Return the names whose p value is small enough that at most `rate` of them are expected to be false.

    >>> discoveries({"quality": 0.001, "latency": 0.2, "size": 0.03})
    ('quality', 'size')
    """
    ordered = sorted(p_values.items(), key=lambda item: (item[1], item[0]))
    count = len(ordered)
    enough = [place for place, (_, p) in enumerate(ordered, start=1) if p <= rate * place / count]
    return tuple(name for name, _ in ordered[: max(enough, default=0)])
