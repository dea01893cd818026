"""The two components of our own: a table with intervals, and a gallery of samples.

Their scripts and styles lie in `leaderboard/board/assets` and are served from this machine. Data reaches them as JSON,
and the page as text.
"""

from pathlib import Path

import streamlit as st

from leaderboard.board.gallery import Gallery
from leaderboard.board.tables.table import Table
from leaderboard.board.widgets.notices import inert

ASSETS = Path(__file__).resolve().parents[1] / "assets"


def _asset(name: str) -> str:
    return (ASSETS / name).read_text(encoding="utf-8")


_TABLE = st.components.v2.component(
    "halflife_table",
    html='<div class="table"></div>',
    css=_asset("table.css"),
    js=_asset("table.js"),
)
_GALLERY = st.components.v2.component(
    "halflife_gallery",
    html='<div class="gallery"></div>',
    css=_asset("gallery.css"),
    js=_asset("gallery.js"),
)


def show_table(table: Table, *, key: str) -> None:
    """Show a table, or the sentence that it has no rows."""
    if not table.rows:
        st.info(f"There is nothing to list yet: {inert(table.label)}.")
        return
    _TABLE(key=key, data=table.as_json())


def show_gallery(gallery: Gallery, *, key: str) -> None:
    """Show a gallery."""
    _GALLERY(key=key, data=gallery.as_json())
