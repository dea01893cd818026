"""The board in a real headless Chromium: it shows the leader, filters, restores links, and survives hostile prompts.

The server and the browser are started once for all tests. With HALFLIFE_SCREENSHOTS=1, and only then, a picture of each
page is written to docs/screenshots/: of the checkout's `observatory/` where `make demo` has filled it, else of these
tests' own.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from data.home import Home
from data.store.snapshot import current
from tests.leaderboard.board.visit import PAGES, SUITE_PAGES, Visit

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext

SCREENSHOTS = Path(__file__).resolve().parents[3] / "docs" / "screenshots"


@pytest.fixture
def visit(browsing: "BrowserContext", server: str) -> Iterator[Visit]:
    page = browsing.new_page()
    yield Visit(page, server)
    page.close()


def test_every_page_loads_without_an_error_and_asks_nobody_else(visit: Visit) -> None:
    visit.open()
    for title in PAGES:
        visit.turn_to(title)
    assert visit.errors == []
    assert visit.hosts == {urlsplit(visit.server).netloc}


def test_the_leader_stands_on_top(visit: Visit) -> None:
    assert visit.open().models()[0] == "Oak 1 Turbo"


def test_a_click_on_a_heading_sorts(visit: Visit) -> None:
    visit.open().models()
    visit.page.get_by_role("button", name="p50").click()
    assert visit.models()[0] == "Sprout 1"
    visit.page.get_by_role("button", name="p50").click()
    assert visit.models()[0] == "Cloud Draw"


def test_a_filter_narrows_the_table_and_enters_the_address(visit: Visit) -> None:
    visit.open().models()
    visit.page.get_by_role("radio", name="Remote").click()
    visit.page.wait_for_function("() => location.search.includes('where=Remote')")
    visit.page.locator("text=Oak 1 Turbo").first.wait_for(state="detached")
    assert visit.models() == ["Cloud Draw"]


@pytest.mark.parametrize(
    "address", ["category=long-caption&metric=clip_score", "category=Long+caption&metric=CLIP+score"]
)
def test_a_deep_link_restores_what_was_chosen(visit: Visit, address: str) -> None:
    visit.open(f"/?{address}")
    visit.page.get_by_role("button", name="CLIP score").wait_for()
    assert visit.page.get_by_role("combobox", name="Category").input_value() == "Long caption"


def test_an_unknown_value_in_the_address_is_named(visit: Visit) -> None:
    visit.open("/?metric=<script>")
    visit.page.locator('[data-testid="stAlert"]').first.wait_for()
    assert "Unknown metric" in visit.page.locator('[data-testid="stAlert"]').first.inner_text()


def test_a_script_in_a_prompt_is_shown_and_never_run(visit: Visit) -> None:
    visit.open("/gallery?prompt=single-01")
    quoted = visit.page.locator("blockquote.prompt")
    quoted.wait_for()
    assert quoted.inner_text().startswith("<script>document.title='owned'</script>")
    assert visit.page.title() != "owned"


def test_a_refused_sample_stands_in_the_gallery_with_its_reason(visit: Visit) -> None:
    visit.open("/gallery?prompt=single-01")
    missing = visit.page.locator(".frame.missing").first
    missing.wait_for()
    assert missing.inner_text().startswith("Refused")
    assert "content_policy_violation" in missing.inner_text()


def test_pictures_come_from_our_own_route(visit: Visit) -> None:
    visit.open("/gallery?prompt=single-00")
    image = visit.page.locator("article img").first
    image.wait_for()
    visit.page.wait_for_function("image => image.complete && image.naturalWidth > 0", arg=image.element_handle())
    assert str(image.get_attribute("src")).startswith("/t/")


def test_a_picture_whose_file_is_gone_says_so(visit: Visit) -> None:
    visit.page.route("**/t/*", lambda route: route.fulfill(status=404))
    visit.open("/gallery?prompt=single-00")
    gone = visit.page.locator("article .gone").first
    gone.wait_for()
    assert gone.inner_text() == "This file is gone, or cannot be shown."


def test_paired_differences_stand_below_the_standings(visit: Visit) -> None:
    visit.open("/?pairs=true")
    visit.page.get_by_role("table", name="Paired differences").wait_for()


@pytest.mark.parametrize("path", ["/", "/trade-off", "/gallery", "/lifecycle"])
def test_a_narrow_window_never_scrolls_sideways(visit: Visit, path: str) -> None:
    visit.page.set_viewport_size({"width": 420, "height": 900})
    visit.open(path)
    wide = "() => document.querySelector('[data-testid=stMain]').scrollWidth - window.innerWidth"
    assert visit.page.evaluate(wide) <= 0


def test_the_cost_surface_answers_a_deep_link_and_another_resolution(visit: Visit) -> None:
    visit.page.goto(f"{visit.server}/cost-surface?models=flux.1-dev")
    shape = visit.page.locator("table").first.locator("td .text").nth(1)
    shape.filter(has_text="1024×1024, 28 steps").wait_for()
    visit.page.get_by_role("slider", name="Resolution").press("ArrowRight")
    shape.filter(has_text="1280×720, 28 steps").wait_for()


@pytest.fixture(scope="module")
def pictured(home: Home, serve: "Callable[[Home], AbstractContextManager[str]]") -> Iterator[str]:
    """The board that screenshots are taken of; its address."""
    demo = Home(SCREENSHOTS.parents[1] / "observatory")
    with serve(demo if current(demo) else home) as address:
        yield address


def _addresses() -> dict[str, str]:
    """Return for the name of each screenshot where it is taken: each page, and three of them for clips too."""
    addresses = {}
    for title in PAGES:
        page = title.lower().replace(" ", "-")
        path = "/" if title == "Standings" else f"/{page}"
        addresses[page] = f"{path}?task=text-to-image" if title in SUITE_PAGES else path
        if title in ("Standings", "Trade-off", "Gallery"):
            addresses[f"{page}-clips"] = f"{path}?task=text-to-video"
    return addresses


@pytest.mark.skipif(os.environ.get("HALFLIFE_SCREENSHOTS") != "1", reason="Only with HALFLIFE_SCREENSHOTS=1.")
@pytest.mark.parametrize("name", _addresses())
def test_a_screenshot_of_each_page(chromium: "Browser", pictured: str, name: str) -> None:
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, device_scale_factor=1.5)
    visit = Visit(context.new_page(), pictured).open(_addresses()[name])
    visit.page.locator(", ".join(["article", "table", "canvas", "svg.marks"])).first.wait_for()
    visit.page.wait_for_timeout(4000)
    tall = int(visit.page.evaluate("() => document.querySelector('[data-testid=stMain]').scrollHeight"))
    visit.page.set_viewport_size({"width": 1280, "height": max(700, min(tall, 2400))})
    visit.page.wait_for_timeout(500)
    place = SCREENSHOTS / f"{name}.png"
    visit.page.screenshot(path=place)
    assert place.stat().st_size > 10_000
    context.close()
