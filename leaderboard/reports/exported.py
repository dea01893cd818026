"""What the board computes, as tables for an export: paired differences, detectable differences, and rates of faults."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from leaderboard.reports.detectable_difference import smallest_differences
from leaderboard.reports.page_data import last_standing, paired_differences
from leaderboard.standings import queries, rates
from leaderboard.standings.queries import Board, Selection
from leaderboard.standings.refusals import Refusals, refusals

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

OF_SELECTION = ("calendar", "suite", "suite_digest", "day", "category", "metric", "version", "fingerprint")
DIFFERENCES = ("model_a", "model_b", "difference", "low", "high", "confidence", "n_prompts")
DIFFERENCES_P = ("p", "p_sign_flip", "p_holm", "better", "reason")
EFFECTS = ("power", "pairs", "planned_pair", "any_pair", "n_prompts", "seeds", "reason")
RATES = (
    "calendar",
    "suite",
    "suite_digest",
    "category",
    "rate",
    "model",
    "hits",
    "attempts",
    "estimate",
    "low",
    "high",
)


def exported_tables(cursor: "duckdb.DuckDBPyConnection") -> "dict[str, pd.DataFrame]":
    """Return the tables differences, detectable_differences, rates, refusals and refusal_reasons of each newest day.

    `differences` has every pair of models of a category and metric, with Holm across those pairs;
    `detectable_differences` the smallest difference found at 80 % power for one planned pair and for any pair (Holm);
    `rates` each gate and status of each model, with its interval; `refusals` the quality of each model as usual, on the
    prompts that all models answered and with refusals at the worst value, `refusal_reasons` the provider's reasons.
    """
    import pandas as pd

    selections = list(_selections(cursor))
    frames = [_differences(cursor, selection) for selection in selections]
    effects = [_effects(cursor, selection) for selection in selections]
    refused = [(selection, each) for selection in selections for each in refusals(cursor, selection)]
    listed = [row for board in rates.boards(cursor) for row in _rates(cursor, board)]
    columns = [*OF_SELECTION, *DIFFERENCES, *DIFFERENCES_P]
    filled = [frame for frame in frames if len(frame)]
    return {
        "differences": pd.concat(filled, ignore_index=True)[columns] if filled else pd.DataFrame(columns=columns),
        "detectable_differences": pd.DataFrame(effects, columns=[*OF_SELECTION, *EFFECTS]),
        "rates": pd.DataFrame(listed, columns=list(RATES)),
        "refusals": _refusals(refused),
        "refusal_reasons": _refusal_reasons(refused),
    }


def _selections(cursor: "duckdb.DuckDBPyConnection") -> Iterator[Selection]:
    for board in queries.boards(cursor):
        for measure in queries.measures(cursor, board):
            for category in queries.categories(cursor, board):
                yield Selection(board=board, category=category, measure=measure)


def _named(selection: Selection) -> dict[str, Any]:
    board, measure = selection.board, selection.measure
    names = {"calendar": board.calendar, "suite": board.suite, "suite_digest": board.suite_digest, "day": board.day}
    chosen = {"category": selection.category, "metric": measure.name, "version": measure.version}
    return names | chosen | {"fingerprint": measure.fingerprint}


def _models(cursor: "duckdb.DuckDBPyConnection", selection: Selection) -> tuple[str, ...]:
    return tuple(sorted(last_standing(cursor, selection)))


def _differences(cursor: "duckdb.DuckDBPyConnection", selection: Selection) -> "pd.DataFrame":
    return paired_differences(cursor, selection, _models(cursor, selection)).assign(**_named(selection))


def _effects(cursor: "duckdb.DuckDBPyConnection", selection: Selection) -> Mapping[str, Any]:
    found = smallest_differences(cursor, selection, _models(cursor, selection))
    return _named(selection) | found._asdict() | {"power": 0.8}


def _refusals(refused: Sequence[tuple[Selection, Refusals]]) -> "pd.DataFrame":
    import pandas as pd

    rows = [_named(selection) | each.to_row() for selection, each in refused]
    return pd.DataFrame(rows) if rows else pd.DataFrame(columns=list(OF_SELECTION))


def _refusal_reasons(refused: Sequence[tuple[Selection, Refusals]]) -> "pd.DataFrame":
    """Reasons are of a board and category, the same for each of its metrics."""
    import pandas as pd

    of_board = ("calendar", "suite", "suite_digest", "day", "category")
    counts = {
        (*(_named(selection)[name] for name in of_board), each.model, reason): number
        for selection, each in refused
        for reason, number in each.reasons.items()
    }
    rows = [(*key, number) for key, number in counts.items()]
    return pd.DataFrame(rows, columns=[*of_board, "model", "reason", "refused"])


def _rates(cursor: "duckdb.DuckDBPyConnection", board: Board) -> Iterator[Mapping[str, Any]]:
    categories = ("*", *rates.categories(cursor, board))
    for rate in rates.rates(cursor, board).values():
        for category in categories:
            for each in rates.model_rates(cursor, board, rate, category):
                yield {
                    "calendar": board.calendar,
                    "suite": board.suite,
                    "suite_digest": board.suite_digest,
                    "category": category,
                    "rate": rate.name,
                    "model": each.model,
                    "hits": each.hits,
                    "attempts": each.n,
                    "estimate": each.interval.estimate,
                    "low": each.interval.low,
                    "high": each.interval.high,
                }
