"""What the encoder did not see is counted under the standings, and where brought media come from is said."""

import pytest

from leaderboard.standings import daily
from leaderboard.standings.notes import brought, notes, unseen
from leaderboard.standings.selection import select

CUT = '{"tokens":90,"truncated":true,"unknown":0,"visible_fraction":1.0}'
CROPPED = '{"tokens":9,"truncated":false,"unknown":0,"visible_fraction":0.5625}'
WHOLE = '{"tokens":9,"truncated":false,"unknown":0,"visible_fraction":1.0}'


@pytest.fixture
def selection(warehouse, fill, made):
    """Return the cursor and the selection of two models whose scores have details by the number of the prompt."""
    model, run = made
    fill(run(run_id="r", calendar="live", models=(model(name="a", right=0.5), model(name="b", right=0.6)), seeds=(0,)))
    daily.update(warehouse)
    cursor = warehouse.cursor()
    return cursor, select(cursor)


def detail(cursor, text, below):
    cursor.execute("UPDATE scores SET detail = ? WHERE prompt < ?", [text, f"p{below:03}"])


def test_prompts_that_are_cut_and_pictures_that_are_cropped_are_counted(selection):
    cursor, chosen = selection
    detail(cursor, WHOLE, 40)
    detail(cursor, CROPPED, 10)
    detail(cursor, CUT, 3)
    said = unseen(cursor, chosen)
    assert "the ends of 3 of 40 prompts" in said
    assert "the edges of 14 of 80 pictures, of which it sees 56.2" in said


@pytest.mark.parametrize("text", [WHOLE, None, '{"rank":1,"among":40}'])
def test_where_all_was_seen_or_nothing_is_known_nothing_is_said(selection, text):
    cursor, chosen = selection
    detail(cursor, text, 40)
    assert unseen(cursor, chosen) is None
    assert notes(cursor, chosen) == ()


def test_a_run_that_was_brought_is_said_with_origin_and_day(selection):
    cursor, chosen = selection
    cursor.execute("UPDATE runs SET brought = 'the June folder'")
    assert "a (from the June folder, 2026-01-01); b (from the June folder, 2026-01-01)" in brought(cursor, chosen)
