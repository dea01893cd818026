"""Who serves each tier on each day, since when and why: the incumbent stays until a challenger is surely better.

Replayed day by day over the history, so that dwell, switches and incumbents come from what was known on each day. A
tier is for quality (the leader; the cheapest of those that are level), or for thrift: the cheapest, or the fastest,
whose quality reaches the declared share of the hero's. Only models that keep the tier's budget serve it. An incumbent
that is retired, quarantined, over its budget or surely below its bar leaves at once, whatever the dwell.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from leaderboard.routing.decisions.advantage import Advantage, in_cost, in_quality, in_speed, over_bar
from leaderboard.routing.decisions.budget import broken
from leaderboard.routing.decisions.decision import Decision
from leaderboard.routing.decisions.decision_window import DecisionWindow
from leaderboard.routing.policy.rules import Policy, TierRule
from leaderboard.routing.vocabulary import TIERS, Action, Tier

ENOUGH = -1e-12
MOST_NAMED = 3


def replay(history: Iterable[DecisionWindow], policy: Policy | None = None) -> tuple[Decision, ...]:
    """Return the decision of every day, category and tier, in order of the days.

    `history` holds the windows of all categories; those of one category follow each other without overlap. A window
    without any score keeps what was decided before; a tier whose budget nobody keeps has no decision until one does.
    """
    rules, newest, decisions = policy or Policy(), dict[tuple[str, Tier], Decision](), list[Decision]()
    for window in sorted(history, key=lambda each: (each.first, each.category)):
        ranking = window.ranking()
        if not ranking:
            continue
        today: list[Decision] = []
        for i in range((window.last - window.first).days + 1):
            day = window.first + dt.timedelta(days=i)
            if today and all(_settled(decision, rules) for decision in today):
                today = [replace(decision, day=day) for decision in today]
            else:
                today = list(_DayDecider(window, ranking, day, rules).decide(newest))
            newest |= {(window.category, decision.tier): decision for decision in today}
            decisions += today
    return tuple(sorted(decisions, key=lambda decision: decision.day))


def _leads(margin: float, policy: Policy) -> bool:
    """Return whether a challenger is far enough ahead; level is never ahead, or equals would take turns each day."""
    return margin >= policy.switch_margin and margin > 0


def _settled(decision: Decision, policy: Policy) -> bool:
    """Return whether the next day, with the same models, must decide the same: nothing waits for a dwell to end."""
    return decision.action == "keep" and (decision.margin is None or not _leads(decision.margin, policy))


def eligible(window: DecisionWindow, ranking: Sequence[str], rule: TierRule) -> tuple[str, ...]:
    """Return who keeps a tier's budget, in the order of the ranking; where all are failing, whoever keeps it."""
    healthy = [model for model in ranking if window.stats[model].healthy]
    return tuple(model for model in healthy or ranking if broken(window, model, rule) is None)


def reference(window: DecisionWindow, ranking: Sequence[str], hero: str | None, policy: Policy) -> str:
    """Return whose quality thrifty tiers are compared with: the hero's if it is chosen by quality, else the best's."""
    by_quality = policy.rule(window.category, "hero").objective == "best-quality"
    return hero if by_quality and hero is not None and hero in window.models else ranking[0]


def thriftiest(window: DecisionWindow, able: Sequence[str], best: str, rule: TierRule) -> str | None:
    """Return the cheapest (or fastest) of those that are able and good enough; `best` itself where there is none."""
    cheapest = rule.objective == "cheapest-within-tolerance"
    stats = {model: window.stats[model] for model in able}
    measured = [m for m, each in stats.items() if (each.cost_usd if cheapest else each.seconds) is not None]
    order = sorted((m for m in measured if stats[m].healthy), key=window.price if cheapest else window.speed)
    fit = next((model for model in order if good_enough(window, model, best, rule)), None)
    return fit or (best if best in able else next(iter(able), None))


def good_enough(window: DecisionWindow, model: str, best: str, rule: TierRule) -> bool:
    """Return whether a model's quality reaches the rule's share of the best one's, on their common prompts."""
    scores, top, share = window.column(model), window.column(best), rule.quality_share
    gaps = scores - share * top if window.higher_is_better else top - share * scores
    gaps = gaps[~np.isnan(gaps)]
    return len(gaps) > 0 and float(gaps.mean()) >= ENOUGH


@dataclass(frozen=True, slots=True)
class _DayDecider:
    """Decides the tiers of one category on one day."""

    window: DecisionWindow
    ranking: tuple[str, ...]
    day: dt.date
    policy: Policy

    def decide(self, newest: Mapping[tuple[str, Tier], Decision]) -> Iterable[Decision]:
        """Yield the day's decision of each tier that somebody may serve; `newest` holds those of the day before."""
        hero: str | None = None
        for tier in TIERS:
            before, rule = newest.get((self.window.category, tier)), self.policy.rule(self.window.category, tier)
            as_asked = replace(self, window=self.window.under(rule))
            able = eligible(as_asked.window, self.ranking, rule)
            best = reference(self.window, self.ranking, hero, self.policy)
            decision = (
                as_asked._for_quality(tier, able, before)
                if rule.objective == "best-quality"
                else as_asked._for_thrift(tier, able, best, before)
            )
            if decision is not None:
                hero = decision.incumbent if tier == "hero" else hero
                yield replace(decision, reason=decision.reason + self._barred(decision))

    def _for_quality(self, tier: Tier, able: Sequence[str], before: Decision | None) -> Decision | None:
        if not able:
            return self._nobody(before)
        if before is None:
            leads = f"{able[0]} leads the field of {len(self.ranking)}{self._in_budget(tier)}"
            return self._new(tier, able[0], f"{leads}; nobody held the tier before.")
        removal = self._removal(before)
        if removal and able[0] != before.incumbent:
            return self._replace(before, able[0], removal, f"{able[0]} leads the field that is left.")
        challenger = next((model for model in able if model != before.incumbent), None)
        ahead = in_quality(self.window, challenger, before.incumbent) if challenger else None
        if challenger is None or ahead is None:
            return self._unchallenged(before, f"{before.incumbent} has no challenger.")
        return self._weigh(before, challenger, ahead)

    def _for_thrift(self, tier: Tier, able: Sequence[str], best: str, before: Decision | None) -> Decision | None:
        rule = self.policy.rule(self.window.category, tier)
        pick = thriftiest(self.window, able, best, rule)
        if pick is None:
            return self._nobody(before)
        fast = rule.objective == "fastest-within-tolerance"
        bar = f"the {'fastest' if fast else 'cheapest'} with at least {rule.quality_share:.0%} of {best}'s quality"
        if before is None:
            return self._new(tier, pick, f"{pick} is {bar}.")
        removal = self._removal(before) or self._below_bar(before.incumbent, best, rule)
        if removal and pick != before.incumbent:
            return self._replace(before, pick, removal, f"{pick} is {bar}.")
        if pick == before.incumbent:
            return self._unchallenged(before, f"{pick} is still {bar}.")
        measure = in_speed if fast else in_cost
        return self._weigh(before, pick, measure(self.window, pick, before.incumbent))

    def _weigh(self, before: Decision, challenger: str, ahead: Advantage) -> Decision:
        """Decide between an incumbent in good health and its challenger."""
        policy, dwell = self.policy, (self.day - before.since).days
        kept = replace(before, day=self.day, action="keep", challenger=challenger, margin=ahead.margin)
        stays = f"{before.incumbent} stays: {ahead.words}"
        if not _leads(ahead.margin, policy):
            return replace(kept, reason=f"{stays}; a switch needs {policy.switch_margin:g}.")
        if policy.significance is not None and ahead.p > policy.significance:
            return replace(
                kept, reason=f"{stays}, p = {ahead.p:.2g}; a switch needs p of at most {policy.significance:g}."
            )
        if dwell < policy.min_dwell_days:
            wait = f"but {before.incumbent} has held the tier for {dwell} of at least {policy.min_dwell_days} days"
            return replace(kept, reason=f"{stays}, {wait}.")
        reason = f"{challenger} replaces {before.incumbent}: {ahead.words} ({policy.switch_margin:g} needed)."
        return replace(
            kept, action="switch", incumbent=challenger, since=self.day, previous=before.incumbent, reason=reason
        )

    def _removal(self, before: Decision) -> "_Removal | None":
        """Return why an incumbent cannot serve its tier today, or None."""
        window, incumbent = self.window, before.incumbent
        if incumbent not in window.models:
            return _Removal("switch", f"{incumbent} {window.absent.get(incumbent, 'is no longer in the field')}")
        failing = window.stats[incumbent].failing
        if failing:
            return _Removal("quarantine", f"{incumbent} is quarantined: {failing}")
        if not window.stats[incumbent].sound:
            unsound = window.stats[incumbent].unsound
            return _Removal("quarantine", f"{incumbent} gets no route any more: it {unsound}")
        rule = self.policy.rule(window.category, before.tier)
        if rule.objective == "best-quality" and incumbent not in self.ranking:
            return _Removal("switch", f"{incumbent} has no score any more")
        over = broken(window, incumbent, rule, incumbent=True)
        return _Removal("switch", f"{incumbent} breaks the tier's budget: it {over}") if over else None

    def _below_bar(self, incumbent: str, best: str, rule: TierRule) -> "_Removal | None":
        over = over_bar(self.window, incumbent, best, rule.quality_share)
        if over is None or over.z > -self.policy.switch_margin:
            return None
        words = f"surely below {rule.quality_share:.0%} of {best}'s quality ({over.z:.1f} standard errors)"
        return _Removal("switch", f"{incumbent} is {words}")

    def _in_budget(self, tier: Tier) -> str:
        rule = self.policy.rule(self.window.category, tier)
        kept = sum(broken(self.window, model, rule) is None for model in self.ranking)
        return "" if kept == len(self.ranking) else f" within the tier's budget, which {kept} keep"

    def _barred(self, decision: Decision) -> str:
        """Say who else is scored and gets no route, for unsound media."""
        said = f" {decision.reason}"
        stats = {model: self.window.stats[model] for model in self.ranking if f" {model} gets no route" not in said}
        words = [f" {model} gets no route: it {each.unsound}." for model, each in stats.items() if not each.sound]
        more = len(words) - MOST_NAMED
        return "".join(words[:MOST_NAMED]) + (f" Nor do {more} more." if more > 0 else "")

    def _new(self, tier: Tier, model: str, reason: str) -> Decision:
        return Decision(
            day=self.day,
            category=self.window.category,
            tier=tier,
            action="new",
            incumbent=model,
            since=self.day,
            previous=None,
            challenger=None,
            margin=None,
            reason=reason,
        )

    def _replace(self, before: Decision, model: str, removal: "_Removal", successor_words: str) -> Decision:
        return replace(
            before,
            day=self.day,
            action=removal.action,
            incumbent=model,
            since=self.day,
            previous=before.incumbent,
            challenger=model,
            margin=None,
            reason=f"{removal.reason}; {successor_words}",
        )

    def _unchallenged(self, before: Decision, reason: str) -> Decision:
        return replace(before, day=self.day, action="keep", challenger=None, margin=None, reason=reason)

    def _nobody(self, before: Decision | None) -> Decision | None:
        if before is None:
            return None
        removal = self._removal(before)
        why = f"; {removal.reason}" if removal else ""
        return self._unchallenged(before, f"{before.incumbent} stays: nobody else keeps the tier's budget{why}.")


@dataclass(frozen=True, slots=True)
class _Removal:
    """Why an incumbent leaves its tier, and as what that counts."""

    action: Action
    reason: str
