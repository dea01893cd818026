"""What a request costs by its price: at most, and by what came."""

import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.pricing import MOST_TOKENS, Usage, billed_quantity, computed_cost, greatest_cost, output_price
from data.vocabulary import Charge, Model, Price, RemoteSource, Settings

DAY = dt.date(2026, 11, 20)


def model(*charges: Charge, video: bool = False, **settings: Any) -> Model:
    fields = {"width": 1024, "height": 1024, **settings}
    return Model(
        id="painter",
        title="Painter",
        family="painter",
        task="text-to-video" if video else "text-to-image",
        provider="studio",
        source=RemoteSource(adapter="openai_images", base_url="https://studio.example/v1", model="p", timeout_s=50.0),
        settings=Settings(**fields),
        revision="1",
        revision_pinned=True,
        licence="Terms",
        released=DAY,
        price=Price(charges=charges, as_of=DAY, source="a page"),
    )


def test_an_image_costs_what_its_size_and_quality_are_listed_at() -> None:
    rows = [
        Charge(unit="image", usd=0.01, when={"quality": "low"}),
        Charge(unit="image", usd=0.04, when={"quality": "medium", "size": ("1024x1024", "512x512")}),
        Charge(unit="image", usd=0.06, when={"quality": "medium"}),
    ]
    medium = model(*rows, extra={"quality": "medium"})
    assert greatest_cost(medium) == 0.04
    assert computed_cost(medium, Usage(width=1024, height=1024)) == (0.04, False)
    assert computed_cost(medium, Usage(width=1536, height=1024)) == (0.06, False)
    assert computed_cost(medium, Usage()) == (0.04, False)


def test_the_first_megapixel_and_those_beyond_have_prices_of_their_own() -> None:
    flux = model(
        Charge(unit="image", usd=0.03),
        Charge(unit="megapixel", usd=0.015, beyond=1.0, round_up=1.0, pixels=1_048_576),
    )
    assert greatest_cost(flux) == 0.03
    assert computed_cost(flux, Usage(width=1024, height=1024)).usd == 0.03
    assert computed_cost(flux, Usage(width=1440, height=1440)).usd == pytest.approx(0.045)
    assert computed_cost(flux, Usage(width=2048, height=2048)).usd == pytest.approx(0.075)


def test_a_second_of_video_depends_on_resolution_and_sound() -> None:
    rows = [
        Charge(unit="second-of-video", usd=0.4, when={"resolution": "1080p"}),
        Charge(unit="second-of-video", usd=0.3, when={"resolution": "720p", "audio": True}),
        Charge(unit="second-of-video", usd=0.2, when={"resolution": "720p", "audio": False}),
    ]
    clip = model(*rows, video=True, width=1280, height=720, video_seconds=8.0, audio=True)
    assert greatest_cost(clip) == pytest.approx(2.4)
    silent = Usage(width=1280, height=704, seconds=8.0, audio=False)
    assert computed_cost(clip, silent) == (pytest.approx(1.6), False)
    assert computed_cost(clip, Usage(width=1920, height=1080, seconds=4.0)).usd == pytest.approx(1.6)
    assert computed_cost(clip, Usage()) == (pytest.approx(2.4), True)


def test_tokens_have_a_bound_that_a_price_may_lower_and_absent_ones_are_charged_at_it() -> None:
    text, picture = Charge(unit="input-text-token", usd=1e-6), Charge(unit="output-token", usd=1e-3, most=5000.0)
    painter = model(text, picture)
    assert greatest_cost(painter) == pytest.approx(1e-6 * MOST_TOKENS["input-text-token"] + 5.0)
    came = Usage(counts={"input-text-token": 20.0, "output-token": 4160.0})
    assert computed_cost(painter, came) == (pytest.approx(4.16002), False)
    half = computed_cost(painter, Usage(counts={"output-token": 4160.0}))
    assert half == (pytest.approx(4.16 + 0.005), True)


def test_gpu_seconds_are_bounded_by_the_time_limit_and_credits_by_what_the_price_says() -> None:
    assert greatest_cost(model(Charge(unit="gpu-second", usd=0.001))) == pytest.approx(0.05)
    assert greatest_cost(model(Charge(unit="credit", usd=0.01, most=4.0))) == pytest.approx(0.04)
    with pytest.raises(ValueError, match="Expected 'most' in the price of 'painter' for the unit 'credit'"):
        greatest_cost(model(Charge(unit="credit", usd=0.01)))


@pytest.mark.parametrize(
    ("charge", "offer"),
    [
        (Charge(unit="image", usd=0.04), ("image", 0.04)),
        (Charge(unit="request", usd=0.02), ("image", 0.02)),
        (Charge(unit="megapixel", usd=0.03, round_up=1.0), ("image", 0.06)),
        (Charge(unit="output-token", usd=1e-6), None),
        (Charge(unit="image", usd=0.04, when={"quality": "high"}), None),
    ],
)
def test_an_output_has_a_price_where_the_settings_settle_it(charge: Charge, offer: Any) -> None:
    assert output_price(model(charge)) == offer


def test_a_clip_is_priced_by_its_seconds() -> None:
    charge = Charge(unit="second-of-video", usd=0.2, at_least=5.0)
    assert output_price(model(charge, video=True, video_seconds=4.0)) == ("second-of-video", pytest.approx(0.25))


@given(st.floats(0, 1e6), st.floats(0, 10), st.floats(0, 10), st.floats(0.01, 10))
def test_rounding_up_never_bills_less_nor_a_whole_step_more(
    quantity: float, least: float, beyond: float, step: float
) -> None:
    plain = Charge(unit="megapixel", usd=1.0, at_least=least, beyond=beyond)
    rounded = Charge(unit="megapixel", usd=1.0, at_least=least, beyond=beyond, round_up=step)
    exact = billed_quantity(plain, quantity)
    assert exact - 1e-6 * max(1.0, exact) <= billed_quantity(rounded, quantity) <= exact + step + 1e-6 * max(1.0, exact)
