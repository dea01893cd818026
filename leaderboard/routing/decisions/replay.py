"""Who holds each tier on each day, since when and why: the incumbent stays until a challenger is surely better.

Replayed day by day over the history, so that dwell, switches and incumbents come from what was known on each day. A
tier is for quality (the leader; the cheapest of those that are level), or for thrift: the cheapest, or the fastest,
whose quality reaches the declared share of the hero's. Only models that keep the tier's budget hold it. An incumbent
that is retired, quarantined, over its budget or surely below its bar leaves at once, whatever the dwell.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, get_args

import numpy as np

from leaderboard.routing.decisions.advantage import Advantage, in_cost, in_quality, in_speed, over_bar
from leaderboard.routing.decisions.budget import broken
from leaderboard.routing.decisions.decision_window import DecisionWindow
from leaderboard.routing.policy.policy import Policy, Tier, TierRule

Action = Literal["keep", "switch", "new", "quarantine"]

TIERS: tuple[Tier, ...] = get_args(Tier)
ENOUGH = -1e-12


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What was decided for one tier of one category on one day, and the state that it leaves.

    `margin` is the challenger's advantage in standard errors (of quality, cost or time, as the tier's objective is):
    negative when it is behind, None without a challenger. `previous` is the holder before `incumbent`.
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


def replay(history: Iterable[DecisionWindow], policy: Policy | None = None) -> tuple[Decision, ...]:
    """Return the decision of every day, category and tier, in order of the days.

    `history` holds the contests of all categories; those of one category follow each other without overlap. A field
    without any score keeps what was decided before; a tier whose budget nobody keeps has no decision until one does.
    """
    rule, held, found = policy or Policy(), dict[tuple[str, Tier], Decision](), list[Decision]()
    for contest in sorted(history, key=lambda one: (one.first, one.category)):
        ranking = contest.ranking()
        if not ranking:
            continue
        today: list[Decision] = []
        for i in range((contest.last - contest.first).days + 1):
            day = contest.first + dt.timedelta(days=i)
            if today and all(_settled(one, rule) for one in today):
                today = [replace(one, day=day) for one in today]
            else:
                today = list(_Sitting(contest, ranking, day, rule).decide(held))
            held |= {(contest.category, one.tier): one for one in today}
            found += today
    return tuple(sorted(found, key=lambda one: one.day))


def _leads(margin: float, policy: Policy) -> bool:
    """Return whether a challenger is far enough ahead; level is never ahead, or equals would take turns each day."""
    return margin >= policy.switch_margin and margin > 0


def _settled(decision: Decision, policy: Policy) -> bool:
    """Return whether the next day, with the same field, must decide the same: nothing waits for a dwell to end."""
    return decision.action == "keep" and (decision.margin is None or not _leads(decision.margin, policy))


def switches(decisions: Iterable[Decision]) -> tuple[Decision, ...]:
    """Return the decisions that changed who holds a tier, the first holder included."""
    return tuple(one for one in decisions if one.action != "keep")


def latest(decisions: Iterable[Decision]) -> dict[tuple[str, Tier], Decision]:
    """Return the newest decision of each category and tier."""
    return {(one.category, one.tier): one for one in sorted(decisions, key=lambda one: one.day)}


def eligible(contest: DecisionWindow, ranking: Sequence[str], rule: TierRule) -> tuple[str, ...]:
    """Return who keeps a tier's budget, in the order of the ranking; of a field without health whoever keeps it."""
    healthy = [model for model in ranking if contest.standby[model].failing is None]
    return tuple(model for model in healthy or ranking if broken(contest, model, rule) is None)


def reference(contest: DecisionWindow, ranking: Sequence[str], hero: str | None, policy: Policy) -> str:
    """Return whose quality the thrifty tiers are held to: the hero's where it is chosen by quality, else the best."""
    by_quality = policy.rule(contest.category, "hero").objective == "best-quality"
    return hero if by_quality and hero is not None and hero in contest.models else ranking[0]


def thriftiest(contest: DecisionWindow, able: Sequence[str], best: str, rule: TierRule) -> str | None:
    """Return the cheapest (or fastest) of those that are able and good enough; `best` itself where there is none."""
    cheapest = rule.objective == "cheapest-within-tolerance"
    known = {model: contest.standby[model] for model in able}
    measured = [m for m, one in known.items() if (one.cost_usd if cheapest else one.seconds) is not None]
    order = sorted((m for m in measured if known[m].failing is None), key=contest.price if cheapest else contest.speed)
    fit = next((model for model in order if good_enough(contest, model, best, rule)), None)
    return fit or (best if best in able else next(iter(able), None))


def good_enough(contest: DecisionWindow, model: str, best: str, rule: TierRule) -> bool:
    """Return whether a model's quality reaches the rule's share of the best one's, on their common prompts."""
    own, top, share = contest.column(model), contest.column(best), rule.quality_share
    gaps = own - share * top if contest.higher_is_better else top - share * own
    gaps = gaps[~np.isnan(gaps)]
    return len(gaps) > 0 and float(gaps.mean()) >= ENOUGH


@dataclass(frozen=True, slots=True)
class _Sitting:
    """The deciding of one category on one day."""

    contest: DecisionWindow
    ranking: tuple[str, ...]
    day: dt.date
    policy: Policy

    def decide(self, held: Mapping[tuple[str, Tier], Decision]) -> Iterable[Decision]:
        hero: str | None = None
        for tier in TIERS:
            before, rule = held.get((self.contest.category, tier)), self.policy.rule(self.contest.category, tier)
            seen = replace(self, contest=self.contest.under(rule))
            able = eligible(seen.contest, self.ranking, rule)
            best = reference(self.contest, self.ranking, hero, self.policy)
            decision = (
                seen._for_quality(tier, able, before)
                if rule.objective == "best-quality"
                else seen._for_thrift(tier, able, best, before)
            )
            if decision is not None:
                hero = decision.incumbent if tier == "hero" else hero
                yield decision

    def _for_quality(self, tier: Tier, able: Sequence[str], before: Decision | None) -> Decision | None:
        if not able:
            return self._nobody(before)
        if before is None:
            field = f"{able[0]} leads the field of {len(self.ranking)}{self._in_budget(tier)}"
            return self._new(tier, able[0], f"{field}; nobody held the tier before.")
        gone = self._gone(before)
        if gone and able[0] != before.incumbent:
            return self._replace(before, able[0], gone, f"{able[0]} leads the field that is left.")
        challenger = next((model for model in able if model != before.incumbent), None)
        ahead = in_quality(self.contest, challenger, before.incumbent) if challenger else None
        if challenger is None or ahead is None:
            return self._unchallenged(before, f"{before.incumbent} has no challenger.")
        return self._weigh(before, challenger, ahead)

    def _for_thrift(self, tier: Tier, able: Sequence[str], best: str, before: Decision | None) -> Decision | None:
        rule = self.policy.rule(self.contest.category, tier)
        pick = thriftiest(self.contest, able, best, rule)
        if pick is None:
            return self._nobody(before)
        fast = rule.objective == "fastest-within-tolerance"
        bar = f"the {'fastest' if fast else 'cheapest'} with at least {rule.quality_share:.0%} of {best}'s quality"
        if before is None:
            return self._new(tier, pick, f"{pick} is {bar}.")
        gone = self._gone(before) or self._below_bar(before.incumbent, best, rule)
        if gone and pick != before.incumbent:
            return self._replace(before, pick, gone, f"{pick} is {bar}.")
        if pick == before.incumbent:
            return self._unchallenged(before, f"{pick} is still {bar}.")
        measure = in_speed if fast else in_cost
        return self._weigh(before, pick, measure(self.contest, pick, before.incumbent))

    def _weigh(self, before: Decision, challenger: str, ahead: Advantage) -> Decision:
        """Decide between an incumbent in good health and its challenger."""
        policy, held = self.policy, (self.day - before.since).days
        known = replace(before, day=self.day, action="keep", challenger=challenger, margin=ahead.margin)
        stays = f"{before.incumbent} stays: {ahead.words}"
        if not _leads(ahead.margin, policy):
            return replace(known, reason=f"{stays}; a switch needs {policy.switch_margin:g}.")
        if policy.significance is not None and ahead.p > policy.significance:
            return replace(
                known, reason=f"{stays}, p = {ahead.p:.2g}; a switch needs p of at most {policy.significance:g}."
            )
        if held < policy.min_dwell_days:
            wait = f"but {before.incumbent} has held the tier for {held} of at least {policy.min_dwell_days} days"
            return replace(known, reason=f"{stays}, {wait}.")
        reason = f"{challenger} replaces {before.incumbent}: {ahead.words} ({policy.switch_margin:g} needed)."
        return replace(
            known, action="switch", incumbent=challenger, since=self.day, previous=before.incumbent, reason=reason
        )

    def _gone(self, before: Decision) -> "_Gone | None":
        """Return why an incumbent cannot hold its tier today, or None."""
        contest, incumbent = self.contest, before.incumbent
        if incumbent not in contest.models:
            return _Gone("switch", f"{incumbent} {contest.absent.get(incumbent, 'is no longer in the field')}")
        failing = contest.standby[incumbent].failing
        if failing:
            return _Gone("quarantine", f"{incumbent} is quarantined: {failing}")
        rule = self.policy.rule(contest.category, before.tier)
        if rule.objective == "best-quality" and incumbent not in self.ranking:
            return _Gone("switch", f"{incumbent} has no score any more")
        over = broken(contest, incumbent, rule, holder=True)
        return _Gone("switch", f"{incumbent} breaks the tier's budget: it {over}") if over else None

    def _below_bar(self, incumbent: str, best: str, rule: TierRule) -> "_Gone | None":
        over = over_bar(self.contest, incumbent, best, rule.quality_share)
        if over is None or over.z > -self.policy.switch_margin:
            return None
        words = f"surely below {rule.quality_share:.0%} of {best}'s quality ({over.z:.1f} standard errors)"
        return _Gone("switch", f"{incumbent} is {words}")

    def _in_budget(self, tier: Tier) -> str:
        rule = self.policy.rule(self.contest.category, tier)
        kept = sum(broken(self.contest, model, rule) is None for model in self.ranking)
        return "" if kept == len(self.ranking) else f" within the tier's budget, which {kept} keep"

    def _new(self, tier: Tier, model: str, reason: str) -> Decision:
        return Decision(
            day=self.day,
            category=self.contest.category,
            tier=tier,
            action="new",
            incumbent=model,
            since=self.day,
            previous=None,
            challenger=None,
            margin=None,
            reason=reason,
        )

    def _replace(self, before: Decision, model: str, gone: "_Gone", next_words: str) -> Decision:
        return replace(
            before,
            day=self.day,
            action=gone.action,
            incumbent=model,
            since=self.day,
            previous=before.incumbent,
            challenger=model,
            margin=None,
            reason=f"{gone.reason}; {next_words}",
        )

    def _unchallenged(self, before: Decision, reason: str) -> Decision:
        return replace(before, day=self.day, action="keep", challenger=None, margin=None, reason=reason)

    def _nobody(self, before: Decision | None) -> Decision | None:
        if before is None:
            return None
        gone = self._gone(before)
        why = f"; {gone.reason}" if gone else ""
        return self._unchallenged(before, f"{before.incumbent} stays: nobody else keeps the tier's budget{why}.")


@dataclass(frozen=True, slots=True)
class _Gone:
    action: Action
    reason: str
