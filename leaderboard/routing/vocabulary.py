"""The closed choices that policy, decisions and table share."""

from typing import Literal, get_args

Tier = Literal["hero", "workhorse"]
Objective = Literal["best-quality", "cheapest-within-tolerance", "fastest-within-tolerance"]
Action = Literal["keep", "switch", "new", "quarantine"]

TIERS: tuple[Tier, ...] = get_args(Tier)
