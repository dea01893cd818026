"""List prices are the catalogue's, of remote models that can be called, cheapest first."""

import datetime as dt
from pathlib import Path

import pytest

from data.catalogue.library import Catalogue, load_catalogue
from leaderboard import computed
from leaderboard.compute.list_prices import market

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
        "dear": priced(0.08), "cheap": priced(0.01, "request"), "own-server": priced(0.0), "secret": "",
        "gone": f"retired = 2026-11-21\n{priced(0.001)}",
    }  # fmt: skip
    videos = {"clip": priced(2.0, "request"), "reel": priced(0.3, "second-of-video")}
    for task, held, settings in (("text-to-image", images, still), ("text-to-video", videos, moving)):
        models = [MODEL.format(id=name, settings=settings, more=more) for name, more in held.items()]
        (tmp_path / f"{task}.toml").write_text(FILE.format(task=task) + "".join(models))
    return load_catalogue([tmp_path])


def test_images_are_listed_cheapest_first_and_neither_retired_nor_ones_own(catalogue: Catalogue) -> None:
    found = market(catalogue, video=False, today=TODAY)
    assert [(one.model.id, one.usd, one.size) for one in found.prices] == [
        ("cheap", 0.01, "1536×1024"), ("dear", 0.08, "1536×1024"),
    ]  # fmt: skip
    assert "secret" in found.unpriced
    assert "secret" in found.silence
    assert "gone" in [one.model.id for one in market(catalogue, video=False, today=dt.date(2026, 11, 20)).prices]


def test_a_request_of_video_is_spread_over_its_seconds(catalogue: Catalogue) -> None:
    found = market(catalogue, video=True, today=TODAY)
    assert [(one.model.id, one.usd) for one in found.prices] == [("reel", 0.3), ("clip", pytest.approx(2.0 / 4))]
    assert (found.unit, found.silence) == ("a second of video", "")


def test_a_ledger_shows_size_date_and_source(catalogue: Catalogue) -> None:
    markets = [market(catalogue, video=video, today=TODAY) for video in (False, True)]
    table = computed.list_prices(markets)
    assert [row["usd"].text for row in table.rows] == ["$0.010", "$0.080", "$0.30", "$0.50"]
    first = table.rows[0]
    assert [first[key].text for key in ("size", "as_of", "source")] == [
        "1536×1024", "20 Nov 2026", "https://prices.example",
    ]  # fmt: skip
    assert computed.about_list_prices(markets).startswith("As the catalogue holds them, each at its own resolution")


def test_a_catalogue_without_list_prices_says_so_and_what_to_do() -> None:
    images, videos = (market(load_catalogue(), video=video, today=TODAY) for video in (False, True))
    assert not images.prices
    assert "grok-imagine-image" in images.unpriced
    assert videos.silence == "The catalogue holds no list price of a remote model that makes videos."
    assert computed.about_list_prices([images, videos]).endswith("halflife board --catalogue FILE.")
