"""The two components of our own: the ledger (a table with intervals) and the wall (a gallery of results).

Their code lies in `leaderboard/board/assets` and is served from this machine. Data reaches them as JSON and the page
as text.
"""

from pathlib import Path

import streamlit as st

from leaderboard.board.gallery import Gallery
from leaderboard.board.tables.table import Table

ASSETS = Path(__file__).resolve().parents[1] / "assets"


def _asset(name: str) -> str:
    return (ASSETS / name).read_text(encoding="utf-8")


_LEDGER = st.components.v2.component(
    "halflife_ledger",
    html='<div class="ledger"></div>\n\n',
    css=_asset("table.css"),
    js=_asset("table.js"),
)
_WALL = st.components.v2.component(
    "halflife_wall",
    html='<div class="wall"></div>\n\n',
    css=_asset("gallery.css"),
    js=_asset("gallery.js"),
)


def ledger(table: Table, *, key: str) -> None:
    """Show a ledger."""
    _LEDGER(key=key, data=table.as_json())


def wall(tiles: Gallery, *, key: str) -> None:
    """Show a wall of tiles."""
    _WALL(key=key, data=tiles.as_json())
