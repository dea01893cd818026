"""The pages about compute run as Streamlit runs them: predictions with prices, and list prices beside them."""

import json
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

import leaderboard
from leaderboard.board.server import CATALOGUE_VARIABLE

VIEWS = Path(leaderboard.__file__).parent / "board" / "views"
UNITS = ("an image", "a second of video")
PAINTER = """
family = "my-painter"
provider = "my-provider"
licence = "Terms"

[[models]]
id = "my-painter-2"
title = "My Painter 2"
released = 2026-10-01
revision = "1"
revision_pinned = true
settings = { width = 1024, height = 768 }
price = { unit = "image", usd = 0.03, as_of = 2026-11-20, source = "https://my-provider.example/pricing" }
remote = { adapter = "openai_images", base_url = "https://api.my-provider.example/v1", model = "painter-2" }
"""
MACHINE = """
[[machines]]
name = "workstation-cpu"
title = "Twice"
usd_per_hour = 1.0
source = "declared"
"""


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HALFLIFE_HOME", str(tmp_path / "home"))


def run(name: str) -> AppTest:
    return AppTest.from_file(str(VIEWS / f"{name}.py"), default_timeout=60).run()


def tables(page: AppTest) -> dict[str, Any]:
    """The tables of the page, by label."""
    components = page.get("bidi_component")
    shown = [json.loads(component.proto.json or component.proto.mixed.json) for component in components]
    return {table["label"]: table for table in shown}


def test_list_prices_stand_on_the_page_and_the_same_model_is_compared() -> None:
    page = run("cost_surface")
    assert not page.exception
    rows = tables(page)["List prices of providers"]["rows"]
    by_unit = {unit: [row["usd"]["sort"] for row in rows if row["unit"]["text"] == unit] for unit in UNITS}
    assert sum(map(len, by_unit.values())) == len(rows)
    assert all(prices == sorted(prices) and len(prices) > 20 for prices in by_unit.values())
    (same,) = (row for row in rows if row["model"]["badges"])
    assert (same["model"]["text"], same["provider"]["text"]) == ("FLUX.1 [dev]", "Black Forest Labs")
    captions = [caption.value for caption in page.caption]
    assert any("Black Forest Labs lists" in caption and "times cheaper" in caption for caption in captions)
    assert any("is known for gpt-image" in caption for caption in captions)
    assert any("No pipeline here streams" in caption for caption in captions)


def test_list_prices_of_the_boards_catalogue_stand_among_those_that_ship(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "painter.toml").write_text(PAINTER)
    monkeypatch.setenv(CATALOGUE_VARIABLE, str(tmp_path / "painter.toml"))
    page = run("cost_surface")
    assert not page.exception
    rows = tables(page)["List prices of providers"]["rows"]
    (row,) = (row for row in rows if row["model"]["text"] == "My Painter 2")
    assert [row[key]["text"] for key in ("provider", "usd", "unit", "resolution", "as_of")] == [
        "my-provider",
        "$0.030",
        "an image",
        "1024×768",
        "20 Nov 2026",
    ]


def test_the_profile_page_says_what_its_seconds_are_predicted_from() -> None:
    page = run("profile")
    assert not page.exception
    assert page.caption[0].value.startswith("Predicted from 3 published cells")


def test_an_invalid_catalogue_is_named_and_the_shipped_one_is_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "machine.toml").write_text(MACHINE)
    monkeypatch.setenv(CATALOGUE_VARIABLE, str(tmp_path / "machine.toml"))
    page = run("profile")
    assert not page.exception
    assert "The shipped catalogue is used" in page.warning[0].value
    assert [(metric.label, metric.delta) for metric in page.metric][-1] == ("Costs", "an image")
