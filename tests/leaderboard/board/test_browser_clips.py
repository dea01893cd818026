"""The pages of an observatory of clips in a real headless Chromium: they play in step, and cost by the second."""

import itertools
import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

import pytest

from data.home import Home
from tests.leaderboard.board.visit import SUITE_PAGES, Visit

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext

CLIPS = "videos => videos.map(v => [v.readyState, v.duration, v.videoWidth, v.currentTime])"
READY = "videos => videos.length > 0 && videos.every(v => v.readyState >= 2 && !v.seeking)"
COLUMN = """video => {
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [video.videoWidth, video.videoHeight];
    const context = canvas.getContext('2d');
    context.drawImage(video, 0, 0);
    const row = context.getImageData(0, canvas.height * 8 / 32, canvas.width, 1).data;
    return [...Array(canvas.width).keys()].findIndex(x => row[4 * x + 2] < 150);
}"""
"""Where the square begins in the first clip, in pixels: what is on the screen, not what the player says."""


@pytest.fixture(scope="module")
def clip_server(clip_home: Home, serve: Callable[[Home], AbstractContextManager[str]]) -> Iterator[str]:
    with serve(clip_home) as address:
        yield address


@pytest.fixture
def visit(browsing: "BrowserContext", clip_server: str) -> Iterator[Visit]:
    page = browsing.new_page()
    yield Visit(page, clip_server)
    page.close()


def clips(visit: Visit) -> Any:
    """Return readiness, seconds, width and position of each clip once all have settled."""
    videos = visit.page.locator("video")
    while not videos.evaluate_all(READY):
        visit.page.wait_for_timeout(50)
    visit.page.wait_for_timeout(100)
    return videos.evaluate_all(CLIPS)


def column(visit: Visit) -> Any:
    return visit.page.locator("video").first.evaluate(COLUMN)


@pytest.fixture
def gallery(visit: Visit) -> Visit:
    visit.open("/gallery?prompt=single-02").page.locator("video").first.wait_for()
    clips(visit)
    return visit


def test_the_delivery_files_play(visit: Visit) -> None:
    visit.open().turn_to("Gallery")
    assert [(state >= 2, length, width) for state, length, width, _ in clips(visit)] == [(True, 1.0, 256)] * 3
    assert visit.errors == []


def test_a_step_shows_the_next_frame_of_every_clip(gallery: Visit) -> None:
    starts = []
    for _ in range(4):
        gallery.page.get_by_role("button", name="One frame on").click()
        times = [time for *_, time in clips(gallery)]
        assert len(times) == 4
        assert max(times) - min(times) < 0.01
        starts.append(column(gallery))
    assert [after - before for before, after in itertools.pairwise(starts)] == [16, 16, 16]
    assert "frame 5 of 8" in gallery.page.locator(".clock").inner_text()


def test_scrubbing_changes_the_frame(gallery: Visit) -> None:
    gallery.page.get_by_role("slider", name="Frame").fill("6")
    clips(gallery)
    assert column(gallery) == 8 * (2 + 2 * 6)


def test_all_clips_play_and_stop_together(gallery: Visit) -> None:
    page = gallery.page
    page.get_by_role("button", name="Play all clips").click()
    while not all(time > 0 for *_, time in page.locator("video").evaluate_all(CLIPS)):
        page.wait_for_timeout(20)
    page.get_by_role("button", name="Pause all clips").click()
    times = [time for *_, time in clips(gallery)]
    assert max(times) - min(times) < 0.01


def test_the_arrow_keys_step_and_the_space_bar_plays(gallery: Visit) -> None:
    page = gallery.page
    page.get_by_role("slider", name="Frame").focus()
    page.keyboard.press("ArrowRight")
    assert "frame 2 of 8" in page.locator(".clock").inner_text()
    page.keyboard.press("Space")
    page.get_by_role("button", name="Pause all clips").wait_for()


def test_a_strip_of_frames_comes_from_our_own_route(gallery: Visit) -> None:
    strip = gallery.page.locator(".strip img").first
    strip.evaluate("image => image.decode()")
    assert strip.evaluate("image => [image.naturalWidth, image.naturalHeight]") == [8 * 32, 32]
    assert gallery.hosts == {gallery.server.removeprefix("http://")}


def test_a_failed_clip_stands_with_its_reason(visit: Visit) -> None:
    visit.open("/gallery?prompt=single-00")
    visit.page.get_by_text("out of memory").wait_for()


def test_no_page_says_image_of_a_clip_and_prices_are_by_the_second(visit: Visit) -> None:
    visit.open()
    for title in SUITE_PAGES:
        visit.turn_to(title)
        words = visit.page.locator("[data-testid=stMain]").inner_text()
        assert not re.search(r"\bimages?\b", words, re.IGNORECASE), title
    visit.turn_to("Standings")
    heads = visit.page.locator("thead").first.inner_text()
    assert re.search(r"of\svideo", heads)
    assert "Real-time factor" in heads


@pytest.mark.parametrize("path", ["/", "/gallery?prompt=single-01"])
def test_a_narrow_window_never_scrolls_sideways(visit: Visit, path: str) -> None:
    visit.page.set_viewport_size({"width": 390, "height": 800})
    visit.open(path)
    visit.page.wait_for_timeout(300)
    assert visit.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
