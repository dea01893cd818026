"""By how much a challenger is ahead of an incumbent, in standard errors of the difference, with its p and in words."""

from dataclasses import dataclass

import numpy as np
from scipy import special

from leaderboard.inference.paired import Lead, lead
from leaderboard.routing.decisions.decision_window import DecisionWindow

LARGEST_MARGIN = 99.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Advantage:
    """A challenger's lead: `margin` in standard errors, negative when behind; `p` one-sided, 0.5 when level."""

    margin: float
    p: float
    words: str


def in_quality(window: DecisionWindow, challenger: str, incumbent: str) -> Advantage | None:
    """Return the lead on the prompts that both have, paired; None without one."""
    ahead = window.lead(challenger, incumbent)
    if ahead is None:
        return None
    direction = "leads" if ahead.difference > 0 else "is level" if ahead.difference == 0 else "is behind"
    by = "" if ahead.difference == 0 else f" by {abs(ahead.difference):.3g}"
    words = f"{challenger} {direction}{by} on {ahead.n} common prompts, {abs(limited(ahead.z)):.1f} standard errors"
    return Advantage(margin=limited(ahead.z), p=one_sided(ahead), words=words)


def in_cost(window: DecisionWindow, challenger: str, incumbent: str) -> Advantage:
    """Return what the challenger saves a call; unpaired, by the standard errors of both means."""
    new, old = window.stats[challenger], window.stats[incumbent]
    if new.cost_usd is None or old.cost_usd is None:
        unknown = challenger if new.cost_usd is None else incumbent
        return Advantage(margin=0.0, p=0.5, words=f"what {unknown} costs is not known")
    return _saved(challenger, (old.cost_usd, new.cost_usd), (old.cost_error, new.cost_error), ("cheaper", "dearer"))


def in_speed(window: DecisionWindow, challenger: str, incumbent: str) -> Advantage:
    """Return what the challenger saves of the median seconds; unpaired, by the standard errors of both medians."""
    new, old = window.stats[challenger], window.stats[incumbent]
    if new.seconds is None or old.seconds is None:
        unknown = challenger if new.seconds is None else incumbent
        return Advantage(margin=0.0, p=0.5, words=f"how long {unknown} takes is not known")
    return _saved(challenger, (old.seconds, new.seconds), (old.seconds_error, new.seconds_error), ("faster", "slower"))


def over_bar(window: DecisionWindow, model: str, best: str, share: float) -> Lead | None:
    """Return by how much a model is over a share of the best one's quality, on their common prompts."""
    scores, top = window.column(model), window.column(best)
    return lead(scores, share * top) if window.higher_is_better else lead(top, share * scores)


def one_sided(ahead: Lead) -> float:
    """Return the p of the one-sided paired t test that the lead is above 0; the sign test's where all prompts agree."""
    if ahead.n < 2 or ahead.standard_error == 0:
        return float(special.ndtr(-ahead.z))
    return float(special.stdtr(ahead.n - 1, -ahead.z))


def limited(z: float) -> float:
    """Return a margin as a table has it: three digits, within ±99, never −0."""
    return round(float(np.clip(z, -LARGEST_MARGIN, LARGEST_MARGIN)), 3) + 0.0


def _saved(
    challenger: str, means: tuple[float, float], errors: tuple[float, float], names: tuple[str, str]
) -> Advantage:
    saved, error = means[0] - means[1], float(np.hypot(*errors))
    margin = limited(saved / error if error > 0 else np.sign(saved) * LARGEST_MARGIN)
    share = abs(saved) / means[0] if means[0] else 0.0
    words = f"{challenger} is {share:.0%} {names[0] if saved >= 0 else names[1]}, {abs(margin):.1f} standard errors"
    return Advantage(margin=margin, p=float(special.ndtr(-margin)), words=words)
