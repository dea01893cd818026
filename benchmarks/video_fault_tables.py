"""The statistics and the text of `video_faults`: how well a metric tells two groups of clips apart."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from data.vocabulary import Metric
from evaluators.registry import EVALUATORS, metrics

Values = Mapping[str, float | None]
Statistic = Callable[[np.ndarray], float | None]
BOOTSTRAPS = 2_000
FEWEST = 5
SEEN, REWARDED = 0.8, 0.2
DELIVERY = "delivery_loss"
NOT_PLANTED = (
    *("video_duplicate", "video_size_as_asked", "audio_as_asked"),
    *("camera_pan", "camera_zoom", "camera_roll"),
)
"""Metrics that no planted fault is about, as the drawn world has no camera; their tests hold them."""


@dataclass(frozen=True, slots=True)
class Contrast:
    """`auc`: how often the first group has more, ties counted half. `paired`: the same, clip by clip. `n`: clips."""

    auc: float
    paired: float
    n: int


@dataclass(frozen=True, slots=True)
class Sensitivity:
    """By metric and fault: how often the faulty clip is worse than a clean one (or, for a neutral metric, has more)."""

    clips: int
    faults: tuple[str, ...]
    contrasts: Mapping[str, Mapping[str, Contrast | None]]

    @classmethod
    def of(cls, values: Mapping[str, Sequence[Values]]) -> "Sensitivity":
        """From the values of the same clips, clean (the key "clean") and with each fault."""
        clean, faults = values["clean"], tuple(name for name in values if name != "clean")
        contrasts = {
            metric.name: {fault: _contrast(metric, values[fault], clean) for fault in faults}
            for metric in video_metrics()
        }
        return cls(len(clean), faults, contrasts)

    @property
    def chance(self) -> float:
        """How far from 0.5 the AUC of a metric that is blind lies in 95 tables of 100."""
        return float(1.96 * np.sqrt((2 * self.clips + 1) / (12 * self.clips**2)))


@dataclass(frozen=True, slots=True)
class Estimate:
    """A number with its 95 % interval over prompts (percentile bootstrap)."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Agreement:
    """By metric: how often a clip that is entirely right has a better value (or more) than one that is not.

    `losses`: by metric of delivery its mean.
    """

    right: int
    wrong: int
    aucs: Mapping[str, Estimate | None]
    losses: Mapping[str, Estimate | None]

    @classmethod
    def of(cls, rows: Sequence[Values], groups: Sequence[int]) -> "Agreement":
        """From the values of generated clips; `groups` are their prompts, which are drawn together."""
        truth = np.array([row["motion_correct"] == 1 for row in rows])
        judged = [metric for metric in video_metrics() if metric.evaluator != "motion_check" and metric.kind != "gate"]
        columns = {metric.name: better(metric) * _column(rows, metric.name) for metric in judged}
        aucs = {name: bootstrap(_auc_of(column, truth), groups) for name, column in columns.items()}
        delivery = [metric.name for metric in EVALUATORS[DELIVERY].declaration.metrics]
        losses = {name: bootstrap(_mean_of(_column(rows, name)), groups) for name in delivery}
        return cls(int(truth.sum()), int((~truth).sum()), aucs, losses)


def video_metrics() -> list[Metric]:
    """Every metric of videos but those of delivery, and those of which no fault is planted."""
    video = {name: entry for name, entry in EVALUATORS.items() if "video" in entry.declaration.modalities}
    every = metrics(video).values()
    return [metric for metric in every if metric.evaluator != DELIVERY and metric.name not in NOT_PLANTED]


def better(metric: Metric) -> float:
    """1 where more is better or the metric is neutral, else −1."""
    return 1.0 if metric.neutral or metric.higher_is_better else -1.0


def auc(first: np.ndarray, second: np.ndarray) -> float:
    """How often a value of `first` is above one of `second`, ties counted half: 0.5 says nothing.

    >>> auc(np.array([2.0, 3.0]), np.array([1.0, 3.0]))
    0.625
    """
    return float(np.mean(_above(first[:, None], second[None, :])))


def bootstrap(statistic: Statistic, groups: Sequence[int], seed: int = 0) -> Estimate | None:
    """The statistic of all rows, with its interval over groups drawn anew; None where it has no value."""
    rows = _rows_by_group(groups)
    whole = statistic(np.concatenate(rows))
    if whole is None:
        return None
    rng = np.random.default_rng(seed)
    drawn = [
        statistic(np.concatenate([rows[i] for i in rng.integers(0, len(rows), len(rows))])) for _ in range(BOOTSTRAPS)
    ]
    low, high = np.quantile([value for value in drawn if value is not None], [0.025, 0.975])
    return Estimate(whole, float(low), float(high))


def document(sensitivity: Sensitivity, agreement: Agreement, contenders: Sequence[str]) -> str:
    """The page, as Markdown."""
    return "\n".join(
        [
            "# What the metrics of videos see",
            "",
            f"Made by `python -m benchmarks.video_faults --clips {sensitivity.clips}`. Nothing here is edited by hand.",
            "",
            *_seen(sensitivity),
            *_faults(sensitivity),
            *_agreement(agreement, contenders),
            *_delivery(agreement),
        ]
    )


def _seen(sensitivity: Sensitivity) -> Iterator[str]:
    yield "## In short"
    yield ""
    yield f"A fault is *seen* where the AUC below is at least {SEEN}, *rewarded* where it is at most {REWARDED}. Only"
    yield "what is declared quality ranks models; a gate counts faults; a sensor is shown and never ranks. Of a neutral"
    yield "metric neither more nor less is better: *seen* means more of it, *rewarded* less. No fault is planted for"
    yield f"{', '.join(NOT_PLANTED[:-1])} and {NOT_PLANTED[-1]}: tests hold them."
    yield ""
    yield "| metric | declared | sees | rewards |"
    yield "|---|---|---|---|"
    for metric in video_metrics():
        row = {fault: each.auc for fault, each in sensitivity.contrasts[metric.name].items() if each is not None}
        seen = ", ".join(fault for fault, value in row.items() if value >= SEEN)
        rewarded = ", ".join(fault for fault, value in row.items() if value <= REWARDED)
        yield f"| {metric.name} | {_declared(metric)} | {seen or '–'} | {rewarded or '–'} |"
    yield ""


def _declared(metric: Metric) -> str:
    notes = [
        metric.kind,
        *(["neutral"] if metric.neutral else []),
        *([f"beside {metric.beside}"] if metric.beside else []),
    ]
    return ", ".join(notes)


def _faults(sensitivity: Sensitivity) -> Iterator[str]:
    yield "## Planted faults"
    yield ""
    yield f"{sensitivity.clips} drawn clips of 16 frames in which one or two things move, each clean and with every"
    yield "fault (`benchmarks/planted_faults.py`). Each cell: the AUC of faulty against clean clips (how often a faulty"
    yield "clip is worse than a clean one, ties counted half), and after the stroke the share of clips that are worse"
    yield "than their own clean version. 0.50 is blind; with so many clips the AUC of a blind metric lies within"
    yield f"{sensitivity.chance:.2f} of it in 95 tables of 100. – means that fewer than {FEWEST} clips have a value"
    yield "both times; n is how many do. For a neutral metric *worse* reads *more*."
    yield ""
    yield "| metric | n | " + " | ".join(sensitivity.faults) + " |"
    yield "|---|---|" + "---|" * len(sensitivity.faults)
    for name, row in sensitivity.contrasts.items():
        cells = ["–" if each is None else f"{each.auc:.2f} / {each.paired:.2f}" for each in row.values()]
        pairs = max((each.n for each in row.values() if each is not None), default=0)
        yield f"| {name} | {pairs} | " + " | ".join(cells) + " |"
    yield ""


def _agreement(agreement: Agreement, contenders: Sequence[str]) -> Iterator[str]:
    n = agreement.right + agreement.wrong
    yield "## Against the exact check, on generated clips"
    yield ""
    yield f"{n} clips of {' and '.join(contenders)} on held-out prompts of one and of two things: {agreement.right}"
    yield f"entirely right by the exact check, {agreement.wrong} not. AUC: how often a right clip has the better value"
    yield "than a wrong one (for a neutral metric, more). In brackets the 95 % interval, bootstrapped over prompts."
    yield ""
    yield "| metric | declared | AUC |"
    yield "|---|---|---|"
    declared = {metric.name: _declared(metric) for metric in video_metrics()}
    for name, estimate in agreement.aucs.items():
        yield f"| {name} | {declared[name]} | {_estimate(estimate, 2)} |"
    yield ""


def _delivery(agreement: Agreement) -> Iterator[str]:
    yield "## What delivery costs"
    yield ""
    yield "The master's score minus the delivery file's on the same clips, mean and 95 % interval over prompts."
    yield ""
    yield "| metric | mean loss |"
    yield "|---|---|"
    yield from (f"| {name} | {_estimate(estimate, 3)} |" for name, estimate in agreement.losses.items())


def _estimate(estimate: Estimate | None, digits: int) -> str:
    if estimate is None:
        return "–"
    return f"{estimate.value:.{digits}f} [{estimate.low:.{digits}f}, {estimate.high:.{digits}f}]"


def _contrast(metric: Metric, faulty: Sequence[Values], clean: Sequence[Values]) -> Contrast | None:
    worse = 1.0 if metric.neutral else -better(metric)
    first, second = (worse * _column(rows, metric.name) for rows in (faulty, clean))
    both = ~np.isnan(first) & ~np.isnan(second)
    if both.sum() < FEWEST:
        return None
    pairs = _above(first[both], second[both])
    return Contrast(auc(first[~np.isnan(first)], second[~np.isnan(second)]), float(pairs.mean()), int(both.sum()))


def _column(rows: Sequence[Values], name: str) -> np.ndarray:
    return np.array([np.nan if row[name] is None else row[name] for row in rows], dtype=np.float64)


def _above(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    above: np.ndarray = (first > second) + 0.5 * (first == second)
    return above


def _auc_of(column: np.ndarray, truth: np.ndarray) -> Statistic:
    def statistic(at: np.ndarray) -> float | None:
        valued = at[~np.isnan(column[at])]
        right, wrong = column[valued[truth[valued]]], column[valued[~truth[valued]]]
        return auc(right, wrong) if len(right) and len(wrong) else None

    return statistic


def _mean_of(column: np.ndarray) -> Statistic:
    def statistic(at: np.ndarray) -> float | None:
        valued = column[at][~np.isnan(column[at])]
        return float(valued.mean()) if len(valued) else None

    return statistic


def _rows_by_group(groups: Sequence[int]) -> list[np.ndarray]:
    numbers = np.asarray(groups)
    return [np.flatnonzero(numbers == group) for group in np.unique(numbers)]
