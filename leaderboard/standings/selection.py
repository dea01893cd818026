"""A selection by names: the suite, calendar, category and metric among those that have standings."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from data.errors import HomeError, UnknownNameError
from data.vocabulary import ALL_CATEGORIES
from leaderboard.standings import queries, rates
from leaderboard.standings.contents import of_reference
from leaderboard.standings.queries import Board, BoardMetric, Selection
from leaderboard.standings.rates import Rate

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
    measure = _measure(cursor, board, metric)
    return Selection(board=board, category=category or ALL_CATEGORIES, measure=measure)


def _board(boards: Sequence[Board], suite: str | None, calendar: str | None) -> Board:
    of_calendar = [board for board in boards if calendar in (None, board.calendar)]
    if not of_calendar:
        raise UnknownNameError("calendar with standings", calendar or "", {board.calendar for board in boards})
    return of_calendar[0] if suite is None else of_reference(suite, of_calendar)[0]


def select_rate(
    cursor: "duckdb.DuckDBPyConnection", metric: str | None, *, suite: str | None = None, calendar: str | None = None
) -> tuple[Board, Rate] | None:
    """Return the newest board of those names and the rate that `metric` names; None where it names no rate of it.

    A board on which nobody stands, as every sample is unsound or failed, has rates too.
    """
    known = rates.boards(cursor)
    if metric is None or not known:
        return None
    board = _board(known, suite, calendar)
    rate = rates.rates(cursor, board).get(metric)
    return None if rate is None else (board, rate)


def _measure(cursor: "duckdb.DuckDBPyConnection", board: Board, metric: str | None) -> BoardMetric:
    measures = queries.measures(cursor, board)
    named = [measure for measure in measures if measure.name == (metric or board.primary_metric)]
    if not named and metric is not None:
        names = [*(measure.name for measure in measures), *rates.rates(cursor, board)]
        raise UnknownNameError("metric", metric, names)
    return (named or list(measures))[0]
