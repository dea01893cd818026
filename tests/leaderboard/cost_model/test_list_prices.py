"""List prices are those that ship and those of remote models that can be called, beside answers for the same model."""

import dataclasses
import datetime as dt
import statistics
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.catalogue.library import Catalogue, load_catalogue
from data.catalogue.list_price import ListPrice
from data.flops.flops_model import load_flops_model
from leaderboard.board.tables import list_prices
from leaderboard.cost_model.estimate import CostEstimate
from leaderboard.cost_model.list_prices import Market, compared, market, ratio
from leaderboard.cost_model.surface import Surface
from leaderboard.cost_model.target import TargetOptions, deployment_target

TODAY = dt.date(2026, 11, 21)
FILE = """
family = "painters"
provider = "somebody"
licence = "Terms"
task = "{task}"
"""
MODEL = """
[[models]]
id = "{id}"
title = "{id}"
released = 2026-01-01
revision = "1"
revision_pinned = true
remote = {{ adapter = "openai_images", base_url = "https://{id}.example/v1", model = "{id}" }}
settings = {{ {settings} }}
{more}
"""


def priced(usd: float, unit: str = "image") -> str:
    return f'price = {{ unit = "{unit}", usd = {usd}, as_of = 2026-11-20, source = "https://prices.example" }}'


@pytest.fixture
def catalogue(tmp_path: Path) -> Catalogue:
    still, moving = "width = 1536, height = 1024", "width = 1280, height = 720, frames = 96, fps = 24.0"
    images = {
        "dear": priced(0.08),
        "cheap": priced(0.01, "request"),
        "own-server": priced(0.0),
        "secret": "",
        "gone": f"retired = 2026-11-21\n{priced(0.001)}",
    }
    videos = {"clip": priced(2.0, "request"), "reel": priced(0.3, "second-of-video")}
    for task, tables, settings in (("text-to-image", images, still), ("text-to-video", videos, moving)):
        models = [MODEL.format(id=name, settings=settings, more=more) for name, more in tables.items()]
        (tmp_path / f"{task}.toml").write_text(FILE.format(task=task) + "".join(models))
    return load_catalogue([tmp_path])


def of(catalogue: Catalogue, *, video: bool = False, shipped: bool = False, today: dt.date = TODAY) -> Market:
    """The market, without what ships unless it is asked for."""
    used = catalogue if shipped else dataclasses.replace(catalogue, list_prices=())
    return market(used, video=video, today=today)


def answer(model: str) -> CostEstimate:
    """What a model does at its own shape on the default accelerator."""
    atlas = load_flops_model()
    return Surface(atlas).at(model, atlas.shape(model), deployment_target(TargetOptions(), (), load_catalogue()))


def test_images_are_listed_cheapest_first_and_neither_retired_nor_ones_own(catalogue: Catalogue) -> None:
    offers = of(catalogue)
    assert [(price.model, price.usd, price.resolution) for price in offers.prices] == [
        ("cheap", 0.01, "1536×1024"),
        ("dear", 0.08, "1536×1024"),
    ]
    assert "secret" in offers.unpriced
    assert "secret" in offers.silence
    assert "gone" in [price.model for price in of(catalogue, today=dt.date(2026, 11, 20)).prices]


def test_a_request_of_video_is_spread_over_its_seconds(catalogue: Catalogue) -> None:
    offers = of(catalogue, video=True)
    assert [(price.model, price.usd) for price in offers.prices] == [("reel", 0.3), ("clip", pytest.approx(2.0 / 4))]
    assert (offers.unit, offers.silence) == ("a second of video", "")


def test_what_ships_stands_among_ones_own_by_price(catalogue: Catalogue) -> None:
    offers = of(catalogue, shipped=True)
    assert {"cheap", "flux-dev", "dear"} < {price.model for price in offers.prices}
    assert [price.usd for price in offers.prices] == sorted(price.usd for price in offers.prices)
    assert {price.unit for price in offers.prices} == {"image"}


def test_a_remote_model_with_a_list_price_is_not_called_unpriced() -> None:
    offers = of(load_catalogue(), shipped=True)
    assert "grok-imagine-image" not in offers.unpriced
    assert all(name.startswith("gpt-image") for name in offers.unpriced)


def test_a_price_of_ones_own_stands_in_place_of_that_providers_list_price(tmp_path: Path) -> None:
    model = MODEL.format(id="grok-imagine-image", settings="width = 1024, height = 1024", more=priced(0.015))
    text = (FILE.format(task="text-to-image") + model).replace('"somebody"', '"XAI"')
    (tmp_path / "own.toml").write_text(text.replace('id = "grok-imagine-image"', 'id = "my-grok"'))
    offers = of(load_catalogue([tmp_path]), shipped=True)
    assert [(price.model, price.usd) for price in offers.prices if "Grok" in price.title or "grok" in price.title] == [
        ("my-grok", 0.015),
        ("grok-imagine-image-pro", 0.05),
        ("grok-imagine-image-2.0", 0.06),
    ]


def test_a_digest_names_the_same_model_the_cheapest_the_median_and_the_dearest() -> None:
    offers = of(load_catalogue(), shipped=True)
    digest = offers.digest("flux.1-dev")
    assert [(entry.price.model, entry.why) for entry in digest if entry.why == "the same model"] == [
        ("flux-dev", "the same model")
    ]
    assert [entry.why for entry in digest if entry.why != "the same model"] == ["cheapest", "median", "dearest"]
    assert digest[0].price.usd == min(price.usd for price in offers.prices)
    assert digest[-1].price.usd == max(price.usd for price in offers.prices)
    assert next(entry.price.usd for entry in digest if entry.why == "median") == statistics.median_low(
        price.usd for price in offers.prices
    )
    assert offers.digest("flux.1-schnell")[0].why == "the same model, cheapest"


@given(number=st.integers(0, 40), same=st.sets(st.integers(0, 40)))
def test_a_digest_has_at_most_eight_prices_and_a_short_list_is_whole(number: int, same: set[int]) -> None:
    prices = tuple(
        ListPrice(
            provider="p",
            model=f"m{at}",
            title="t",
            unit="image",
            usd=1.0 + at,
            as_of=TODAY,
            source="s",
            architecture="mine" if at in same else None,
        )
        for at in range(number)
    )
    digest = Market(video=False, prices=prices, unpriced=()).digest("mine")
    assert len(digest) <= 8
    assert [entry.price.usd for entry in digest] == sorted({entry.price.usd for entry in digest})
    assert {price.model for price in prices} == {entry.price.model for entry in digest} or number > 4


def test_the_same_model_is_compared_by_the_price_of_an_output() -> None:
    offers, dev = of(load_catalogue(), shipped=True), answer("flux.1-dev")
    (listed_price,) = offers.same("flux.1-dev")
    assert dev.usd is not None
    assert ratio(dev, listed_price) == pytest.approx(dev.usd / 0.025)
    assert list_prices.same_models([offers], [dev]) == (
        "Black Forest Labs lists FLUX.1 [dev] at $0.025 an image: here, on a machine that is never idle, it is "
        f"{0.025 / dev.usd:.1f} times cheaper."
    )


@pytest.mark.parametrize(
    ("over", "words"),
    [
        (0.216, "4.6 times cheaper"),
        (0.97, "about as dear"),
        (1.02, "about as dear"),
        (3.0, "3.0 times dearer"),
        (40.4, "40 times dearer"),
    ],
)
def test_a_ratio_of_prices_is_said_in_times(over: float, words: str) -> None:
    assert compared(over) == words


def test_without_a_price_of_ours_nothing_is_compared() -> None:
    free = dataclasses.replace(answer("flux.1-dev"), cost=None)
    offers = of(load_catalogue(), shipped=True)
    assert list_prices.same_models([offers], [free, answer("sdxl")]) == ""
    assert all(row["ours"].text == "" for row in list_prices.list_prices([offers], [free]).rows)


def test_a_ledger_shows_resolution_date_and_source_and_marks_the_same_model(catalogue: Catalogue) -> None:
    markets = [of(catalogue, shipped=True), of(catalogue, video=True, shipped=True)]
    rows = {
        row["model"].help.split(":")[0]: row for row in list_prices.list_prices(markets, [answer("flux.1-dev")]).rows
    }
    dear, dev = rows["dear"], rows["flux-dev"]
    assert [dear[key].text for key in ("usd", "unit", "resolution", "as_of", "ours")] == [
        "$0.080",
        "an image",
        "1536×1024",
        "20 Nov 2026",
        "",
    ]
    assert dear["usd"].help == "dear: https://prices.example."
    assert (dev["model"].badges[0].text, dev["ours"].text[-13:]) == ("the same model", "times cheaper")
    assert "https://bfl.ai/pricing, read in LiteLLM's price map, version 1." in dev["model"].help
    assert sum(bool(row["model"].badges) for row in rows.values()) == 1


def test_what_has_no_list_price_is_said_and_what_to_do() -> None:
    sentence = list_prices.about_list_prices(
        [of(load_catalogue(), video=video, shipped=True) for video in (False, True)]
    )
    assert "No list price of an image is known for gpt-image-" in sentence
    assert "of a second of video is known" not in sentence
    assert sentence.endswith("halflife board --catalogue FILE.")
