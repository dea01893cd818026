"""What a run costs: the forecast before its first request, what is left where it stops, and the bill."""

import math
from collections.abc import Sequence

from halflife.output.tables import DASH, table
from halflife.output.terminal import Terminal
from harness.forecast import ModelBill, ModelForecast, RunForecast

COLUMNS = ("model", "requests", "each at most", "at most", "each likely", "likely", "likely by")


def forecasts(console: Terminal, expected: RunForecast, *, alone: bool = False) -> None:
    """Print what the remote requests of a run cost: by model, in all, and whether the cap holds it.

    Where there are none, nothing is printed, unless the forecast is `alone` what was asked for.
    """
    if not expected.models:
        if alone:
            console.print("Nothing to pay for: no request of this run is still to be sent to a provider.")
        return
    rows = table("Forecast", COLUMNS, numbers=COLUMNS[1:-1])
    for row in expected.models:
        rows.add_row(*_row(row))
    console.print(rows)
    console.print(verdict(expected), soft_wrap=True)


def verdict(expected: RunForecast) -> str:
    """Return the sentence about the total and the cap."""
    most, cap, before = expected.most_usd, expected.cap_usd, expected.spent_usd
    unpriced = [row.model for row in expected.models if row.most_usd is None]
    spent = f", beside {dollars(before)} that this run spent or reserved before" if before else ""
    if most is None:
        return f"No total: {', '.join(unpriced)} has no price. Declare it in a catalogue."
    said = f"In all at most {dollars(most)} for {counted(expected.requests, 'request')}{spent}"
    if cap is None:
        return f"{said}. No cap is given: a run with remote models needs one (--cap)."
    if expected.is_held:
        return f"{said}: the cap of {dollars(cap)} holds it."
    return f"{said}: more than the cap of {dollars(cap)}, which may end the run before its last request."


def left(expected: RunForecast) -> str:
    """Return the sentence about the requests that are left when a run stops."""
    most = expected.most_usd
    cost = "whose price is not known" if most is None else f"which cost at most {dollars(most)}"
    return f"Left in all: {counted(expected.requests, 'sample')} of remote models, {cost}."


def bills(console: Terminal, made: Sequence[ModelBill]) -> None:
    """Print what each model was billed against its forecast, and what of it is a bound or an unbelieved claim."""
    for one in made:
        for sentence in _sentences(one):
            console.print(sentence, soft_wrap=True)


def dollars(usd: float | None) -> str:
    """Write an amount of dollars with at least two digits after the point.

    >>> dollars(4.0), dollars(0.187315), dollars(2.5e-05), dollars(None)
    ('$4.00', '$0.1873', '$0.000025', '–')
    """
    if usd is None:
        return DASH
    if usd == 0 or usd >= 1:
        return f"${usd:,.2f}"
    digits = max(2, 3 - math.floor(math.log10(usd)))
    whole, _, rest = f"{usd:,.{digits}f}".partition(".")
    return f"${whole}.{rest.rstrip('0').ljust(2, '0')}"


def _row(row: ModelForecast) -> tuple[str, ...]:
    count = len(row.requests)
    most = None if row.most_usd is None else count * row.most_usd
    likely = None if row.likely_usd is None else count * row.likely_usd
    amounts = (dollars(row.most_usd), dollars(most), dollars(row.likely_usd), dollars(likely))
    return row.model, str(count), *amounts, _basis(row)


def _basis(row: ModelForecast) -> str:
    if row.most_usd is None:
        return "no price"
    if row.likely_usd is None:
        return "no earlier samples"
    return counted(row.earlier, "earlier sample") if row.earlier else "its price"


def counted(number: int, noun: str) -> str:
    """Write a number with its noun.

    >>> counted(1, "sample"), counted(12_000, "sample")
    ('1 sample', '12,000 samples')
    """
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _sentences(one: ModelBill) -> list[str]:
    billed, count = dollars(one.billed_usd), counted(one.samples, "sample")
    said = [f"Billed for {one.model}: {billed} for {count}, {dollars(one.forecast_usd)} forecast."]
    if one.over is not None:
        more = f"{100 * (one.over - 1):.0f} % over" if one.over < math.inf else "over"
        said.append(f"{one.model} was billed {more} its forecast: check its price in the catalogue.")
    if one.bounded:
        said.append(f"{one.bounded} of them at the greatest cost of a request: the replies did not name what was used.")
    if one.claimed:
        said.append(
            f"{one.claimed} of them claim a cost that is none, or far over the price: charged by the price, and the "
            "claim is kept with the sample (cost_claim)."
        )
    return said
