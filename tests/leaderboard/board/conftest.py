"""The board's server, a browser, and two small real observatories, of pictures and of clips: each made once."""

import contextlib
import shutil
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from data.home import Home
from data.store.snapshot import current
from data.vocabulary import ALL_CATEGORIES
from leaderboard.board import server as board_server
from leaderboard.standings import queries
from tests.leaderboard.board import clips, season

if TYPE_CHECKING:
    import duckdb
    from playwright.sync_api import Browser, BrowserContext

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
CHROMIUM_OPTIONS = [
    "--no-sandbox",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def home(made_once: Callable[[str, Callable[[Path], object]], Path]) -> Iterator[Home]:
    """The observatory, built once for all workers; nobody writes into it."""
    yield Home(made_once("board", lambda folder: season.build(folder / "observatory")) / "observatory")
    import streamlit

    streamlit.cache_resource.clear()


@pytest.fixture(scope="session")
def clip_home(made_once: Callable[[str, Callable[[Path], object]], Path]) -> Home:
    """The observatory of clips, built once for all workers; nobody writes into it."""
    return Home(made_once("clips", lambda folder: clips.build(folder / "observatory")) / "observatory")


@pytest.fixture
def cursor(home: Home) -> "Iterator[duckdb.DuckDBPyConnection]":
    """A cursor on its snapshot."""
    snapshot = current(home)
    assert snapshot is not None
    with snapshot.connect() as connection:
        yield connection


@pytest.fixture
def selection(cursor: "duckdb.DuckDBPyConnection") -> queries.Selection:
    """All categories of the one suite, by its primary metric."""
    board = queries.boards(cursor)[0]
    measure = next(each for each in queries.measures(cursor, board) if each.name == board.primary_metric)
    return queries.Selection(board=board, category=ALL_CATEGORIES, measure=measure)


Serve = Callable[[Home], "contextlib.AbstractContextManager[str]"]


@pytest.fixture(scope="session")
def serve() -> Serve:
    """Serves the real board of an observatory in a process of its own while a block runs; gives its address."""
    return serving


@pytest.fixture(scope="session")
def server(home: Home) -> Iterator[str]:
    """The real board of the observatory; its address."""
    with serving(home) as address:
        yield address


@pytest.fixture(scope="module")
def chromium() -> "Iterator[Browser]":
    """Debian's Chromium, headless; while it runs, its event loop does, so that no other test may begin one."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed.")
    if CHROMIUM is None:
        pytest.skip("Debian's chromium is not installed.")
    with playwright.sync_playwright() as running:
        browser = running.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_OPTIONS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def browsing(chromium: "Browser") -> "Iterator[BrowserContext]":
    """One context of the browser, so that the scripts of Streamlit are fetched and compiled once."""
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    yield context
    context.close()


@contextlib.contextmanager
def serving(home: Home) -> Iterator[str]:
    """Serve the board of a home while the block runs; gives its address."""
    port = board_server.another_port()
    process = subprocess.Popen(
        board_server.command(port),
        env=board_server.environment(home.path),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    address = f"http://127.0.0.1:{port}"
    try:
        wait_until_healthy(address, process)
        yield address
    finally:
        process.terminate()
        process.wait(timeout=30)


def wait_until_healthy(address: str, process: "subprocess.Popen[bytes]", limit: float = 120.0) -> None:
    """Return when the server answers; fails when it ended or the limit is over."""
    end = time.monotonic() + limit
    while process.poll() is None and time.monotonic() < end:
        try:
            with urllib.request.urlopen(f"{address}/_stcore/health", timeout=5):
                return
        except OSError:
            wait_a_moment(process)
    pytest.fail(f"The board at {address} did not start (exit code {process.poll()}).")


def wait_a_moment(process: "subprocess.Popen[bytes]") -> None:
    """Wait a moment, or until the process ends."""
    try:
        process.wait(timeout=0.2)
    except subprocess.TimeoutExpired:
        return
