"""A small fragment that looks for a new snapshot and shows it, without touching what the reader has typed."""

import streamlit as st

from leaderboard.board.connection import observe


@st.fragment(run_every="5s")
def watch(generation: int) -> None:
    """Rerun the app when the newest snapshot is another than `generation`."""
    if observe().generation != generation:
        st.rerun(scope="app")
