"""What a reader chooses, kept in the page's address: suite, category, metric, task, location.

An address may carry an id (`?metric=clip_score`) or the label that Streamlit writes (`?metric=CLIP score`). Anything
else falls back to the default, and a notice says so.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st

from data.vocabulary import ALL_CATEGORIES
from leaderboard import formatting
from leaderboard.board.connection import Observatory
from leaderboard.standings import queries
from leaderboard.standings.contents import SHORT
from leaderboard.standings.queries import Board, BoardMetric, Selection

if TYPE_CHECKING:
    import pandas as pd

EVERYWHERE = "All"
LOCATIONS = (EVERYWHERE, "Local", "Remote")


@dataclass(frozen=True, slots=True)
class Filter:
    """A selection, and where the models run that are shown."""

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
        label, ids, index=start, format_func=lambda option: options.get(option, option), key=key, bind="query-params"
    )
    return chosen if chosen in options else ids[start]


def _follow_address(label: str, options: Mapping[str, str], *, key: str) -> None:
    """Choose what an id in the address names; remember an address that names nothing that exists."""
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
    """Say once which parts of the address name nothing that exists."""
    for label, named in st.session_state.pop("unknown_parameters", {}).values():
        st.warning(f"Unknown {label.lower()} {_quoted(named)} in the address; the default is shown.")


def choose_board(boards: Sequence[Board]) -> Board:
    """Show the task (where there are several) and the suite, and return the board."""
    tasks = list(dict.fromkeys(board.task for board in boards))
    of_task = list(boards)
    if len(tasks) > 1:
        task = choose("Task", {name: formatting.label(name) for name in tasks}, key="task")
        of_task = [board for board in boards if board.task == task]
    several_calendars = len({board.suite for board in of_task}) < len({board.table_id for board in of_task})
    by_key = {_key(board, several_calendars): board for board in of_task}
    labels = {key: _label(board, several_calendars) for key, board in by_key.items()}
    return by_key[choose("Suite", labels, key="suite")]


def choose_filter(observatory: Observatory, boards: Sequence[Board]) -> Filter:
    """Show suite, category, metric and location in a row, and return what they select."""
    with st.container(horizontal=True, vertical_alignment="top", gap="small"):
        selection = _choose_selection(observatory, boards)
        where = choose_location()
    return Filter(selection, where)


def choose_selection(observatory: Observatory, boards: Sequence[Board]) -> Selection:
    """Show suite, category and metric in a row, and return what they select."""
    with st.container(horizontal=True, vertical_alignment="top", gap="small"):
        return _choose_selection(observatory, boards)


def _choose_selection(observatory: Observatory, boards: Sequence[Board]) -> Selection:
    board = choose_board(boards)
    category = choose_category(observatory, board)
    return Selection(board=board, category=category, measure=choose_measure(observatory, board))


def choose_category(observatory: Observatory, board: Board) -> str:
    """Show the categories of a board and return one, or `*`."""
    categories = observatory.ask(queries.categories, board)
    labels = {("all" if name == ALL_CATEGORIES else name): formatting.label(name) for name in categories}
    chosen = choose("Category", labels, key="category")
    return ALL_CATEGORIES if chosen == "all" else chosen


def choose_measure(observatory: Observatory, board: Board) -> BoardMetric:
    """Show the metrics that have standings and return one; the suite's primary metric is the default."""
    measures = {measure.name: measure for measure in observatory.ask(queries.measures, board)}
    labels = {name: measure.title for name, measure in measures.items()}
    return measures[choose("Metric", labels, key="metric", default=board.primary_metric)]


def choose_prompt(prompts: "pd.DataFrame") -> str:
    """Show the prompts and return the id of the chosen one. The box shows their texts as plain text."""
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


def choose_location() -> str:
    """Show where models may run and return one location, or `EVERYWHERE`."""
    _follow_address("location", dict(zip(LOCATIONS, LOCATIONS, strict=True)), key="where")
    chosen = st.segmented_control(
        "Location", LOCATIONS, default=EVERYWHERE, key="where", bind="query-params", required=True
    )
    return chosen if chosen in LOCATIONS else EVERYWHERE


def _key(board: Board, several_calendars: bool) -> str:
    name = f"{board.suite}-{board.calendar}" if several_calendars else board.suite
    return name if board.newest else f"{name}@{board.suite_digest[:SHORT]}"


def _label(board: Board, several_calendars: bool) -> str:
    calendar = f" ({board.calendar})" if several_calendars else ""
    return board.title + calendar + (f", {board.content}" if board.content else "")


def _quoted(named: str) -> str:
    """Return a value from the address as short text without markup."""
    plain = "".join(character for character in named if character.isalnum() or character in " ._-")
    return f"“{plain[:40]}”"
