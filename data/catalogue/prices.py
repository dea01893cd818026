"""What a catalogue file may say about a model's price: one unit, or several charges that are summed."""

import datetime as dt
from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import Annotated, Any, Final, Self, get_args

from pydantic import Field, field_validator, model_validator

from data.formats.toml import Declared
from data.vocabulary import BillingUnit, Charge, Price

Amount = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Fact = str | bool | int | float

PARTS_OF: Final[Mapping[BillingUnit, frozenset[BillingUnit]]] = MappingProxyType(
    {
        "token": frozenset(unit for unit in get_args(BillingUnit) if unit.endswith("-token")),
        "input-token": frozenset({"input-text-token", "input-image-token"}),
        "output-token": frozenset({"output-text-token", "output-image-token"}),
    }
)
"""Units that another unit counts too."""

COUNTED_ONCE: Final = frozenset({"image", "request"})
QUANTITIES: Final = ("most", "at_least", "beyond", "round_up")


class ChargeTable(Declared):
    """Dollars, or credits, for `per` units. See `data.vocabulary.Charge` for the other keys.

    A value of `when` is a fact of the request: `size` ("1024x1024"), `resolution` ("720p"), `audio`, or a key of
    `settings.extra` such as `quality`; a list stands for any of its values.
    """

    unit: BillingUnit | None = None
    usd: Amount | None = None
    credits: Amount | None = None
    per: Positive = 1.0
    when: dict[str, Fact | list[Fact]] = Field(default_factory=dict)
    most: Positive | None = None
    at_least: Amount = 0.0
    beyond: Amount = 0.0
    round_up: Positive | None = None
    pixels: int = Field(default=1_000_000, ge=1_000_000, le=1_048_576)

    @field_validator("when")
    @classmethod
    def _has_values(cls, value: dict[str, Any]) -> dict[str, Any]:
        empty = next((key for key, wanted in value.items() if wanted == []), None)
        if empty is not None:
            raise ValueError(f"Expected a value for {empty!r} in 'when', got an empty list. Name one, or leave it out.")
        return value

    @model_validator(mode="after")
    def _quantities_are_of_the_unit(self) -> Self:
        given = [name for name in QUANTITIES if name in self.model_fields_set]
        if self.unit in COUNTED_ONCE and given:
            raise ValueError(
                f"Expected no {given[0]!r} in a price for an {self.unit}, got one: a request has one. Remove it."
            )
        if self.unit != "megapixel" and "pixels" in self.model_fields_set:
            raise ValueError(f"Expected 'pixels' with the unit 'megapixel', got it with {self.unit!r}. Remove it.")
        if self.most is not None and self.most < self.at_least:
            raise ValueError(f"Expected 'most' to be at least 'at_least', {self.at_least:g}, got {self.most:g}.")
        return self

    def charge(self, usd_per_credit: float | None) -> Charge:
        """Return the charge in dollars for one unit. Raises ValueError where unit or amount is missing or doubled."""
        if self.unit is None:
            raise ValueError("Expected a 'unit' in each charge, got none. Add it.")
        if (self.usd is None) == (self.credits is None):
            raise ValueError(f"Expected 'usd' or 'credits' for the unit {self.unit!r}, got both or none. Keep one.")
        if self.credits is not None and usd_per_credit is None:
            raise ValueError("Expected 'usd_per_credit' in a price with 'credits', got none. Add what a credit costs.")
        amount = self.usd if self.usd is not None else (self.credits or 0.0) * (usd_per_credit or 0.0)
        when = {key: tuple(value) if isinstance(value, list) else value for key, value in self.when.items()}
        quantities = self.model_dump(include={*QUANTITIES, "pixels"})
        return Charge(unit=self.unit, usd=amount / self.per, when=when, **quantities)


class PriceTable(ChargeTable):
    """A list price, the day on which it was read, and where: of one unit, or of several `charges`.

    `usd_per_credit` is what a credit costs where the provider's page says its prices in credits.
    """

    as_of: dt.date
    source: str = Field(min_length=1)
    usd_per_credit: Amount | None = None
    charges: list[ChargeTable] = Field(default_factory=list)

    @model_validator(mode="after")
    def _is_a_price(self) -> Self:
        self.record()
        return self

    def record(self) -> Price:
        """Return the price as the rest of the house knows it; ValueError where it is of one unit and of charges."""
        own = sorted(self.model_fields_set & ChargeTable.model_fields.keys())
        if not self.charges:
            charge = self.charge(self.usd_per_credit)
            if set(own) == {"unit", "usd"}:
                return Price(unit=charge.unit, usd=charge.usd, as_of=self.as_of, source=self.source)
            return Price(charges=(charge,), as_of=self.as_of, source=self.source)
        if own:
            raise ValueError(f"Expected {own[0]!r} in one of the 'charges', got it beside them. Move it there.")
        charges = tuple(table.charge(self.usd_per_credit) for table in self.charges)
        _check_reached(charges)
        _check_counted_once({charge.unit for charge in charges})
        return Price(charges=charges, as_of=self.as_of, source=self.source)


def _check_counted_once(units: Collection[BillingUnit]) -> None:
    for unit in units:
        twice = sorted(PARTS_OF.get(unit, frozenset()) & set(units))
        if twice:
            raise ValueError(
                f"Expected each token in one charge, got {twice[0]!r}, which {unit!r} counts too. Drop one."
            )


def _check_reached(charges: tuple[Charge, ...]) -> None:
    always: set[str] = set()
    for charge in charges:
        if charge.unit in always:
            raise ValueError(
                f"Expected a charge for {charge.unit!r} without 'when' after all others, got one before: the "
                "first that applies counts, so the others never would. Put it last."
            )
        if not charge.when:
            always.add(charge.unit)
