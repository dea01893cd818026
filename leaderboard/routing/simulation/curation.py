"""A chosen set of models: what it serves, what the next model adds, what each loss would cost, how stable it is."""

from dataclasses import asdict, dataclass
from typing import Any

CHANCE = 0.05
"""A set that the prompts choose this often when drawn again is not excluded by them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServedCategory:
    """One category under a set: which of its models serves it, what that loses to the best there is, in the metric's
    unit, and whether it is within the tolerance; None where no model of the set has a score."""

    category: str
    model: str | None
    best: str
    quality: float | None
    regret: float | None
    tolerance: float
    covered: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelSet:
    """A set of models, what it serves, and the sum of what one call to each costs (None: of one it is not known)."""

    models: tuple[str, ...]
    served: tuple[ServedCategory, ...]
    mean_regret: float | None
    worst_regret: float | None
    covered: int
    cost_usd: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SubsetStep:
    """The best set of at most `n` models by the sum of regrets, and what the last model added to the mean."""

    n: int
    best: ModelSet
    gain: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaveOneOutLoss:
    """What leaving one model out of the set would lose: mean regret, the category that loses most, those not covered
    any more; None and empty where nothing would be left."""

    model: str
    mean_loss: float | None
    worst_category: str | None
    worst_loss: float | None
    uncovered: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SubsetStability:
    """How often the set is the chosen one when prompts are drawn again, with replacement, within each category.

    `others`: the sets that were chosen instead, the most frequent first, each with its share of the draws; `members`:
    how often each model is in the chosen set.
    """

    draws: int
    share: float
    others: tuple[tuple[tuple[str, ...], float], ...]
    members: tuple[tuple[str, float], ...]

    @property
    def sentence(self) -> str:
        """What the prompts can tell, in words."""
        sentence = f"Of {self.draws} new draws of the prompts, {self.share:.0%} choose this set"
        rivals = [f"{', '.join(models)} ({share:.0%})" for models, share in self.others if share >= CHANCE]
        if not rivals:
            return f"{sentence}; no other set is chosen by more than {CHANCE:.0%}."
        return f"{sentence}. Others that the prompts cannot tell apart from it: {'; '.join(rivals)}."


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelSubset:
    """The chosen set: the smallest that covers all categories, or, where that needs more models than were allowed
    (`complete` is False), the best of that many by the sum of regrets. `smallest` knows no limit."""

    tolerance: float
    max_models: int
    chosen: ModelSet
    complete: bool
    smallest: ModelSet
    curve: tuple[SubsetStep, ...]
    without: tuple[LeaveOneOutLoss, ...]
    stability: SubsetStability | None

    @property
    def sentence(self) -> str:
        """The answer in words."""
        names, count, total = ", ".join(self.chosen.models), len(self.chosen.models), len(self.chosen.served)
        chosen = f"{names}: {count} model{'' if count == 1 else 's'}"
        verb = "covers" if count == 1 else "cover"
        if self.complete:
            return f"{chosen} {verb} all {total} categories within {self.tolerance:.0%} of the best."
        need = len(self.smallest.models)
        part = f"{self.chosen.covered} of {total} categories within {self.tolerance:.0%} of the best"
        return f"{chosen} {verb} {part}; all of them need {need}."

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON values."""
        content = asdict(self) | {"sentence": self.sentence}
        if self.stability:
            content["stability"] = {**content["stability"], "sentence": self.stability.sentence}
        return content
