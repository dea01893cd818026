"""The demo's observatory in a real headless Chromium."""

import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from data.home import Home
from data.store.snapshot import current
from tests.leaderboard.board.visit import SUITE_PAGES, Visit

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext


BOARDS = {"text-to-image": "shapes_correct", "text-to-video": "motion_correct"}


@pytest.mark.timeout(1200)
def test_the_demos_leaders_stand_on_every_page(
    browsing: "BrowserContext", demo_home: Path, serve: "Callable[[Home], AbstractContextManager[str]]"
) -> None:
    with serve(Home(demo_home)) as address:
        visit = Visit(browsing.new_page(), address)
        for task, metric in BOARDS.items():
            leader = _leader(Home(demo_home), metric)
            assert visit.open(f"/?task={task}").models()[0] == leader
            for title in SUITE_PAGES:
                visit.turn_to(title)
                shown = _hero(demo_home, task) if title == "Routes" else leader
                visit.page.get_by_text(shown).first.wait_for(state="attached")
                visit.page.get_by_text("replayed calendar").first.wait_for()
        assert visit.errors == []
        visit.page.close()


def _hero(home: Path, task: str) -> str:
    """Return the title of the model that the overall hero route of the task's table serves."""
    tables = [json.loads(path.read_text()) for path in (home / "routing").glob("*/current.json")]
    (route, table) = next(
        (route, table)
        for table in tables
        for route in table["routes"]
        if (route["task"], route["category"]) == (task, "overall")
    )
    return str(table["deployments"][route["tiers"]["hero"]["candidates"][0]["deployment"]]["model"])


def _leader(home: Home, metric: str) -> str:
    snapshot = current(home)
    assert snapshot is not None
    query = """
        SELECT models.title FROM standings JOIN models USING (model)
        WHERE metric = $metric AND category = '*'
          AND day = (SELECT max(day) FROM standings WHERE metric = $metric) ORDER BY rank LIMIT 1
    """
    with snapshot.connect() as connection:
        row = connection.execute(query, {"metric": metric}).fetchone()
    assert row is not None
    return str(row[0])
