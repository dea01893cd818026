"""What pages say when there is nothing to show, and what a reader must know before reading a number."""

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

REPLAYED = (
    "The dates are virtual. Every sample was really generated and measured, but the demo replays a season of 90 days "
    "in which each model enters on its release date."
)
OLDER = (
    "Runs since then used another content of this suite. Contents are never mixed: choose the other one under Suite."
)


def require_boards() -> tuple[Observatory, list[Board]]:
    """Return the observatory and its boards; where there are none, say what to run and end the page."""
    observatory = observe()
    if not observatory.home.path.is_dir():
        nothing_here(
            "There is no observatory yet", f"The folder `{observatory.home.path}` does not exist.", "make demo"
        )
    if observatory.snapshot is None:
        nothing_here(
            "Nothing is published yet", "This observatory has no results to show.", "halflife run --suite shapes"
        )
    boards = observatory.ask(queries.boards)
    if not boards:
        nothing_here("No standings yet", "No run in this observatory has scores.", "halflife run --suite shapes")
    return observatory, boards


def policy_in_use(observatory: Observatory) -> Policy:
    """Return the routing policy of the observatory; where its file is invalid, say so and return the shipped one."""
    try:
        return load_policy(observatory.home.path)
    except InputFileError as error:
        st.warning(f"{inert(str(error))} The shipped policy is shown.")
        return Policy()


def catalogue_in_use() -> Catalogue:
    """Return the catalogue that the board was started with; where a file is invalid, say so and return the shipped."""
    try:
        return catalogue()
    except InputFileError as error:
        st.warning(f"{inert(str(error))} The shipped catalogue is used.")
        return load_catalogue()


def nothing_here(title: str, why: str, command: str) -> NoReturn:
    """Say that there is nothing to show, why, and which command changes that; the page ends."""
    with st.container(horizontal_alignment="center"):
        st.space("large")
        st.subheader(title, anchor=False)
        st.caption(why)
        st.markdown("To change that, run")
        st.code(command, language="bash", width="content")
    st.stop()


def heading(title: str, board: Board) -> None:
    """Show a page's title, with a badge beside it where the calendar is a replayed one, or the content an older one."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.header(title, anchor=False, width="content")
        if not board.newest:
            st.badge("older content", color="gray", help=OLDER)
        if board.replayed:
            st.badge("replayed calendar", color="orange", help=REPLAYED)


def about(board: Board, *more: str) -> None:
    """Show what the numbers of a page were computed from."""
    day = f"{'day' if board.replayed else 'as of'} {formatting.date(board.day)}"
    machine = f"measured on {board.machine} ({board.device})"
    facts = [f"{board.title}, {board.content or f'version {board.version}'}", board.task, day, *more, machine]
    st.caption(" · ".join(inert(fact) for fact in facts))


def inert(text: str) -> str:
    """Return text that Markdown shows as it is."""
    return "".join(f"\\{character}" if character in "\\`*_{}[]<>()#+!|$:~" else character for character in text)
