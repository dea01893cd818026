"""The two components of our own: the ledger (a table with intervals) and the wall (a gallery of results).

Their code lies in `leaderboard/assets` and is served from this machine. Data reaches them as JSON and the page as text.
"""

from pathlib import Path

import streamlit as st

from leaderboard.ledger import Ledger
from leaderboard.tiles import Wall

ASSETS = Path(__file__).resolve().parents[1] / "assets"


def _asset(name: str) -> str:
    return (ASSETS / name).read_text(encoding="utf-8")


_LEDGER = st.components.v2.component(
    "halflife_ledger",
    html='<div class="ledger"></div>\n\n',
    css=_asset("ledger.css"),
    js=_asset("ledger.js"),
)
_WALL = st.components.v2.component(
    "halflife_wall",
    html='<div class="wall"></div>\n\n',
    css=_asset("wall.css"),
    js=_asset("wall.js"),
)


def ledger(table: Ledger, *, key: str) -> None:
    """Show a ledger."""
    _LEDGER(key=key, data=table.as_json())


def wall(tiles: Wall, *, key: str) -> None:
    """Show a wall of tiles."""
    _WALL(key=key, data=tiles.as_json())
