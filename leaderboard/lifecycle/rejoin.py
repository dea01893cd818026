"""Gap tolerance for a list of tenures: a subject that is soon back at the top counts as never gone."""

import itertools
from collections.abc import Sequence
from dataclasses import replace

from leaderboard.lifecycle.interval_observations import IntervalObservation


def rejoined(observations: Sequence[IntervalObservation], gap_days: float) -> tuple[IntervalObservation, ...]:
    """Return the tenures, those of one subject joined where it came back within `gap_days` of being overtaken.

    >>> first = IntervalObservation(
    ...     subject="a", entered=0.0, left=10.0, observed_from=None, observed_until=30.0, ended_by="overtaken"
    ... )
    >>> (tenure,) = rejoined([first, replace(first, entered=12.0, left=20.0)], 7)
    >>> tenure.entered, tenure.left
    (0.0, 20.0)
    """

    def key(tenure: IntervalObservation) -> tuple[str, list[tuple[str, str]]]:
        return tenure.subject, sorted(tenure.scope.items())

    ordered = sorted(observations, key=lambda tenure: (*key(tenure), tenure.entered))
    joined: list[IntervalObservation] = []
    for _, group in itertools.groupby(ordered, key=key):
        before, *others = group
        for tenure in others:
            left = before.left if before.ended_by == "overtaken" else None
            if left is not None and tenure.entered - left <= gap_days:
                before = replace(tenure, entered=before.entered, observed_from=before.observed_from)
            else:
                joined.append(before)
                before = tenure
        joined.append(before)
    return tuple(joined)
