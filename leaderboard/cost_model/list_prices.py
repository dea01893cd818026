"""What providers list for an image or a second of video, beside what a machine of one's own would cost."""

import datetime as dt
from dataclasses import dataclass
from typing import Final, NamedTuple, cast

from data.catalogue.library import Catalogue
from data.catalogue.list_price import ListPrice, OutputUnit
from data.vocabulary import Model, Price, RemoteSource
from leaderboard.cost_model.estimate import CostEstimate

SAME: Final = "the same model"
MOST_OF_ONE_MODEL: Final = 5
"""List prices of the same model that a digest names."""
FEW: Final = 4
"""So many list prices are shown whole."""
AS_DEAR: Final = 1.05
"""Prices that differ by less are called as dear."""


class Named(NamedTuple):
    """A list price and why a digest names it, such as "cheapest"."""

    price: ListPrice
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Market:
    """The list prices of images, or of seconds of video, the cheapest first, and remote models' ids without one."""

    video: bool
    prices: tuple[ListPrice, ...]
    unpriced: tuple[str, ...]

    @property
    def unit(self) -> str:
        """What is priced, with its article."""
        return "a second of video" if self.video else "an image"

    @property
    def silence(self) -> str:
        """What there is to say of remote models without a price: a sentence, empty where each has one."""
        return f"No list price of {self.unit} is held for {', '.join(self.unpriced)}." if self.unpriced else ""

    def same(self, architecture: str) -> tuple[ListPrice, ...]:
        """Return the list prices of the very weights of that architecture, the cheapest first."""
        return tuple(one for one in self.prices if one.architecture == architecture)

    def digest(self, architecture: str) -> tuple[Named, ...]:
        """Return at most eight prices, the cheapest first: the same model's, the cheapest, the median, the dearest."""
        last = len(self.prices) - 1
        ends = {0: "cheapest", last // 2: "median", last: "dearest"} if last >= FEW else {}
        same = self.same(architecture)[:MOST_OF_ONE_MODEL]
        why = {
            place: [*([SAME] if one in same else []), *([ends[place]] if place in ends else [])]
            for place, one in enumerate(self.prices)
        }
        return tuple(
            Named(one, ", ".join(why[place])) for place, one in enumerate(self.prices) if why[place] or last < FEW
        )


def market(catalogue: Catalogue, *, video: bool, today: dt.date) -> Market:
    """Return what is listed for images, or for seconds of video, by providers and by remote models not yet retired.

    A price that a remote model of the catalogue declares stands in place of that provider's list price of its name.
    Servers of one's own, which list 0 because they bill nothing, are no offer and left out. A price a request is one an
    image, for an adapter asks for one; of video it is spread over the clip's seconds.
    """
    task = "text-to-video" if video else "text-to-image"
    unit: OutputUnit = "second-of-video" if video else "image"
    offers = [
        _RemotePrice(one, one.source, _usd(one))
        for one in catalogue.models.values()
        if isinstance(one.source, RemoteSource) and one.task == task and not (one.retired and one.retired <= today)
    ]
    declared = [_declared(one.model, unit, one.usd) for one in offers if one.usd]
    paid = {one.names for one in offers if one.usd}
    listed = [one for one in catalogue.list_prices if one.unit == unit and _names(one.provider, one.model) not in paid]
    known = {_names(one.provider, one.model) for one in listed}
    prices = sorted([*listed, *declared], key=lambda one: (one.usd, one.title, one.resolution or ""))
    unpriced = tuple(one.model.id for one in offers if one.usd is None and one.names not in known)
    return Market(video=video, prices=tuple(prices), unpriced=unpriced)


def ratio(answer: CostEstimate, listed: ListPrice) -> float | None:
    """Return a local output's price over what is listed for its unit; None where nothing local is known or paid."""
    paid = answer.cost
    ours = None if paid is None else paid.usd_an_image or paid.usd_a_video_second
    return ours / listed.usd if ours else None


def compared(ratio: float) -> str:
    """Write how much dearer or cheaper something is, by its price over another's.

    >>> compared(0.216), compared(1.02), compared(3.0), compared(40.0)
    ('4.6 times cheaper', 'about as dear', '3.0 times dearer', '40 times dearer')
    """
    times = max(ratio, 1 / ratio)
    if times < AS_DEAR:
        return "about as dear"
    return f"{times:,.{0 if times >= 10 else 1}f} times {'dearer' if ratio > 1 else 'cheaper'}"


class _RemotePrice(NamedTuple):
    """A remote model of the catalogue, and what it declares an image or a second of video to cost."""

    model: Model
    source: RemoteSource
    usd: float | None

    @property
    def names(self) -> tuple[str, str]:
        """Its provider and its name there."""
        return _names(self.model.provider, self.source.model)


def _names(provider: str, model: str) -> tuple[str, str]:
    return provider.casefold(), model.casefold()


def _declared(model: Model, unit: OutputUnit, usd: float) -> ListPrice:
    price, settings = cast(Price, model.price), model.settings
    return ListPrice(
        provider=model.provider,
        model=model.id,
        title=model.title,
        unit=unit,
        usd=usd,
        as_of=price.as_of,
        source=price.source,
        resolution=f"{settings.width}×{settings.height}",
    )


def _usd(model: Model) -> float | None:
    """Return the declared price of an image or a second of video; None where there is none for such a unit."""
    price, settings = model.price, model.settings
    if price is None:
        return None
    if model.task == "text-to-image":
        return price.usd if price.unit in ("image", "request") else None
    if price.unit == "second-of-video":
        return price.usd
    return price.usd * settings.fps / settings.frames if price.unit == "request" and settings.fps else None
