"""What a request is charged: what the provider says, else what the price book says by what came, else its bound.

A provider's claim is believed up to ten times what the price book bounds. What is claimed beyond that, or is no amount
of money at all, is kept as its claim, and the request is charged by the price book: one reply cannot empty a budget
that other models share.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, NamedTuple

from data.pricing import Usage, charges_of, computed_cost
from data.vocabulary import BillingUnit, CostSource, Model

MOST_TIMES_THE_BOUND: Final = 10.0
CLAIM: Final = "cost_claim"
"""The key in a sample's `provider_timings` under which a claim stands that was not believed."""

LONGEST_CLAIM = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderBill:
    """What a reply says about money: costs in dollars as they stand there, billed units, and counts of units used.

    `units` is how many units of its price the provider bills, whatever they are; `counts` are tokens, GPU seconds and
    credits by the unit that a price may have.
    """

    costs: Sequence[Any] = ()
    units: float | None = None
    counts: Mapping[BillingUnit, float] = field(default_factory=dict)


class BilledCost(NamedTuple):
    """Dollars, how they are known, and the provider's claim where it was not believed."""

    usd: float
    source: CostSource
    claim: str | None = None


def bill(model: Model, said: ProviderBill, usage: Usage, *, bound: float) -> BilledCost:
    """Return what a request of `model` is charged, whose reservation was `bound` dollars.

    `usage` is what came; the counts of `said` are added to it. A reported 0 of a model with a price is no claim: a
    gateway that does not know a price reports 0.
    """
    most = MOST_TIMES_THE_BOUND * bound
    claims = [] if _is_counted_in_credits(model, said) else [(cost, _dollars(cost)) for cost in said.costs]
    believed = [usd for _, usd in claims if usd is not None and usd <= most and (usd > 0 or not _is_priced(model))]
    if believed:
        return BilledCost(believed[0], "reported")
    claim = next((str(cost)[:LONGEST_CLAIM] for cost, usd in claims if usd is None or usd > most), None)
    if model.price is None:
        return BilledCost(bound, "bound", claim)
    usd, bounded = _by_price(model, said, usage)
    if usd > most:
        return BilledCost(bound, "bound", claim or f"{usd:g} by its units")
    return BilledCost(usd, "bound" if bounded else "units-times-price", claim)


def with_claim(timings: Mapping[str, Any] | None, cost: BilledCost) -> Mapping[str, Any] | None:
    """Return what is kept of the provider's words, with its claim where that was not believed."""
    return timings if cost.claim is None else {**(timings or {}), CLAIM: cost.claim}


def _is_priced(model: Model) -> bool:
    return any(charge.usd > 0 for charge in charges_of(model))


def _is_counted_in_credits(model: Model, said: ProviderBill) -> bool:
    """Whether what a reply calls its cost is credits."""
    return "credit" in said.counts and any(charge.unit == "credit" for charge in charges_of(model))


def _dollars(value: Any) -> float | None:
    """An amount of money, None where it is none: text, a negative number, NaN, infinity."""
    number = number_of(value)
    return number if number is not None and 0 <= number < math.inf else None


def number_of(value: Any) -> float | None:
    """Return a number, or one that is written in a text; None for anything else.

    >>> number_of("0.04"), number_of(True), number_of(10**400), number_of("free")
    (0.04, None, inf, None)
    """
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        return float(value)
    except OverflowError:
        return math.inf
    except ValueError:
        return None


def _by_price(model: Model, said: ProviderBill, usage: Usage) -> tuple[float, bool]:
    """Dollars by the price, and whether a part of them is a bound; billed units count where one charge applies."""
    charges = charges_of(model)
    if said.units is not None and len(charges) == 1:
        return said.units * charges[0].usd, False
    return computed_cost(model, replace(usage, counts={**usage.counts, **said.counts}))
