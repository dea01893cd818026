"""What remote endpoints of the catalogue list for an image or a second of video, beside what a machine would cost."""

import datetime as dt
from dataclasses import dataclass

from data.catalogue.library import Catalogue
from data.vocabulary import Model, Price


@dataclass(frozen=True, slots=True, kw_only=True)
class ListPrice:
    """A remote model's list price: US dollars of an image, or of a second of video, at the model's own settings."""

    model: Model
    price: Price
    usd: float

    @property
    def size(self) -> str:
        """The resolution that the price is for."""
        return f"{self.model.settings.width}×{self.model.settings.height}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Market:
    """The remote models of one kind: those with a list price, the cheapest first, and the ids of those without."""

    video: bool
    prices: tuple[ListPrice, ...]
    unpriced: tuple[str, ...]

    @property
    def unit(self) -> str:
        """What is priced, with its article."""
        return "a second of video" if self.video else "an image"

    @property
    def silence(self) -> str:
        """What there is to say of what has no price: a sentence, empty where every remote model has one."""
        if self.unpriced:
            return f"The catalogue holds no list price of {self.unit} for {', '.join(self.unpriced)}."
        what = "videos" if self.video else "images"
        return "" if self.prices else f"The catalogue holds no list price of a remote model that makes {what}."


def market(catalogue: Catalogue, *, video: bool, today: dt.date) -> Market:
    """Return the remote models of the catalogue that make images, or videos, and are not retired on that day.

    Servers of one's own, which list 0 because they bill nothing, are no offer and left out. A price a request is one
    an image, for an adapter asks for one; of video it is spread over the clip's seconds.
    """
    task = "text-to-video" if video else "text-to-image"
    models = [
        one
        for one in catalogue.models.values()
        if one.location == "remote" and one.task == task and not (one.retired and one.retired <= today)
    ]
    prices = [ListPrice(model=one, price=one.price, usd=usd) for one in models if one.price and (usd := _usd(one))]
    unpriced = [one.id for one in models if _usd(one) is None]
    return Market(
        video=video, prices=tuple(sorted(prices, key=lambda one: (one.usd, one.model.id))), unpriced=tuple(unpriced)
    )


def _usd(model: Model) -> float | None:
    """Return the list price of an image or a second of video; None where there is none for such a unit."""
    price, settings = model.price, model.settings
    if price is None:
        return None
    if model.task == "text-to-image":
        return price.usd if price.unit in ("image", "request") else None
    if price.unit == "second-of-video":
        return price.usd
    return price.usd * settings.fps / settings.frames if price.unit == "request" and settings.fps else None
