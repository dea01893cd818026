"""List prices: what a provider asks for an image or a second of video, beside which a machine of one's own is put."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field, field_validator

from data.architectures.library import MODELS
from data.errors import UnknownNameError
from data.formats.toml import Declared

OutputUnit = Literal["image", "second-of-video"]
Usd = Annotated[float, Field(gt=0, allow_inf_nan=False)]


@dataclass(frozen=True, slots=True, kw_only=True)
class ListPrice:
    """US dollars of an image or a second of video, the day it was read, the provider's page, and where it was read.

    `resolution` says in words what the price is for, None where it does not depend on it; `architecture` whose open
    weights the endpoint serves, None where they are not known to be open.
    """

    provider: str
    model: str
    title: str
    unit: OutputUnit
    usd: float
    as_of: dt.date
    source: str
    read_in: str | None = None
    resolution: str | None = None
    architecture: str | None = None
    note: str | None = None


class ListPriceTable(Declared):
    """A model's list price: of any resolution, or a table by resolution. What it leaves out, its file says."""

    provider: str = Field(min_length=1)
    model: str = Field(min_length=1)
    title: str = Field(min_length=1)
    unit: OutputUnit
    usd: Usd | Annotated[dict[str, Usd], Field(min_length=1)]
    source: str = Field(min_length=1)
    architecture: str | None = None
    note: str | None = None
    as_of: dt.date | None = None
    read_in: str | None = None

    @field_validator("architecture")
    @classmethod
    def _is_known(cls, value: str | None) -> str | None:
        if value is not None and value not in (known := {path.stem for path in MODELS.glob("*.toml")}):
            raise ValueError(str(UnknownNameError("architecture", value, known)))
        return value


class ListPricesFile(Declared):
    """A file of list prices: the day they were read, where, and the prices."""

    as_of: dt.date
    read_in: str | None = None
    list_prices: list[ListPriceTable] = Field(min_length=1)

    def records(self) -> Iterator[ListPrice]:
        """Yield one price for each model and resolution."""
        for table in self.list_prices:
            fields = table.model_dump(exclude={"usd"})
            shared = {"as_of": table.as_of or self.as_of, "read_in": table.read_in or self.read_in}
            by_resolution = table.usd if isinstance(table.usd, dict) else {None: table.usd}
            for resolution, usd in by_resolution.items():
                yield ListPrice(**fields | shared, usd=usd, resolution=resolution)
