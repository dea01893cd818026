"""How the command line writes what a call takes and costs, for people and for machines."""

from collections.abc import Iterator
from typing import Any, Final

from rich.text import Text

from data.catalogue.list_price import ListPrice
from data.serialization import to_json
from halflife.output.profile import seconds
from halflife.output.tables import table
from halflife.output.terminal import Terminal
from halflife.workflows.price import PricedCall
from leaderboard import formatting
from leaderboard.board.tables import list_prices
from leaderboard.cost_model.cost import FIRST_FRAME, CallCost
from leaderboard.cost_model.estimate import CostEstimate
from leaderboard.cost_model.list_prices import ratio
from leaderboard.cost_model.target import GIVEN, DeploymentTarget

BORROWED: Final = "; borrowed: from runs on other accelerators, at the same share of their peak"


def price(console: Terminal, priced: PricedCall) -> None:
    """Print what a call takes and costs, what was measured at its shape, and what providers list for its outputs."""
    console.print()
    comparison = list_prices.same_models([priced.market], [priced.estimate])
    lines = [*_seconds(priced.estimate, priced.target), *_cost(priced.estimate, priced.target)]
    for line in [*lines, *([comparison] if comparison else [])]:
        console.print(line)
    _list_prices(console, priced)


def price_json(priced: PricedCall) -> dict[str, Any]:
    """Return `prediction`, `measured`, `cost` and `list_prices` for machines; None where something is not known."""
    return {
        "prediction": _prediction_json(priced.estimate, priced.target),
        "measured": _measured_json(priced.estimate),
        "cost": cost_json(priced.estimate.cost, priced.target),
        "list_prices": [_list_price_json(listed, priced.estimate) for listed in priced.market.prices],
    }


def cost_json(cost: CallCost | None, target: DeploymentTarget) -> dict[str, Any]:
    """Return the prices of a call and of its outputs, and what they are made of."""
    amounts = cost.as_json() if cost else dict.fromkeys(CallCost.AMOUNTS)
    return {
        "usd_per_hour": target.usd_per_hour,
        "usd_per_kwh": target.usd_per_kwh,
        "machine": target.machine,
        "source": target.source,
        **amounts,
    }


def _prediction_json(estimate: CostEstimate, target: DeploymentTarget) -> dict[str, Any]:
    prediction = estimate.prediction
    return {
        "accelerator": target.accelerator.name,
        "software": target.software,
        "seconds": prediction.seconds if prediction else None,
        "low": prediction.low if prediction else None,
        "high": prediction.high if prediction else None,
        "confidence": prediction.confidence if prediction else None,
        "basis": prediction.calibration.basis if prediction else None,
        "cells": prediction.calibration.cells if prediction else None,
        "extrapolated": prediction.extrapolated if prediction else None,
        "words": prediction.label if prediction else estimate.reason or None,
    }


def _measured_json(estimate: CostEstimate) -> dict[str, Any] | None:
    measured, cost = estimate.measured, estimate.measured_cost
    return None if measured is None else {**to_json(measured), **(cost.as_json() if cost else {})}


def _list_price_json(listed: ListPrice, estimate: CostEstimate) -> dict[str, Any]:
    same = listed.architecture == estimate.model
    return {**to_json(listed), "same_model": same, "local_over_listed": ratio(estimate, listed) if same else None}


def _seconds(estimate: CostEstimate, target: DeploymentTarget) -> Iterator[str]:
    prediction, where = estimate.prediction, f"On the {target.accelerator.title}, {target.software}"
    if prediction is None:
        yield f"{where}: {estimate.reason or 'not predicted'}."
    else:
        ends = f"{seconds(prediction.low)} to {seconds(prediction.high)}, {100 * prediction.confidence:g} %"
        interval = "no interval" if prediction.low is None else ends
        borrowed = BORROWED if prediction.calibration.basis == "borrowed" else ""
        yield f"{where}: {seconds(prediction.seconds)} a call ({interval}), {prediction.label}{borrowed}."
    measured, cost = estimate.measured, estimate.measured_cost
    if measured and cost:
        energy = "" if measured.joules is None else f", {measured.joules:,.0f} J"
        calls = measured.label.removeprefix("measured, ")
        usd = formatting.dollars(cost.usd)
        yield f"Measured at exactly this shape: {seconds(measured.seconds)}, {calls}{energy}; {usd} a call."


def _cost(estimate: CostEstimate, target: DeploymentTarget) -> Iterator[str]:
    cost = estimate.cost
    if cost is not None:
        source = target.source if target.source == GIVEN else f"{target.machine}, {target.source}"
        yield f"At ${target.usd_per_hour:g} an hour ({source}): {amounts(cost)}."
    if cost is not None and target.usd_per_kwh is not None:
        tariff = f"${target.usd_per_kwh:g} a kWh ({target.tariff_source})"
        if cost.usd_energy is None:
            yield f"No energy was measured at this shape: {tariff} is not in the price."
        else:
            yield f"Energy at {tariff}: {formatting.dollars(cost.usd_energy)} of a call."
    if estimate.video_seconds:
        yield FIRST_FRAME


def amounts(cost: CallCost) -> str:
    """Write the price of a call and of each of its outputs; for videos also how fast they are made."""
    video_second, factor = cost.usd_a_video_second, cost.real_time_factor
    call = f"{formatting.dollars(cost.usd)} a call"
    if video_second is None:
        return f"{call}, {formatting.dollars(cost.usd_an_output)} an image"
    pace = "" if factor is None else f"; {formatting.plain(factor)} seconds of video made in a second"
    return f"{call}, {formatting.dollars(video_second)} a second of video{pace}"


def _list_prices(console: Terminal, priced: PricedCall) -> None:
    named, prices = priced.market.digest(priced.estimate.model), priced.market.prices
    rows = table(
        f"List prices of {priced.market.unit}", ("model", "price", "at", "read on", ""), numbers=("price", "read on")
    )
    rows.columns[3].justify = "left"
    for listed, why in named:
        title = Text(f"{listed.title}, {listed.provider}")
        rows.add_row(title, formatting.dollars(listed.usd), listed.resolution or "", f"{listed.as_of}", why)
    console.print(rows)
    more = f"{len(prices) - len(named)} more, and " if len(prices) > len(named) else ""
    console.print(f"--json lists {more}where each was read; --catalogue FILE adds your own.", style="dim")
