"""The pages run as Streamlit runs them, without a browser: what is in the tables, and what empty states say."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from streamlit.testing.v1 import AppTest

import leaderboard
from data.home import Home

APP = Path(leaderboard.__file__).parent / "board" / "app.py"
Visit = Callable[[str], AppTest]
HEADERS = {
    "trade_off": "Trade-off",
    "gallery": "Gallery",
    "lifecycle": "Lifecycle",
    "cost_surface": "Cost surface",
    "profile": "Profile",
}


@pytest.fixture
def page(home: Home, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    monkeypatch.setenv("HALFLIFE_HOME", str(home.path))
    return AppTest.from_file(str(APP), default_timeout=60)


def tables(page: AppTest) -> list[dict[str, Any]]:
    """What the components were given."""
    return [json.loads(component.proto.json or component.proto.mixed.json) for component in page.get("bidi_component")]


class Opened(NamedTuple):
    """A board that has run once, and what its first page showed."""

    board: AppTest
    headers: list[str]
    captions: list[str]
    tables: list[dict[str, Any]]


@pytest.fixture(scope="module")
def opened(home: Home) -> Opened:
    """One board for all tests that only look."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HALFLIFE_HOME", str(home.path))
        page = AppTest.from_file(str(APP), default_timeout=60).run()
    assert not page.exception
    return Opened(
        page, [header.value for header in page.header], [caption.value for caption in page.caption], tables(page)
    )


@pytest.fixture
def visit(opened: Opened, home: Home, monkeypatch: pytest.MonkeyPatch) -> Visit:
    """Goes to the page of a file, and sees by the header that it arrived.

    `switch_page` knows addresses only after a run: before, it takes the file's name for one, and shows the first page
    where they differ.
    """
    monkeypatch.setenv("HALFLIFE_HOME", str(home.path))

    def visited(name: str) -> AppTest:
        page = opened.board.switch_page(f"views/{name}.py").run()
        assert [header.value for header in page.header] == [HEADERS[name]]
        return page

    return visited


def test_standings_show_the_leader_first(opened: Opened) -> None:
    assert opened.headers == ["Standings"]
    assert opened.tables[0]["rows"][0]["model"]["text"] == "Oak 1 Turbo"


def test_a_filter_narrows_the_standings(page: AppTest) -> None:
    page.run()
    page.segmented_control(key="where").select("Remote").run()
    assert [row["model"]["text"] for row in tables(page)[0]["rows"]] == ["Cloud Draw"]


def test_a_deep_link_by_id_restores_category_and_metric(page: AppTest) -> None:
    page.query_params.update({"category": "long-caption", "metric": "clip_score"})
    page.run()
    assert (page.selectbox(key="category").value, page.selectbox(key="metric").value) == ("long-caption", "clip_score")
    assert tables(page)[0]["label"].startswith("Standings by CLIP score")


def test_an_unknown_parameter_falls_back_with_a_notice(page: AppTest) -> None:
    page.query_params.update({"metric": "<img src=x onerror=alert(1)>"})
    page.run()
    assert page.selectbox(key="metric").value == "shapes_correct"
    assert "Unknown metric" in page.warning[0].value
    assert "<img" not in page.warning[0].value


def test_the_minimum_detectable_difference_is_printed(opened: Opened) -> None:
    assert any("Minimum detectable difference" in caption for caption in opened.captions)


def test_paired_differences_come_on_demand(page: AppTest) -> None:
    page.run()
    labels = [table["label"] for table in tables(page)]
    page.toggle(key="pairs").set_value(True).run()
    (pairs,) = [table for table in tables(page) if table["label"] not in labels]
    assert len(pairs["rows"]) == 21


@pytest.mark.parametrize("name", ["trade_off", "gallery", "lifecycle"])
def test_each_page_runs_and_says_that_the_calendar_is_replayed(visit: Visit, name: str) -> None:
    page = visit(name)
    assert not page.exception
    assert any("replayed calendar" in markdown.value for markdown in page.markdown)


def test_the_gallery_gives_the_prompt_as_text(page: AppTest) -> None:
    page.query_params.update({"prompt": "single-01"})
    page.switch_page("views/gallery.py").run()
    assert [header.value for header in page.header] == ["Gallery"]
    assert tables(page)[0]["prompt"].startswith("<script>")


def test_the_lifecycle_says_when_the_prior_speaks(visit: Visit) -> None:
    page = visit("lifecycle")
    assert any("prior" in caption.value for caption in page.caption)
    assert [metric.label for metric in page.metric] == [
        "Half-life in the top 3",
        "Tenures observed",
        "Hero",
        "Workhorse",
    ]


@pytest.mark.parametrize("made", [False, True])
def test_an_empty_observatory_says_what_to_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, made: bool) -> None:
    if made:
        Home(tmp_path / "home").prepare()
    monkeypatch.setenv("HALFLIFE_HOME", str(tmp_path / "home"))
    page = AppTest.from_file(str(APP), default_timeout=60).run()
    assert not page.exception
    assert page.code[0].value == ("halflife run --suite shapes" if made else "make demo")


@pytest.mark.parametrize("name", ["cost_surface", "profile"])
def test_pages_of_compute_run_on_the_atlas_alone(visit: Visit, name: str) -> None:
    page = visit(name)
    assert not page.exception
    assert page.selectbox(key="on").value == "h100"
