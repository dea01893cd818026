"""List prices of providers for an image or a second of video, to compare with the cost on one's own machine."""

import datetime as dt
from dataclasses import dataclass
from typing import Final, NamedTuple, cast

from data.catalogue.library import Catalogue
from data.catalogue.list_price import ListPrice, OutputUnit
from data.pricing import asked_seconds, output_price
from data.vocabulary import Model, Price, RemoteSource
from leaderboard.cost_model.estimate import CostEstimate

SAME: Final = "the same model"
MOST_OF_ONE_MODEL: Final = 5
"""The most list prices of the same model in a digest."""
FEW: Final = 4
"""Up to so many list prices, a digest has them all."""
AS_DEAR: Final = 1.05
"""Prices whose ratio is below this are called about as dear."""


class DigestPrice(NamedTuple):
    """A list price and why it is in a digest, such as "cheapest"."""

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
        """A sentence about remote models without a list price, empty where each has one."""
        return f"No list price of {self.unit} is known for {', '.join(self.unpriced)}." if self.unpriced else ""

    def same(self, architecture: str) -> tuple[ListPrice, ...]:
        """Return the list prices of the same weights, those of that architecture, the cheapest first."""
        return tuple(price for price in self.prices if price.architecture == architecture)

    def digest(self, architecture: str) -> tuple[DigestPrice, ...]:
        """Return at most eight prices, the cheapest first: the same model's, the cheapest, the median, the dearest."""
        last = len(self.prices) - 1
        ends = {0: "cheapest", last // 2: "median", last: "dearest"} if last >= FEW else {}
        same = self.same(architecture)[:MOST_OF_ONE_MODEL]
        why = {
            rank: [*([SAME] if price in same else []), *([ends[rank]] if rank in ends else [])]
            for rank, price in enumerate(self.prices)
        }
        return tuple(
            DigestPrice(price, ", ".join(why[rank]))
            for rank, price in enumerate(self.prices)
            if why[rank] or last < FEW
        )


def market(catalogue: Catalogue, *, video: bool, today: dt.date) -> Market:
    """Return the list prices of images, or of seconds of video, by providers and by remote models not yet retired.

    A price that a remote model of the catalogue declares replaces that provider's list price of the same name. One's
    own servers, which list 0 because they bill nothing, are left out. A price a request is one an image, for an adapter
    asks for one image; of video it is divided by the clip's seconds.
    """
    task = "text-to-video" if video else "text-to-image"
    unit: OutputUnit = "second-of-video" if video else "image"
    offers = [
        _RemotePrice(model, model.source, _usd(model))
        for model in catalogue.models.values()
        if isinstance(model.source, RemoteSource)
        and model.task == task
        and not (model.retired and model.retired <= today)
    ]
    declared = [_declared(offer.model, unit, offer.usd) for offer in offers if offer.usd]
    with_price = {offer.names for offer in offers if offer.usd}
    listed = [
        price
        for price in catalogue.list_prices
        if price.unit == unit and _names(price.provider, price.model) not in with_price
    ]
    listed_names = {_names(price.provider, price.model) for price in listed}
    prices = sorted([*listed, *declared], key=lambda price: (price.usd, price.title, price.resolution or ""))
    unpriced = tuple(offer.model.id for offer in offers if offer.usd is None and offer.names not in listed_names)
    return Market(video=video, prices=tuple(prices), unpriced=unpriced)


def ratio(estimate: CostEstimate, listed: ListPrice) -> float | None:
    """Return the price of a local output over the list price of its unit; None where the local one is unknown or 0."""
    cost = estimate.cost
    ours = None if cost is None else cost.usd_an_image or cost.usd_a_video_second
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
    """Return the declared price of an image or a second of video; None where what is asked does not settle it."""
    offer, seconds = output_price(model), asked_seconds(model.settings)
    if offer is None:
        return None
    if model.task == "text-to-image":
        return offer.usd if offer.unit in ("image", "request") else None
    if offer.unit == "second-of-video":
        return offer.usd
    return offer.usd / seconds if offer.unit == "request" and seconds else None
