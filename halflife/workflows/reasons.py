"""Why samples of a run are not ok, and why those that are have no score: the reasons, the most frequent first."""

import re
from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from data.runs import RunFolder

_VARYING = re.compile(r"[\w-]*\d[\w-]*")


class Reason(NamedTuple):
    """Why that many samples of a model (`name`) are not ok, or have no score of a metric: the first one's words."""

    name: str
    state: str
    samples: int
    words: str


def failures(run: RunFolder) -> tuple[Reason, ...]:
    """Return the reasons of the samples that are not ok, by model and status; those that differ in digits are one."""
    samples = run.samples()
    planned = [samples[request.id] for request in run.plan.requests if request.id in samples]
    return _counted((s.model, s.status, s.reason or "") for s in planned if s.status != "ok")


def unscored(run: RunFolder) -> tuple[Reason, ...]:
    """Return the reasons why ok samples have no score of the suite's primary metric; none where one sample has."""
    metric = run.plan.suite.primary_metric
    scores = [score for score in run.scores().values() if score.metric == metric]
    if any(score.value is not None for score in scores):
        return ()
    return _counted((metric, "without a score", score.reason or "") for score in scores)


def _counted(reasons: Iterable[tuple[str, str, str]]) -> tuple[Reason, ...]:
    counts: Counter[tuple[str, str, str]] = Counter()
    words: dict[tuple[str, str, str], str] = {}
    for name, state, reason in reasons:
        kind = (name, state, _VARYING.sub("#", reason))
        counts[kind] += 1
        words.setdefault(kind, reason)
    return tuple(Reason(kind[0], kind[1], count, words[kind]) for kind, count in counts.most_common())
