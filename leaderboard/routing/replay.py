"""Who holds each tier on each day, since when and why: the incumbent stays until a challenger is surely better.

Replayed day by day over the history, so that dwell, switches and incumbents come from what was known on each day. The
hero is the leader in quality (the cheapest of those that are level); the workhorse the cheapest (then the fastest)
whose quality reaches the declared share of the hero's. An incumbent that is retired, quarantined or (a workhorse)
surely below its bar leaves at once.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np

from leaderboard.inference.intervals import Array
from leaderboard.inference.paired import Lead, lead
from leaderboard.routing.policy import Policy

Tier = Literal["hero", "workhorse"]
Action = Literal["keep", "switch", "new", "quarantine"]

LARGEST_MARGIN = 99.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Standby:
    """What is known of a model besides its quality: mean US dollars a sample with standard error, seconds, health."""

    cost_usd: float | None = None
    cost_error: float = 0.0
    seconds: float | None = None
    failing: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Contest:
    """One category's field on the days `first` to `last`: prompt means of shape (prompts, models), NaN for missing.

    `absent` says of models that are not in the field why ("was retired on 2026-03-10").
    """

    category: str
    first: dt.date
    last: dt.date
    models: tuple[str, ...]
    means: Array
    standby: Mapping[str, Standby]
    higher_is_better: bool = True
    absent: Mapping[str, str] = field(default_factory=dict)

    def column(self, model: str) -> Array:
        """Return a model's prompt means."""
        return np.asarray(self.means[:, self.models.index(model)])

    def lead(self, a: str, b: str) -> Lead | None:
        """Return how far `a` is better than `b`, on their common prompts."""
        first, second = (a, b) if self.higher_is_better else (b, a)
        return lead(self.column(first), self.column(second))

    def ranking(self) -> tuple[str, ...]:
        """Return the models that are scored, in good health first, the best first, on prompts that they share.

        Of models that are level the cheaper comes first.
        """
        scored = [model for model in self.models if not np.isnan(self.column(model)).all()]
        healthy = [model for model in scored if self.standby[model].failing is None]
        return self._ordered(healthy) + self._ordered([model for model in scored if model not in healthy])

    def _ordered(self, models: Sequence[str]) -> tuple[str, ...]:
        if not models:
            return ()
        held = np.stack([self.column(model) for model in models], axis=1)
        common = held[~np.isnan(held).any(axis=1)]
        level = common.mean(axis=0) if len(common) else np.nanmean(held, axis=0)
        signed = np.round(level if self.higher_is_better else -level, 12)
        order = sorted(range(len(models)), key=lambda i: (-signed[i], *self.price(models[i])))
        return tuple(models[i] for i in order)

    def price(self, model: str) -> tuple[float, float, str]:
        """Return what puts the cheaper model first, then the faster; what is not known comes last."""
        known = self.standby[model]
        cost, seconds = known.cost_usd, known.seconds
        return (np.inf if cost is None else cost, np.inf if seconds is None else seconds, model)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What was decided for one tier of one category on one day, and the state that it leaves.

    `margin` is the challenger's advantage in standard errors (quality for the hero, price for the workhorse): negative
    when it is behind, None without a challenger. `previous` is the holder before `incumbent`.
    """

    day: dt.date
    category: str
    tier: Tier
    action: Action
    incumbent: str
    since: dt.date
    previous: str | None
    challenger: str | None
    margin: float | None
    reason: str


def replay(history: Iterable[Contest], policy: Policy | None = None) -> tuple[Decision, ...]:
    """Return the decision of every day, category and tier, in order of the days.

    `history` holds the contests of all categories; those of one category follow each other without overlap. A field
    without any score keeps what was decided before.
    """
    rule, held, found = policy or Policy(), dict[tuple[str, Tier], Decision](), list[Decision]()
    for contest in sorted(history, key=lambda one: (one.first, one.category)):
        ranking = contest.ranking()
        if not ranking:
            continue
        for i in range((contest.last - contest.first).days + 1):
            day = contest.first + dt.timedelta(days=i)
            hero = _hero(contest, ranking, day, (held.get((contest.category, "hero")), rule))
            work = _workhorse(contest, hero.incumbent, day, (held.get((contest.category, "workhorse")), rule))
            held[contest.category, "hero"], held[contest.category, "workhorse"] = hero, work
            found += [hero, work]
    return tuple(sorted(found, key=lambda one: one.day))


def switches(decisions: Iterable[Decision]) -> tuple[Decision, ...]:
    """Return the decisions that changed who holds a tier, the first holder included."""
    return tuple(one for one in decisions if one.action != "keep")


def latest(decisions: Iterable[Decision]) -> dict[tuple[str, Tier], Decision]:
    """Return the newest decision of each category and tier."""
    return {(one.category, one.tier): one for one in sorted(decisions, key=lambda one: one.day)}


def _hero(contest: Contest, ranking: Sequence[str], day: dt.date, state: tuple[Decision | None, Policy]) -> Decision:
    before, policy = state
    leader = ranking[0]
    if before is None:
        reason = f"{leader} leads the field of {len(ranking)}; nobody held the tier before."
        return _new(contest, "hero", day, leader, reason)
    gone = _gone(contest, ranking, before.incumbent)
    if gone and leader != before.incumbent:
        return _replace(before, day, leader, gone, f"{leader} leads the field that is left.")
    challenger = next((model for model in ranking if model != before.incumbent), None)
    ahead = contest.lead(challenger, before.incumbent) if challenger else None
    if challenger is None or ahead is None:
        return replace(
            before,
            day=day,
            action="keep",
            challenger=None,
            margin=None,
            reason=f"{before.incumbent} has no challenger.",
        )
    return _weigh(before, day, challenger, _margin(ahead.z), _in_words(challenger, ahead), policy)


def _workhorse(contest: Contest, hero: str, day: dt.date, state: tuple[Decision | None, Policy]) -> Decision:
    before, policy = state
    cheapest = _cheapest(contest, hero, policy.workhorse_quality_share)
    bar = f"at least {policy.workhorse_quality_share:.0%} of {hero}'s quality"
    if before is None:
        return _new(contest, "workhorse", day, cheapest, f"{cheapest} is the cheapest with {bar}.")
    gone = _gone(contest, contest.models, before.incumbent) or _below_bar(contest, before.incumbent, hero, policy)
    if gone and cheapest != before.incumbent:
        return _replace(before, day, cheapest, gone, f"{cheapest} is the cheapest with {bar}.")
    if cheapest == before.incumbent:
        reason = f"{cheapest} is still the cheapest with {bar}."
        return replace(before, day=day, action="keep", challenger=None, margin=None, reason=reason)
    margin, words = _saving(contest, cheapest, before.incumbent)
    return _weigh(before, day, cheapest, margin, words, policy)


def _weigh(before: Decision, day: dt.date, challenger: str, margin: float, words: str, policy: Policy) -> Decision:
    """Decide between an incumbent in good health and its challenger."""
    held, known = (day - before.since).days, replace(before, day=day, challenger=challenger, margin=margin)
    if margin < policy.switch_margin:
        need = f"a switch needs {policy.switch_margin:g}"
        return replace(known, action="keep", reason=f"{before.incumbent} stays: {words}; {need}.")
    if held < policy.min_dwell_days:
        wait = f"but {before.incumbent} has held the tier for {held} of at least {policy.min_dwell_days} days"
        return replace(known, action="keep", reason=f"{before.incumbent} stays: {words}, {wait}.")
    reason = f"{challenger} replaces {before.incumbent}: {words} ({policy.switch_margin:g} needed)."
    return replace(known, action="switch", incumbent=challenger, since=day, previous=before.incumbent, reason=reason)


def _new(contest: Contest, tier: Tier, day: dt.date, model: str, reason: str) -> Decision:
    return Decision(
        day=day, category=contest.category, tier=tier, action="new", incumbent=model, since=day, previous=None,
        challenger=None, margin=None, reason=reason,
    )  # fmt: skip


def _replace(before: Decision, day: dt.date, model: str, gone: "_Gone", next_words: str) -> Decision:
    return replace(
        before, day=day, action=gone.action, incumbent=model, since=day, previous=before.incumbent,
        challenger=model, margin=None, reason=f"{gone.reason}; {next_words}",
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Gone:
    action: Action
    reason: str


def _gone(contest: Contest, ranking: Sequence[str], incumbent: str) -> _Gone | None:
    """Return why an incumbent cannot hold its tier today, or None."""
    if incumbent not in contest.models:
        return _Gone("switch", f"{incumbent} {contest.absent.get(incumbent, 'is no longer in the field')}")
    failing = contest.standby[incumbent].failing
    if failing:
        return _Gone("quarantine", f"{incumbent} is quarantined: {failing}")
    return None if incumbent in ranking else _Gone("switch", f"{incumbent} has no score any more")


def _below_bar(contest: Contest, incumbent: str, hero: str, policy: Policy) -> _Gone | None:
    over = _over_bar(contest, incumbent, hero, policy.workhorse_quality_share)
    if over is None or over.z > -policy.switch_margin:
        return None
    share = policy.workhorse_quality_share
    return _Gone(
        "switch", f"{incumbent} is surely below {share:.0%} of {hero}'s quality ({over.z:.1f} standard errors)"
    )


def _over_bar(contest: Contest, model: str, hero: str, share: float) -> Lead | None:
    """Return by how much a model is over the share of the hero's quality, on their common prompts."""
    own, best = contest.column(model), contest.column(hero)
    return lead(own, share * best) if contest.higher_is_better else lead(best, share * own)


def _cheapest(contest: Contest, hero: str, share: float) -> str:
    def fit(model: str) -> bool:
        known, over = contest.standby[model], _over_bar(contest, model, hero, share)
        return known.failing is None and known.cost_usd is not None and over is not None and over.difference >= -1e-12

    return min((model for model in contest.models if fit(model)), key=contest.price, default=hero)


def _saving(contest: Contest, challenger: str, incumbent: str) -> tuple[float, str]:
    """Return what the challenger saves in standard errors of the difference, and in words."""
    new, old = contest.standby[challenger], contest.standby[incumbent]
    if new.cost_usd is None or old.cost_usd is None:
        return 0.0, f"what {challenger if new.cost_usd is None else incumbent} costs is not known"
    saved = old.cost_usd - new.cost_usd
    error = float(np.hypot(new.cost_error, old.cost_error))
    margin = _margin(saved / error if error > 0 else np.sign(saved) * LARGEST_MARGIN)
    share = abs(saved) / old.cost_usd if old.cost_usd else 0.0
    return (
        margin,
        f"{challenger} is {share:.0%} {'cheaper' if saved >= 0 else 'dearer'}, {abs(margin):.1f} standard errors",
    )


def _in_words(challenger: str, ahead: Lead) -> str:
    direction = "leads" if ahead.difference > 0 else "is level" if ahead.difference == 0 else "is behind"
    by = "" if ahead.difference == 0 else f" by {abs(ahead.difference):.3g}"
    return f"{challenger} {direction}{by} on {ahead.n} common prompts, {abs(_margin(ahead.z)):.1f} standard errors"


def _margin(z: float) -> float:
    return round(float(np.clip(z, -LARGEST_MARGIN, LARGEST_MARGIN)), 3) + 0.0
