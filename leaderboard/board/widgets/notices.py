"""What pages say when there is nothing to show, and what must be known before a number is read."""

from typing import NoReturn

import streamlit as st

from data.catalogue.library import Catalogue, load_catalogue
from data.errors import InputFileError
from leaderboard import formatting
from leaderboard.board.connection import Observatory, catalogue, observe
from leaderboard.routing.policy.file import load_policy
from leaderboard.routing.policy.rules import Policy
from leaderboard.standings import queries
from leaderboard.standings.queries import Board


def require_boards() -> tuple[Observatory, list[Board]]:
    """Return the observatory and its boards, or say what to run and end the page."""
    observatory = observe()
    if not observatory.home.path.is_dir():
        nothing_here("There is no observatory here yet", f"Nothing at `{observatory.home.path}`.", "make demo")
    if observatory.snapshot is None:
        nothing_here(
            "Nothing is published yet", "This observatory has no snapshot to show.", "halflife run --suite shapes"
        )
    found = observatory.ask(queries.boards)
    if not found:
        nothing_here("No standings yet", "The snapshot holds no run with scores.", "halflife run --suite shapes")
    return observatory, found


def policy_in_use(observatory: Observatory) -> Policy:
    """Return the policy that the home's routes are decided by; where its file does not hold, say so and go by ours."""
    try:
        return load_policy(observatory.home.path)
    except InputFileError as error:
        st.warning(f"{inert(str(error))} The shipped policy is shown.")
        return Policy()


def catalogue_in_use() -> Catalogue:
    """Return the catalogue that the board was started with; where a file does not hold, say so and go by ours."""
    try:
        return catalogue()
    except InputFileError as error:
        st.warning(f"{inert(str(error))} The shipped catalogue is used.")
        return load_catalogue()


def nothing_here(title: str, why: str, command: str) -> NoReturn:
    """Say that there is nothing, why, and the command that changes it; the page ends."""
    with st.container(horizontal_alignment="center"):
        st.space("large")
        st.subheader(title, anchor=False)
        st.caption(why)
        st.markdown("To change that, run")
        st.code(command, language="bash", width="content")
    st.stop()


def heading(title: str, board: Board) -> None:
    """Show a page's title, and on the same line the calendar where it is not the real one."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.header(title, anchor=False, width="content")
        if board.replayed:
            st.badge("replayed calendar", color="orange", help=REPLAYED)


REPLAYED = (
    "The days are virtual: every sample was really generated and measured, but each model enters on its released date "
    "in a season of 90 days that is replayed."
)


def about(board: Board, *more: str) -> None:
    """Show what the numbers of a page were made from."""
    day = f"{'day' if board.replayed else 'as of'} {formatting.date(board.day)}"
    facts = [f"{board.title}, version {board.version}", board.task, day, *more, f"{board.machine}, {board.device}"]
    st.caption(" · ".join(inert(fact) for fact in facts))


def inert(text: str) -> str:
    """Return text that Markdown shows as it is."""
    return "".join(f"\\{character}" if character in "\\`*_{}[]<>()#+!|$:~" else character for character in text)
