"""A selection by names: the suite, calendar, category and metric among those that have standings."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from data.errors import HomeError, UnknownNameError
from data.vocabulary import ALL_CATEGORIES
from leaderboard.standings import queries
from leaderboard.standings.contents import of_reference
from leaderboard.standings.queries import Board, BoardMetric, Selection

if TYPE_CHECKING:
    import duckdb


def select(
    cursor: "duckdb.DuckDBPyConnection",
    *,
    suite: str | None = None,
    calendar: str | None = None,
    category: str | None = None,
    metric: str | None = None,
) -> Selection:
    """Return the selection of those names; without one: the newest suite, all categories, the metric that ranks.

    `suite` is a name (its newest content), `NAME@VERSION`, `NAME@DIGEST` or a digest (`standings.contents`). Raises
    UnknownNameError with the nearest name, HomeError where there is no suite at all.
    """
    boards = queries.boards(cursor)
    if not boards:
        raise HomeError("Expected published standings, got none. Run `halflife demo` or `halflife run`.")
    board = _board(boards, suite, calendar)
    categories = queries.categories(cursor, board)
    if category is not None and category not in categories:
        raise UnknownNameError(f"category of suite {board.suite!r}", category, categories)
    measure = _measure(queries.measures(cursor, board), metric or board.primary_metric, asked=metric is not None)
    return Selection(board=board, category=category or ALL_CATEGORIES, measure=measure)


def _board(boards: Sequence[Board], suite: str | None, calendar: str | None) -> Board:
    of_calendar = [board for board in boards if calendar in (None, board.calendar)]
    if not of_calendar:
        raise UnknownNameError("calendar with standings", calendar or "", {board.calendar for board in boards})
    return of_calendar[0] if suite is None else of_reference(suite, of_calendar)[0]


def _measure(measures: Sequence[BoardMetric], metric: str, *, asked: bool) -> BoardMetric:
    named = [measure for measure in measures if measure.name == metric]
    if not named and asked:
        raise UnknownNameError("metric", metric, [measure.name for measure in measures])
    return (named or list(measures))[0]
