"""How the command line writes what a call takes and costs, for people and for machines."""

from collections.abc import Iterator
from typing import Any, Final

from rich.console import Console
from rich.text import Text

from data.catalogue.list_price import ListPrice
from data.serialization import to_json
from halflife.output.profile import table
from halflife.workflows.price import Priced
from leaderboard import formatting
from leaderboard.board.tables import list_prices
from leaderboard.cost_model.cost import FIRST_FRAME, CallCost
from leaderboard.cost_model.estimate import CostEstimate
from leaderboard.cost_model.list_prices import ratio
from leaderboard.cost_model.target import GIVEN, DeploymentTarget

BORROWED: Final = "; borrowed are other accelerators' runs, at the same share of the peak"


def price(console: Console, found: Priced) -> None:
    """Print what a call takes and costs, what was measured at its shape, and what providers list for its outputs."""
    console.print()
    beside = list_prices.same_models([found.market], [found.answer])
    lines = (*_taken(found.answer, found.place), *_paid(found.answer, found.place), *([beside] if beside else []))
    for line in lines:
        console.print(line, highlight=False, markup=False)
    _beside(console, found)


def price_json(found: Priced) -> dict[str, Any]:
    """Return `prediction`, `measured`, `cost` and `list_prices` for machines; None where something is not known."""
    return {
        "prediction": _prediction(found.answer, found.place),
        "measured": _measured(found.answer),
        "cost": cost_json(found.answer.cost, found.place),
        "list_prices": [_listed(one, found.answer) for one in found.market.prices],
    }


def cost_json(paid: CallCost | None, place: DeploymentTarget) -> dict[str, Any]:
    """Return the prices of a call and of its outputs, and what they are made of."""
    amounts = paid.as_json() if paid else dict.fromkeys(CallCost.AMOUNTS)
    return {
        "usd_per_hour": place.usd_per_hour,
        "usd_per_kwh": place.usd_per_kwh,
        "machine": place.machine,
        "source": place.source,
        **amounts,
    }


def _prediction(answer: CostEstimate, place: DeploymentTarget) -> dict[str, Any]:
    held = answer.prediction
    return {
        "accelerator": place.accelerator.name,
        "software": place.software,
        "seconds": held.seconds if held else None,
        "low": held.low if held else None,
        "high": held.high if held else None,
        "confidence": held.confidence if held else None,
        "basis": held.calibration.basis if held else None,
        "cells": held.calibration.cells if held else None,
        "extrapolated": held.extrapolated if held else None,
        "words": held.label if held else answer.reason or None,
    }


def _measured(answer: CostEstimate) -> dict[str, Any] | None:
    held, paid = answer.measured, answer.measured_cost
    return None if held is None else {**to_json(held), **(paid.as_json() if paid else {})}


def _listed(one: ListPrice, answer: CostEstimate) -> dict[str, Any]:
    same = one.architecture == answer.model
    return {**to_json(one), "same_model": same, "local_over_listed": ratio(answer, one) if same else None}


def _taken(answer: CostEstimate, place: DeploymentTarget) -> Iterator[str]:
    held, where = answer.prediction, f"On the {place.accelerator.title}, {place.software}"
    if held is None:
        yield f"{where}: {answer.reason or 'not predicted'}."
    else:
        ends = f"{formatting.latency(held.low)} to {formatting.latency(held.high)}, {100 * held.confidence:g} %"
        interval = "no interval" if held.low is None else ends
        borrowed = BORROWED if held.calibration.basis == "borrowed" else ""
        yield f"{where}: {formatting.latency(held.seconds)} a call ({interval}), {held.label}{borrowed}."
    if answer.measured and answer.measured_cost:
        power = "" if answer.measured.joules is None else f", {answer.measured.joules:,.0f} J"
        usd = formatting.dollars(answer.measured_cost.usd)
        calls = answer.measured.label.removeprefix("measured, ")
        seconds = formatting.latency(answer.measured.seconds)
        yield f"Measured at this very shape: {seconds}, {calls}{power}; {usd} a call."


def _paid(answer: CostEstimate, place: DeploymentTarget) -> Iterator[str]:
    paid = answer.cost
    if paid is not None:
        source = place.source if place.source == GIVEN else f"{place.machine}, {place.source}"
        yield f"At ${place.usd_per_hour:g} an hour ({source}): {amounts(paid)}."
    if paid is not None and place.usd_per_kwh is not None:
        tariff = f"${place.usd_per_kwh:g} a kWh ({place.tariff_source})"
        none = f"No energy was measured at this shape: {tariff} is not in the price."
        power = paid.usd_energy
        yield none if power is None else f"Energy at {tariff}: {formatting.dollars(power)} of a call."
    if answer.video_seconds:
        yield FIRST_FRAME


def amounts(paid: CallCost) -> str:
    """Write the price of a call and of each of its outputs, and of videos the real-time factor."""
    each, factor = paid.usd_a_video_second, paid.real_time_factor
    call = f"{formatting.dollars(paid.usd)} a call"
    if each is None:
        return f"{call}, {formatting.dollars(paid.usd_an_output)} an image"
    pace = "" if factor is None else f"; {formatting.plain(factor)} seconds of video made a second"
    return f"{call}, {formatting.dollars(each)} a second of video{pace}"


def _beside(console: Console, found: Priced) -> None:
    named, prices = found.market.digest(found.answer.model), found.market.prices
    shown = table(f"List prices of {found.market.unit}", ("model", "price", "at", "read on", ""))
    for index, wraps in enumerate((True, False, True, False, True)):
        shown.columns[index].no_wrap, shown.columns[index].justify = not wraps, "right" if index == 1 else "left"
    for price, why in named:
        title = Text(f"{price.title}, {price.provider}")
        shown.add_row(title, formatting.dollars(price.usd), price.resolution or "", f"{price.as_of}", why)
    console.print(shown)
    more = f"{len(prices) - len(named)} more, and where" if len(prices) > len(named) else "Where"
    console.print(f"{more} each was read, with --json; --catalogue FILE adds yours.", style="dim", highlight=False)
