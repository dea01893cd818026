"""Prices as they are billed, as a catalogue file declares them; what does not hold is refused by key and reason."""

from pathlib import Path

import pytest

from data.catalogue import load_catalogue
from data.errors import InputFileError
from data.pricing import greatest_cost
from data.serialization import from_json, parse, to_json
from data.vocabulary import Charge, Model, Price

FILE = """
family = "mine"
provider = "studio"
licence = "Terms"
{shared}
[[models]]
id = "mine-1"
title = "Mine"
released = 2026-10-01
revision = "1"
revision_pinned = true
remote = {{ adapter = "openai_images", base_url = "https://studio.example/v1", model = "m" }}
settings = {{ width = 1024, height = 1024, extra = {{ quality = "high" }} }}
{own}
"""
DATED = 'as_of = 2026-11-20, source = "a page"'


def declared(tmp_path: Path, own: str = "", shared: str = "") -> Model:
    path = tmp_path / "mine.toml"
    path.write_text(FILE.format(own=own and f"price = {{ {own}, {DATED} }}", shared=shared), encoding="utf-8")
    return load_catalogue([path]).model("mine-1")


def test_a_simple_price_stays_simple(tmp_path: Path) -> None:
    price = declared(tmp_path, 'unit = "image", usd = 0.04').price
    assert price is not None
    assert (price.unit, price.usd, price.charges) == ("image", 0.04, ())
    assert price.parts == (Charge(unit="image", usd=0.04),)
    assert set(to_json(price)) == {"unit", "usd", "as_of", "source"}


def test_charges_are_kept_in_a_record_and_read_back(tmp_path: Path) -> None:
    rows = (
        '{ unit = "input-text-token", usd = 5.0, per = 1_000_000 }, { unit = "output-token", usd = 3e-5, most = 6300 }'
    )
    price = declared(tmp_path, f"charges = [{rows}]").price
    assert price is not None
    assert [(charge.unit, charge.usd, charge.most) for charge in price.charges] == [
        ("input-text-token", 5e-6, None),
        ("output-token", 3e-5, 6300),
    ]
    assert from_json(Price, to_json(price)) == price


def test_a_record_that_was_written_before_charges_is_read() -> None:
    written = parse(b'{"as_of":"2026-01-02","source":"a page","unit":"image","usd":0.04}')
    assert from_json(Price, written).parts == (Charge(unit="image", usd=0.04),)


def test_a_family_has_one_table_by_size_and_quality_for_its_models(tmp_path: Path) -> None:
    shared = """
    [price]
    as_of = 2026-11-20
    source = "a page"
    [[price.charges]]
    unit = "image"
    usd = 0.01
    when = { quality = ["low", "medium"] }
    [[price.charges]]
    unit = "image"
    usd = 0.2
    when = { quality = "high", size = "1024x1024" }
    """
    assert greatest_cost(declared(tmp_path, shared=shared)) == 0.2


def test_credits_are_dollars_by_what_a_credit_costs(tmp_path: Path) -> None:
    model = declared(tmp_path, 'unit = "image", credits = 6.5, usd_per_credit = 0.01')
    assert greatest_cost(model) == pytest.approx(0.065)


@pytest.mark.parametrize(
    ("price", "message"),
    [
        ('unit = "picture", usd = 0.04', r"key 'models\.0\.price\.unit': Expected 'image', 'megapixel'"),
        ('unit = "image", usd = -0.04', r"key 'models\.0\.price\.usd': Expected greater than or equal to 0"),
        ('unit = "image", usd = nan', r"key 'models\.0\.price\.usd': Expected a finite number"),
        ('unit = "image", usd = "4 cents"', r"key 'models\.0\.price\.usd': Expected a valid number"),
        ('unit = "image", usd = 0.1, usb = 1', r"key 'models\.0\.price\.usb': .*Did you mean 'usd'"),
        ("usd = 0.04", r"Expected a 'unit' in each charge, got none"),
        ('unit = "image"', r"Expected 'usd' or 'credits' for the unit 'image', got both or none"),
        ('unit = "image", usd = 0.1, credits = 1.0', r"got both or none"),
        ('unit = "image", credits = 4.0', r"Expected 'usd_per_credit'"),
        ('unit = "image", usd = 0.1, round_up = 1', r"Expected no 'round_up' in a price for an image"),
        ('unit = "output-token", usd = 0.1, pixels = 1_048_576', r"Expected 'pixels' with the unit 'megapixel'"),
        ('unit = "credit", usd = 0.1', r"Expected 'most' in the price of 'mine-1' for the unit 'credit'"),
        ('unit = "second-of-video", usd = 0.1', r"for what an image is, got one for a second of video"),
        (
            'unit = "megapixel", usd = 0.1, most = 1, at_least = 2',
            r"Expected 'most' to be at least 'at_least', 2, got 1",
        ),
        ('unit = "image", usd = 0.1, when = { qualty = "low" }', r"facts of the request .*quality.*, got 'qualty'"),
        ('unit = "image", usd = 0.1, when = { quality = "low" }', r"applies to what is asked \(size 1024x1024"),
        ('unit = "image", usd = 0.1, when = { quality = [] }', r"Expected a value for 'quality' in 'when'"),
        ('unit = "image", usd = 0.1, charges = [{ unit = "image", usd = 1.0 }]', r"Expected 'unit' in one of the 'ch"),
        (
            'charges = [{ unit = "image", usd = 1.0 }, { unit = "image", usd = 2.0, when = { quality = "high" } }]',
            r"without 'when' after all others",
        ),
        (
            'charges = [{ unit = "token", usd = 1e-6 }, { unit = "output-token", usd = 1e-5 }]',
            r"got 'output-token', which 'token' counts too",
        ),
        (
            'charges = [{ unit = "image", usd = 1.0 }, { unit = "credit", usd = 1.0, when = { quality = "low" } }]',
            r"Expected 'most' in the price of 'mine-1' for the unit 'credit'",
        ),
        ('unit = "image", usd = 1e300', r"Expected at most \$100,000,000 a request of 'mine-1'"),
        ('unit = "image", usd = 1.0, per = 0', r"key 'models\.0\.price\.per': Expected greater than 0"),
    ],
)
def test_a_price_that_does_not_hold_is_refused_by_key_and_reason(tmp_path: Path, price: str, message: str) -> None:
    with pytest.raises(InputFileError, match=rf"mine\.toml.*({message})"):
        declared(tmp_path, price)
