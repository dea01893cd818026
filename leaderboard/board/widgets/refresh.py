"""A fragment that looks for a new snapshot every five seconds, and reruns the page with the reader's choices kept."""

import streamlit as st

from leaderboard.board.connection import observe


@st.fragment(run_every="5s")
def rerun_on_new_snapshot(generation: int) -> None:
    """Rerun the app as soon as the newest snapshot is not `generation` any more."""
    if observe().generation != generation:
        st.rerun(scope="app")
