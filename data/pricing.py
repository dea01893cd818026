"""What one request costs by a declared price: at most, before it is sent; and by what came of it.

A price is a sum of charges: for each unit the first charge whose `when` holds for the facts of the request. Quantities
that the request does not settle (tokens, GPU seconds) are bounded by the charge's `most`; tokens that nobody bounded
count as `MOST_TOKENS`, GPU seconds as the endpoint's time limit.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from data.vocabulary import VIDEO_TASKS, BillingUnit, Charge, Model, Price, PriceUnit, RemoteSource, Settings

MOST_TOKENS: Final[Mapping[BillingUnit, float]] = MappingProxyType(
    {
        "token": 25_000.0,
        "input-token": 5_000.0,
        "input-text-token": 5_000.0,
        "input-image-token": 5_000.0,
        "output-token": 20_000.0,
        "output-text-token": 20_000.0,
        "output-image-token": 20_000.0,
    }
)
"""Of one request, where a price by the token names no bound of its own."""

SETTLED_BY_SETTINGS: Final[frozenset[BillingUnit]] = frozenset({"image", "megapixel", "second-of-video", "request"})
NEAR: Final = 0.05
"""A video of 1280 × 704 is billed as the 720p that was asked for: sides are rounded to what a model can make."""

MOST_USD: Final = 100_000_000.0
SLACK = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What one request made and used: pixels, seconds of video, sound, and what the provider counted of a unit.

    None, or no count, where nobody said it.
    """

    width: int | None = None
    height: int | None = None
    seconds: float | None = None
    audio: bool | None = None
    counts: Mapping[BillingUnit, float] = field(default_factory=dict)


class ComputedCost(NamedTuple):
    """US dollars; `bounded` where a quantity that nobody said was charged at its bound."""

    usd: float
    bounded: bool


class OutputPrice(NamedTuple):
    """US dollars for what is made."""

    unit: PriceUnit
    usd: float


def billed_quantity(charge: Charge, quantity: float) -> float:
    """Return how many units are billed: at least so many, without what is free, rounded up to the charge's step.

    >>> billed_quantity(Charge(unit="megapixel", usd=0.015, beyond=1.0, round_up=1.0), 2.3)
    2.0
    """
    billed = max(0.0, max(quantity, charge.at_least) - charge.beyond)
    if charge.round_up is None:
        return billed
    return charge.round_up * math.ceil(billed / charge.round_up - SLACK)


def greatest_cost(model: Model) -> float:
    """Return the most that one request of `model` costs by its price, in US dollars.

    Raises ValueError where the model has no price, no charge applies to its settings, or a quantity has no bound.
    """
    charges = _applying(_price(model), asked_facts(model.settings))
    return math.fsum(charge.usd * _most(model, charge) for charge in charges.values())


def computed_cost(model: Model, usage: Usage) -> ComputedCost:
    """Return what a request of `model` costs by its price and by what came; what nobody said counts at its bound.

    Raises ValueError as `greatest_cost` does.
    """
    asked = asked_facts(model.settings)
    charges = _applying(_price(model), asked)
    charges |= _applying(_price(model), asked | _facts_that_came(model.settings, usage))
    quantities = [(charge, _came(charge, usage)) for charge in charges.values()]
    billed = [
        _most(model, charge) if quantity is None else billed_quantity(charge, quantity)
        for charge, quantity in quantities
    ]
    usd = math.fsum(charge.usd * units for (charge, _), units in zip(quantities, billed, strict=True))
    return ComputedCost(usd, bounded=any(quantity is None for _, quantity in quantities))


def check_price(model: Model) -> None:
    """Raise ValueError where the price of `model` does not say what a request with its settings costs at most."""
    price, facts = _price(model), asked_facts(model.settings)
    unknown = next((key for charge in price.parts for key in charge.when if key not in facts), None)
    if unknown is not None:
        raise ValueError(
            f"Expected facts of the request in 'when' of the price of {model.id!r} ({', '.join(sorted(facts))}), got "
            f"{unknown!r}. Correct it, or add it to settings.extra."
        )
    if not charges_of(model):
        asked = ", ".join(f"{key} {value}" for key, value in facts.items())
        raise ValueError(
            f"Expected a charge in the price of {model.id!r} that applies to what is asked ({asked}), got none. Add it."
        )
    if model.task not in VIDEO_TASKS and any(charge.unit == "second-of-video" for charge in price.parts):
        raise ValueError(f"Expected a price of {model.id!r} for what an image is, got one for a second of video.")
    if math.fsum(charge.usd * _most(model, charge) for charge in price.parts) > MOST_USD:
        raise ValueError(f"Expected at most ${MOST_USD:,.0f} a request of {model.id!r}, got more. Correct the price.")


def output_price(model: Model) -> OutputPrice | None:
    """Return the price of one image, request or second of video where the model's settings settle it, else None.

    A price by the megapixel is that of the image asked for; one by the token is known only after the request.
    """
    if model.price is None:
        return None
    if model.price.usd is not None and model.price.unit in ("image", "second-of-video", "request"):
        return OutputPrice(model.price.unit, model.price.usd)
    units = {charge.unit for charge in charges_of(model)}
    if not units or not units <= SETTLED_BY_SETTINGS:
        return None
    usd, seconds = greatest_cost(model), asked_seconds(model.settings)
    if model.task not in VIDEO_TASKS:
        return OutputPrice("image", usd)
    return OutputPrice("second-of-video", usd / seconds) if seconds else OutputPrice("request", usd)


def charges_of(model: Model) -> tuple[Charge, ...]:
    """Return the charges that apply to what is asked of `model`; none where it has no price."""
    return tuple(_applying(model.price, asked_facts(model.settings)).values()) if model.price else ()


def asked_seconds(settings: Settings) -> float | None:
    """Return the length of the video asked for in seconds, None for an image or where it is left to the model."""
    if settings.video_seconds is not None:
        return settings.video_seconds
    return settings.frames / settings.fps if settings.fps and settings.frames > 1 else None


def asked_facts(settings: Settings) -> dict[str, Any]:
    """Return what a charge's `when` may name: size, resolution, audio, and what `extra` says.

    >>> asked_facts(Settings(width=1280, height=720, extra={"quality": "high"}))
    {'size': '1280x720', 'resolution': '720p', 'audio': False, 'quality': 'high'}
    """
    facts = _size_facts(settings.width, settings.height) | {"audio": settings.audio}
    return facts | {key: value for key, value in settings.extra.items() if isinstance(value, str | bool | int | float)}


def _size_facts(width: int, height: int) -> dict[str, Any]:
    return {"size": f"{width}x{height}", "resolution": f"{min(width, height)}p"}


def _facts_that_came(settings: Settings, usage: Usage) -> dict[str, Any]:
    """What came, but for what the request named itself, and for a resolution that is nearly the one asked for."""
    facts = dict[str, Any]() if usage.audio is None else {"audio": usage.audio}
    if usage.width and usage.height:
        side, asked = min(usage.width, usage.height), min(settings.width, settings.height)
        facts |= _size_facts(usage.width, usage.height)
        if abs(side - asked) <= NEAR * asked:
            del facts["resolution"]
    return {key: value for key, value in facts.items() if key not in settings.extra}


def _price(model: Model) -> Price:
    if model.price is None:
        raise ValueError(f"Expected a price of {model.id!r}, got none. Declare it in a catalogue.")
    return model.price


def _applying(price: Price, facts: Mapping[str, Any]) -> dict[BillingUnit, Charge]:
    """The first charge of each unit that applies."""
    chosen: dict[BillingUnit, Charge] = {}
    for charge in price.parts:
        if all(key in facts and _is_one_of(facts[key], wanted) for key, wanted in charge.when.items()):
            chosen.setdefault(charge.unit, charge)
    return chosen


def _is_one_of(value: Any, wanted: Any) -> bool:
    return value in wanted if isinstance(wanted, tuple | list) else bool(value == wanted)


def _came(charge: Charge, usage: Usage) -> float | None:
    """How many units came, None where nobody said it."""
    if charge.unit in ("image", "request"):
        return 1.0
    if charge.unit == "megapixel":
        return usage.width * usage.height / charge.pixels if usage.width and usage.height else None
    if charge.unit == "second-of-video":
        return usage.seconds
    return usage.counts.get(charge.unit)


def _most(model: Model, charge: Charge) -> float:
    """The most units that one request is billed."""
    settings, source = model.settings, model.source
    if charge.most is not None:
        return billed_quantity(charge, charge.most)
    if charge.unit == "gpu-second" and isinstance(source, RemoteSource):
        return billed_quantity(charge, source.timeout_s)
    asked = Usage(width=settings.width, height=settings.height, seconds=asked_seconds(settings), counts=MOST_TOKENS)
    quantity = _came(charge, asked)
    if quantity is None:
        raise ValueError(
            f"Expected 'most' in the price of {model.id!r} for the unit {charge.unit!r}, got none: what is asked does "
            "not say how many a request is billed at most. Add it."
        )
    return billed_quantity(charge, quantity)
