"""The policy as a file, `routing.toml`: read strictly, every complaint naming file and key."""

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, Final

from pydantic import BeforeValidator, Field

from data.formats.toml import Declared, read_toml, validated
from data.vocabulary import ALL_CATEGORIES
from leaderboard.routing.policy.rules import OVERALL, SHIPPED, Policy, TierRule
from leaderboard.routing.vocabulary import Objective, Tier

NAME: Final = "routing.toml"
SHIPPED_FILE: Final = Path(__file__).parent / NAME


def _resolution(value: object) -> tuple[int, int]:
    size = re.fullmatch(r"([1-9]\d{0,4})x([1-9]\d{0,4})", value) if isinstance(value, str) else None
    if size is None:
        raise ValueError(f"Expected a resolution such as '1024x1024', got {value!r}. Correct the value.")
    return int(size[1]), int(size[2])


ResolutionField = Annotated[tuple[int, int], BeforeValidator(_resolution)]


class TierFile(Declared):
    """The keys of one tier; see `TierRule`."""

    objective: Objective = TierRule().objective
    quality_share: float = Field(default=TierRule().quality_share, gt=0, le=1)
    max_cost_usd: float | None = Field(default=None, ge=0, allow_inf_nan=False)
    max_latency_p95_s: float | None = Field(default=None, gt=0, allow_inf_nan=False)
    min_quality: float | None = Field(default=None, allow_inf_nan=False)
    resolution: ResolutionField | None = None
    seconds: float | None = Field(default=None, gt=0, allow_inf_nan=False)
    allow_cost_escalation: bool = False

    def over(self, rule: TierRule) -> TierRule:
        """Return a rule with the keys that this file gives in place of its own."""
        keys = {name: getattr(rule, name) for name in type(self).model_fields}
        return TierRule(**keys | {name: getattr(self, name) for name in self.model_fields_set})


class TiersFile(Declared):
    """The two tiers that every route has."""

    hero: TierFile = TierFile()
    workhorse: TierFile = TierFile()

    def over(self, rules: Mapping[Tier, TierRule]) -> dict[Tier, TierRule]:
        """Return the rules of both tiers with what this file gives in place of theirs."""
        return {"hero": self.hero.over(rules["hero"]), "workhorse": self.workhorse.over(rules["workhorse"])}


class PolicyFile(Declared):
    """The keys of `routing.toml`; what is left out is as in the shipped policy."""

    k: int = Field(default=Policy().k, ge=1)
    gap_days: int = Field(default=Policy().gap_days, ge=0)
    confidence: float = Field(default=Policy().confidence, gt=0, lt=1)
    margin: float = Field(default=Policy().switch_margin, ge=0, allow_inf_nan=False)
    significance: float | None = Field(default=None, gt=0, le=0.5)
    min_dwell_days: int = Field(default=Policy().min_dwell_days, ge=0)
    prior_half_life_days: float = Field(default=Policy().prior_half_life_days, gt=0, allow_inf_nan=False)
    max_failure_share: float = Field(default=Policy().max_failure_share, gt=0, le=1)
    max_unsound_share: float = Field(default=Policy().max_unsound_share, ge=0, le=1)
    canary_days: int = Field(default=Policy().canary_days, ge=0)
    canary_weight: int = Field(default=Policy().canary_weight, ge=1, le=99)
    budget_headroom: float = Field(default=Policy().budget_headroom, ge=1, allow_inf_nan=False)
    poll_interval_s: int = Field(default=Policy().poll_interval_s, ge=1)
    categories: list[str] | None = Field(default=None, min_length=1)
    tiers: TiersFile = TiersFile()
    overrides: dict[str, TiersFile] = Field(default_factory=dict)

    def policy(self, source: str) -> Policy:
        """Return the policy that the file means."""
        tiers = self.tiers.over(Policy().tiers)
        plain = self.model_dump(exclude={"margin", "categories", "tiers", "overrides"})
        return Policy(
            **plain,
            switch_margin=self.margin,
            tiers=tiers,
            source=source,
            categories=None if self.categories is None else tuple(_category(name) for name in self.categories),
            overrides={_category(name): rules.over(tiers) for name, rules in self.overrides.items()},
        )


def read_policy(path: Path) -> Policy:
    """Return the policy of a file. Raises InputFileError naming the file and the key for what does not hold."""
    return validated(PolicyFile, read_toml(path), path).policy(str(path))


def load_policy(home: Path, file: Path | None = None) -> Policy:
    """Return the policy of `file`, else of the home's `routing.toml`, else the shipped one."""
    home_file = home / NAME
    if file is None and not home_file.exists():
        return validated(PolicyFile, read_toml(SHIPPED_FILE), SHIPPED_FILE).policy(SHIPPED)
    return read_policy(file or home_file)


def policy_of(table_policy: Mapping[str, Any], source: str) -> Policy:
    """Return the policy that a table says it was decided by, from its JSON; `source` names the table in complaints.

    A table has each override in full, where a file gives only what differs from the tier's rule.
    """
    plain = {name: value for name, value in table_policy.items() if name != "workhorse_quality_share"}
    share = table_policy.get("workhorse_quality_share", TierRule().quality_share)
    content = {"margin": plain.pop("switch_margin"), "tiers": {"workhorse": {"quality_share": share}}, **plain}
    content["tiers"].setdefault("workhorse", {}).setdefault("objective", Policy().tiers["workhorse"].objective)
    file = validated(PolicyFile, content, Path(source))
    plain_rules: Mapping[Tier, TierRule] = {"hero": TierRule(), "workhorse": TierRule()}
    overrides = {_category(name): rules.over(plain_rules) for name, rules in file.overrides.items()}
    return replace(file.policy(source), overrides=overrides)


def _category(name: str) -> str:
    return ALL_CATEGORIES if name == OVERALL else name
