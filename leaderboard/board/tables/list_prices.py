"""What providers list, as a table beside what the same output would cost on a machine of one's own."""

from collections.abc import Mapping, Sequence
from typing import Final

from data.catalogue.list_price import ListPrice
from leaderboard import formatting
from leaderboard.board.tables.table import Badge, Cell, Column, Table
from leaderboard.cost_model.estimate import CostEstimate
from leaderboard.cost_model.list_prices import SAME, Market, compared, ratio

COLUMNS: Final = (
    Column(key="model", label="Model", kind="name", narrow=True),
    Column(key="provider", label="Provider", kind="text"),
    Column(key="usd", label="List price", kind="number"),
    Column(key="unit", label="Per", kind="text"),
    Column(key="resolution", label="Resolution", kind="text", help="Where the price depends on it"),
    Column(key="ours", label="On the chosen machine", kind="text", help="The same model's cost in the table on top"),
    Column(key="as_of", label="Read on", kind="text"),
)


def list_prices(markets: Sequence[Market], answers: Sequence[CostEstimate]) -> Table:
    """Return what is listed for an image, then for a second of video, the cheapest first.

    A price of the very weights that one of the answers is about says how much dearer or cheaper that answer is.
    """
    ours = {answer.model: answer for answer in answers}
    rows = [_list_price(price, market.unit, ours) for market in markets for price in market.prices]
    return Table(label="List prices of providers", columns=COLUMNS, rows=rows)


def _list_price(price: ListPrice, unit: str, ours: Mapping[str, CostEstimate]) -> dict[str, Cell]:
    answer = ours.get(price.architecture or "")
    times = ratio(answer, price) if answer else None
    same = (Badge(text=SAME, tone="accent", help=f"Its weights are those of {answer.title}"),) if answer else ()
    return {
        "model": Cell(text=price.title, sort=price.title, help=about(price), badges=same),
        "provider": Cell(text=price.provider, sort=price.provider),
        "usd": Cell(text=formatting.dollars(price.usd), sort=price.usd, help=about(price)),
        "unit": Cell(text=unit, sort=unit, tone="muted"),
        "resolution": Cell(text=price.resolution or "", sort=price.resolution, tone="muted"),
        "ours": Cell(text="" if times is None else compared(times), sort=times),
        "as_of": Cell(text=formatting.date(price.as_of), sort=price.as_of.isoformat(), help=about(price)),
    }


def about(price: ListPrice) -> str:
    """Return where a list price is from: the provider's page, where it was read, and the note on it."""
    read_in = f", read in {price.read_in}" if price.read_in else ""
    return f"{price.model}: {price.source}{read_in}.{f' {price.note}' if price.note else ''}"


def about_list_prices(markets: Sequence[Market]) -> str:
    """Return what a reader must know of list prices, and which remote models have none."""
    advice = "Each at the model's own settings. Point at a price for its source, and check there before you rely on it."
    unpriced = [market.silence for market in markets if market.silence]
    return " ".join([advice, *unpriced, "Add prices in a file of your own: halflife board --catalogue FILE."])


def same_models(markets: Sequence[Market], answers: Sequence[CostEstimate]) -> str:
    """Return a sentence for each price of the very weights that an answer is about: how that answer compares."""
    return " ".join(
        f"{price.provider} lists {answer.title} at {formatting.dollars(price.usd)} {market.unit}{_at(price)}: "
        f"here, on a machine that is never idle, it is {compared(times)}."
        for answer in answers
        for market in markets
        for price in market.same(answer.model)
        if (times := ratio(answer, price)) is not None
    )


def _at(price: ListPrice) -> str:
    return f" ({price.resolution})" if price.resolution else ""
