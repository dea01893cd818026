"""Two contents of one suite on the board: told apart in the selector, in what is shown, and in what is routed."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

import leaderboard
from data.home import Home
from data.store.snapshot import current
from halflife.workflows.publish import publish_routes
from leaderboard.board.connection import Observatory
from leaderboard.board.widgets import routing_panels
from leaderboard.standings import queries

APP = Path(leaderboard.__file__).parent / "board" / "app.py"


@pytest.fixture
def home(sealed_season: Path, tmp_path: Path, another_content: Callable[[Path], None]) -> Home:
    """A season with a table, and then a run with the suite's next content, for which nobody asked to route."""
    folder = Path(shutil.copytree(sealed_season, tmp_path / "observatory"))
    publish_routes(Home(folder), "shapes", "replayed")
    another_content(folder)
    publish_routes(Home(folder), "shapes", "replayed", take_over=False)
    return Home(folder)


def test_each_content_is_a_board_and_the_table_is_that_of_the_one_that_decided_it(home: Home) -> None:
    snapshot = current(home)
    assert snapshot is not None
    observatory = Observatory(home, snapshot)
    newest, older = observatory.ask(queries.boards)
    assert (newest.version, newest.newest, newest.label) == ("2", True, "shapes")
    assert (older.version, older.newest, older.label) == ("1", False, f"shapes@{older.suite_digest[:12]}")
    assert routing_panels.table_of(observatory, newest) is None
    assert routing_panels.table_of(observatory, older) is not None
    assert routing_panels.why_no_table(observatory, newest).startswith(
        "The table shapes.replayed was decided by another content: shapes, version 1 \\("
    )


def test_a_reader_chooses_between_them_and_sees_which_one_is_shown(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HALFLIFE_HOME", str(home.path))
    page = AppTest.from_file(str(APP), default_timeout=60).run()
    assert not page.exception
    choice = next(box for box in page.selectbox if box.label == "Suite")
    assert [option[:16] for option in choice.options] == ["Made, version 2 ", "Made, version 1 "]
    older = choice.select_index(1).run()
    assert not older.exception
    assert any("version 1 (" in caption.value.replace("\\", "") for caption in older.caption)
