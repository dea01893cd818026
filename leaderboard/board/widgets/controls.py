"""What a reader chooses, kept in the page's address: suite, category, metric, task, where models run.

An address may carry an id (`?metric=clip_score`) or the label that Streamlit writes (`?metric=CLIP score`). What is
neither falls back to the default, and a notice says so.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st

from data.vocabulary import ALL_CATEGORIES
from leaderboard import formatting
from leaderboard.board.connection import Observatory
from leaderboard.standings import queries
from leaderboard.standings.queries import Board, BoardMetric, Selection

if TYPE_CHECKING:
    import pandas as pd

EVERYWHERE = "All"
PLACES = (EVERYWHERE, "Local", "Remote")


@dataclass(frozen=True, slots=True)
class Filter:
    """A selection, and which of its models are shown."""

    selection: Selection
    where: str

    def shows(self, location: object) -> bool:
        """Whether models that run there are shown."""
        return self.where == EVERYWHERE or self.where.lower() == location


def choose(label: str, options: Mapping[str, str], *, key: str, default: str | None = None) -> str:
    """Show a select box over `options` (id to label), bound to the query parameter `key`, and return the chosen id."""
    ids = list(options)
    _follow_address(label, options, key=key)
    start = ids.index(default) if default in ids else 0
    chosen = st.selectbox(
        label, ids, index=start, format_func=lambda one: options.get(one, one), key=key, bind="query-params"
    )
    return chosen if chosen in options else ids[start]


def _follow_address(label: str, options: Mapping[str, str], *, key: str) -> None:
    """Choose what an id in the address names, and remember where it names nothing that is known."""
    named = st.query_params.get(key)
    if key in st.session_state:
        if st.session_state[key] not in (*options, *options.values()):
            del st.session_state[key]
        return
    if named is None or named in options.values():
        return
    if named in options:
        st.session_state[key] = named
        return
    st.session_state.setdefault("unknown_parameters", {})[key] = (label, named)


def unknown_parameters() -> None:
    """Say which parts of the address named nothing that is known; once, in the run that met them."""
    for label, named in st.session_state.pop("unknown_parameters", {}).values():
        st.warning(f"Unknown {label.lower()} {_quoted(named)} in the address; the default is shown.")


def choose_board(observatory: Observatory, boards: Sequence[Board]) -> Board:
    """Show the task (where there are several) and the suite, and return the board."""
    tasks = list(dict.fromkeys(board.task for board in boards))
    held = list(boards)
    if len(tasks) > 1:
        task = choose("Task", {one: formatting.label(one) for one in tasks}, key="task")
        held = [board for board in boards if board.task == task]
    twice = len({board.suite for board in held}) < len(held)
    named = {_key(board, twice): board for board in held}
    labels = {key: board.title + (f" ({board.calendar})" if twice else "") for key, board in named.items()}
    return named[choose("Suite", labels, key="suite")]


def choose_filter(observatory: Observatory, boards: Sequence[Board]) -> Filter:
    """Show all filters in a row and return what they select."""
    with st.container(horizontal=True, vertical_alignment="top", gap="small"):
        board = choose_board(observatory, boards)
        category = choose_category(observatory, board)
        measure = choose_measure(observatory, board)
        where = _where()
    return Filter(Selection(board=board, category=category, measure=measure), where)


def choose_category(observatory: Observatory, board: Board) -> str:
    """Show the categories of a board and return one, or `*`."""
    found = observatory.ask(queries.categories, board)
    ids = {("all" if one == ALL_CATEGORIES else one): formatting.label(one) for one in found}
    chosen = choose("Category", ids, key="category")
    return ALL_CATEGORIES if chosen == "all" else chosen


def choose_measure(observatory: Observatory, board: Board) -> BoardMetric:
    """Show the metrics that have standings and return one; the suite's primary metric is the default."""
    found = {one.name: one for one in observatory.ask(queries.measures, board)}
    labels = {name: one.title for name, one in found.items()}
    return found[choose("Metric", labels, key="metric", default=board.primary_metric)]


def choose_prompt(prompts: "pd.DataFrame") -> str:
    """Show the prompts and return the chosen one's id; the box writes texts as text."""
    labels = {str(row.prompt): _short(str(row.text), str(row.prompt)) for row in prompts.itertuples()}
    return choose("Prompt", labels, key="prompt")


def choose_seed(samples: "pd.DataFrame") -> int:
    """Show the seeds that a prompt was sampled with, where there are several, and return one."""
    seeds = sorted({int(seed) for seed in samples["seed"]}) or [0]
    if len(seeds) == 1:
        return seeds[0]
    labels = {str(seed): str(seed) for seed in seeds}
    _follow_address("seed", labels, key="seed")
    chosen = st.segmented_control(
        "Seed", list(labels), default=labels[str(seeds[0])], key="seed", bind="query-params", required=True
    )
    return int(chosen) if chosen in labels else seeds[0]


def _short(text: str, identifier: str) -> str:
    words = " ".join(text.split())
    return f"{words[:90]}… ({identifier})" if len(words) > 90 else f"{words} ({identifier})"


def _where() -> str:
    _follow_address("place", dict(zip(PLACES, PLACES, strict=True)), key="where")
    chosen = st.segmented_control("Runs", PLACES, default=EVERYWHERE, key="where", bind="query-params", required=True)
    return chosen if chosen in PLACES else EVERYWHERE


def _key(board: Board, twice: bool) -> str:
    return f"{board.suite}-{board.calendar}" if twice else board.suite


def _quoted(named: str) -> str:
    """Return what an address said as inert text: no markup, not long."""
    plain = "".join(character for character in named if character.isalnum() or character in " ._-")
    return f"“{plain[:40]}”"
