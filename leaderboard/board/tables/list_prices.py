"""What providers list, as the page about costs shows it beside what a machine of one's own would cost."""

from collections.abc import Mapping, Sequence

from data.catalogue.list_price import ListPrice
from leaderboard import formatting
from leaderboard.board.tables.table import Badge, Cell, Column, Table
from leaderboard.cost_model.estimate import CostEstimate
from leaderboard.cost_model.list_prices import SAME, Market, compared, ratio


def list_prices(markets: Sequence[Market], answers: Sequence[CostEstimate]) -> Table:
    """Return what is listed for an image, then for a second of video, the cheapest first.

    A price of the very weights that one of the answers is about says how much dearer or cheaper that answer is.
    """
    columns = (
        Column(key="model", label="Model", kind="name", narrow=True),
        Column(key="provider", label="By", kind="text"),
        Column(key="usd", label="List price", kind="number"),
        Column(key="unit", label="Of", kind="text"),
        Column(key="resolution", label="At", kind="text", help="The resolution, where the price depends on it"),
        Column(key="ours", label="Here it is", kind="text", help="By the answer for the same model above"),
        Column(key="as_of", label="Read on", kind="text"),
    )
    ours = {one.model: one for one in answers}
    rows = [_list_price(one, market.unit, ours) for market in markets for one in market.prices]
    return Table(label="Beside list prices", columns=columns, rows=rows)


def _list_price(one: ListPrice, unit: str, ours: Mapping[str, CostEstimate]) -> dict[str, Cell]:
    answer = ours.get(one.architecture or "")
    over = ratio(answer, one) if answer else None
    same = (Badge(text=SAME, tone="accent", help=f"Its weights are those of {answer.title}"),) if answer else ()
    return {
        "model": Cell(text=one.title, sort=one.title, help=about(one), badges=same),
        "provider": Cell(text=one.provider, sort=one.provider),
        "usd": Cell(text=formatting.dollars(one.usd), sort=one.usd, help=about(one)),
        "unit": Cell(text=unit, sort=unit, tone="muted"),
        "resolution": Cell(text=one.resolution or "", sort=one.resolution, tone="muted"),
        "ours": Cell(text="" if over is None else compared(over), sort=over),
        "as_of": Cell(text=formatting.date(one.as_of), sort=one.as_of.isoformat(), help=about(one)),
    }


def about(one: ListPrice) -> str:
    """Return where a list price is from: the provider's page, where it was read, and what else there is to say."""
    read = f", read in {one.read_in}" if one.read_in else ""
    return f"{one.model}: {one.source}{read}.{f' {one.note}' if one.note else ''}"


def about_list_prices(markets: Sequence[Market]) -> str:
    """Return what there is to say of list prices, and of remote models that have none."""
    held = "Each at the model's own settings; point at a price for its source. Look there before you rely on one."
    silent = [one.silence for one in markets if one.silence]
    return " ".join([held, *silent, "Declare more in a file of your own: halflife board --catalogue FILE."])


def same_models(markets: Sequence[Market], answers: Sequence[CostEstimate]) -> str:
    """Return a sentence for each price of the very weights that an answer is about: how that answer compares."""
    return " ".join(
        f"{one.provider} lists {answer.title} at {formatting.dollars(one.usd)} {market.unit}{_at(one)}: "
        f"here, on a machine that is never idle, it is {compared(over)}."
        for answer in answers
        for market in markets
        for one in market.same(answer.model)
        if (over := ratio(answer, one)) is not None
    )


def _at(one: ListPrice) -> str:
    return f" ({one.resolution})" if one.resolution else ""
