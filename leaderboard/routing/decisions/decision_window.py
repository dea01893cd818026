"""A decision window: one category's models on some days, with everything that a tier is decided by."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np

from leaderboard.inference.paired import Lead, lead
from leaderboard.inference.vocabulary import UNBOUNDED, Array, Bounds, mirrored
from leaderboard.routing.policy.rules import RequiredShape, TierRule

ROUNDING = 1e-12
CostBasis = Literal["samples", "measured", "predicted"]


@dataclass(frozen=True, slots=True)
class OutputShape:
    """What a model makes: pixels, and seconds of video (None for a picture)."""

    width: int
    height: int
    seconds: float | None = None

    def gives(self, wanted: RequiredShape) -> bool:
        """Return whether it is at least as large and as long as what is wanted."""
        width, height = wanted.resolution or (0, 0)
        long = wanted.seconds is None or (self.seconds is not None and self.seconds >= wanted.seconds)
        return self.width >= width and self.height >= height and long

    def __str__(self) -> str:
        return f"{self.width}x{self.height}" + ("" if self.seconds is None else f", {self.seconds:g} s")


@dataclass(frozen=True, slots=True, kw_only=True)
class UnsoundShare:
    """The share of a model's attempts that came and are unsound, its exact interval, and the policy's `limit`."""

    n: int
    attempts: int
    low: float
    high: float
    confidence: float
    limit: float

    @property
    def kept(self) -> bool:
        """Whether the share is at most the limit."""
        return self.n / self.attempts <= self.limit + ROUNDING

    def __str__(self) -> str:
        share = f"delivers unsound media in {self.n} of {self.attempts} attempts ({self.n / self.attempts:.0%}"
        return f"{share}, {self.confidence:.0%} interval {self.low:.1%} to {self.high:.1%}), {self.limit:.0%} allowed"


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatingStats:
    """A model's operating statistics: what it costs and takes, what it makes, and whether it works.

    `cost_usd`: mean US dollars a sample, with standard error; `call_usd`: what the table says one call costs (the list
    price, else the mean over all categories). `seconds`: the median of steady calls, with standard error; `p95_s` over
    all categories, None below 20 calls. `failing` says why it is quarantined. `unsound` is the share of unsound media,
    None where there are none.

    `basis` says where cost and time come from: the samples of the run, or, at another shape than the run's, profiler
    measurements or a prediction, as `basis_note` says in words; quality was then still measured at `scored_at`.
    `other_shapes` gives the statistics at other shapes.
    """

    cost_usd: float | None = None
    cost_error: float = 0.0
    call_usd: float | None = None
    seconds: float | None = None
    seconds_error: float = 0.0
    p95_s: float | None = None
    shape: OutputShape | None = None
    failing: str | None = None
    unsound: UnsoundShare | None = None
    basis: CostBasis = "samples"
    basis_note: str | None = None
    scored_at: OutputShape | None = None
    other_shapes: Callable[[RequiredShape], "OperatingStats | None"] | None = field(
        default=None, compare=False, repr=False
    )

    @property
    def sound(self) -> bool:
        """Whether it delivers unsound media no more often than the policy allows."""
        return self.unsound is None or self.unsound.kept

    @property
    def healthy(self) -> bool:
        """Whether it works and is sound."""
        return self.failing is None and self.sound

    def at(self, wanted: RequiredShape) -> "OperatingStats":
        """Return the statistics at the shape that a tier asks for; itself where it makes that already, or cannot."""
        if self.other_shapes is None or self.shape is None or self.shape.gives(wanted):
            return self
        other = self.other_shapes(wanted)
        if other is None:
            return self
        return replace(other, failing=self.failing, unsound=self.unsound, scored_at=self.shape)


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionWindow:
    """One category's models on the days `first` to `last`: prompt means of shape (prompts, models), NaN for missing.

    `prompts` names the rows, `bounds` are the metric's. `absent` says of models that no longer compete why ("was
    retired on 2026-03-10").
    """

    category: str
    first: dt.date
    last: dt.date
    models: tuple[str, ...]
    means: Array
    stats: Mapping[str, OperatingStats]
    higher_is_better: bool = True
    bounds: Bounds = UNBOUNDED
    absent: Mapping[str, str] = field(default_factory=dict)
    prompts: tuple[str, ...] = ()

    def under(self, rule: TierRule) -> "DecisionWindow":
        """Return the window as a tier sees it: what models cost and take at the shape that its rule asks for."""
        if rule.wanted == RequiredShape():
            return self
        return replace(self, stats={model: stats.at(rule.wanted) for model, stats in self.stats.items()})

    def column(self, model: str) -> Array:
        """Return a model's prompt means."""
        return np.asarray(self.means[:, self.models.index(model)])

    def signed(self, models: Sequence[str]) -> tuple[Array, Bounds]:
        """Return prompt means of shape (prompts, models) in which larger is better, and the bounds that they have."""
        means = np.stack([self.column(model) for model in models], axis=1)
        return (means, self.bounds) if self.higher_is_better else (-means, mirrored(self.bounds))

    def quality(self, model: str) -> float | None:
        """Return the mean over the prompts that a model has, None where it has none or does not compete."""
        if model not in self.models:
            return None
        scores = self.column(model)
        scores = scores[~np.isnan(scores)]
        return float(scores.mean()) if len(scores) else None

    def lead(self, a: str, b: str) -> Lead | None:
        """Return how far `a` is better than `b`, on their common prompts."""
        first, second = (a, b) if self.higher_is_better else (b, a)
        return lead(self.column(first), self.column(second))

    def ranking(self) -> tuple[str, ...]:
        """Return the models that are scored, in good health first, the best first, on prompts that they share.

        Of models that are level the cheaper comes first.
        """
        scored = [model for model in self.models if not np.isnan(self.column(model)).all()]
        healthy = [model for model in scored if self.stats[model].healthy]
        return self._ordered(healthy) + self._ordered([model for model in scored if model not in healthy])

    def _ordered(self, models: Sequence[str]) -> tuple[str, ...]:
        if not models:
            return ()
        scores = np.stack([self.column(model) for model in models], axis=1)
        common = scores[~np.isnan(scores).any(axis=1)]
        level = common.mean(axis=0) if len(common) else np.nanmean(scores, axis=0)
        signed = np.round(level if self.higher_is_better else -level, 12)
        order = sorted(range(len(models)), key=lambda i: (-signed[i], *self.price(models[i])))
        return tuple(models[i] for i in order)

    def price(self, model: str) -> tuple[float, float, str]:
        """Return what puts the cheaper model first, then the faster; what is not known comes last."""
        stats = self.stats[model]
        cost, seconds = stats.cost_usd, stats.seconds
        return (np.inf if cost is None else cost, np.inf if seconds is None else seconds, model)

    def speed(self, model: str) -> tuple[float, float, str]:
        """Return what puts the faster model first, then the cheaper; what is not known comes last."""
        cost, seconds, name = self.price(model)
        return (seconds, cost, name)
