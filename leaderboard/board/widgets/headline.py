"""A headline figure: what it is, its value, and what must be read with it."""

import streamlit as st

from leaderboard.board.widgets.notices import inert


def headline(label: str, value: str, below: str, *, help: str | None = None) -> None:
    """Show a figure in large print with a note below it; `help` explains it in a tooltip."""
    st.metric(label, inert(value), delta=inert(below), delta_color="off", delta_arrow="off", help=help)
