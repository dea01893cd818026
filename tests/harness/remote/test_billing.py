"""A claim is believed within bounds; else the price book decides, and says so."""

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest

from data.pricing import Usage, greatest_cost
from data.vocabulary import Charge, Model, Price
from harness.remote.billing import BilledCost, ProviderBill, bill


@pytest.fixture
def painter(studio: Any) -> Model:
    model: Model = studio.contender("https://studio.example/v1")
    return model


def priced(model: Model, *charges: Charge) -> Model:
    return replace(model, price=Price(charges=charges, as_of=dt.date(2026, 11, 1), source="a list"))


def billed(model: Model, usage: Usage | None = None, **said: Any) -> BilledCost:
    return bill(model, ProviderBill(**said), usage or Usage(), bound=greatest_cost(model))


@pytest.mark.parametrize("claim", [0.01, "0.0387", 0.06, 0.4])
def test_a_claim_up_to_ten_times_the_bound_is_what_is_charged(painter: Model, claim: Any) -> None:
    assert billed(painter, costs=[claim]) == (float(claim), "reported", None)


@pytest.mark.parametrize("claim", [0.41, 10_000, "1e400", 10**400, "nan", -0.04, "-1", "inf", "free"])
def test_a_claim_beyond_that_or_that_is_none_is_kept_and_the_price_charged(painter: Model, claim: Any) -> None:
    assert billed(painter, costs=[claim]) == (0.04, "units-times-price", str(claim)[:100])


def test_of_several_claims_the_first_that_can_be_believed_counts(painter: Model) -> None:
    assert billed(painter, costs=[10_000, 0.0, 0.03]) == (0.03, "reported", None)


def test_a_free_server_that_claims_money_costs_nothing_and_the_claim_is_kept(painter: Model, studio: Any) -> None:
    assert billed(replace(painter, price=studio.free), costs=[0.02]) == (0.0, "units-times-price", "0.02")


def test_billed_units_are_those_of_the_one_charge(painter: Model) -> None:
    model = priced(painter, Charge(unit="megapixel", usd=5.0, most=2.0))
    assert billed(model, units=1.5) == (7.5, "units-times-price", None)
    assert billed(model, units=1_000_000.0) == (10.0, "bound", "5e+06 by its units")


def test_tokens_cost_what_they_come_to(painter: Model) -> None:
    text, output = Charge(unit="input-text-token", usd=5e-6), Charge(unit="output-token", usd=30e-6)
    counts = {"input-text-token": 23.0, "output-token": 6240.0}
    cost = billed(priced(painter, text, output), counts=counts)
    assert (cost.usd, cost.source) == (pytest.approx(23 * 5e-6 + 6240 * 30e-6), "units-times-price")


def test_what_is_called_cost_is_credits_where_the_price_is_in_credits(painter: Model) -> None:
    model = priced(painter, Charge(unit="credit", usd=0.01, most=6.0))
    assert billed(model, costs=[4], counts={"credit": 4.0}) == (0.04, "units-times-price", None)
    assert billed(model) == (0.06, "bound", None)


def test_without_a_price_the_assumed_bound_is_charged_or_what_is_claimed(painter: Model) -> None:
    model = replace(painter, price=None)
    assert bill(model, ProviderBill(), Usage(), bound=0.2) == (0.2, "bound", None)
    assert bill(model, ProviderBill(costs=[0.01]), Usage(), bound=0.2) == (0.01, "reported", None)
