"""What is asked about a prompt's result: in a cell that lists it, or in a row for each question."""

from collections.abc import Mapping, Sequence
from typing import Any


def listed(cell: Any) -> list[Mapping[str, Any]]:
    """Return the questions of a cell: a text, or a list of texts, of pairs with the answer, or of objects.

    >>> listed([["How many cups?", "two"]]), listed("Is it red?")
    ([{'question': 'How many cups?', 'answer': 'two'}], [{'question': 'Is it red?'}])
    """
    if isinstance(cell, list):
        return [question for each in cell for question in _one(each)]
    return _one(cell)


def _one(entry: Any) -> list[Mapping[str, Any]]:
    if isinstance(entry, dict):
        return [entry]
    if isinstance(entry, list) and len(entry) == 2:
        return [{"question": entry[0], "answer": entry[1]}]
    return [{"question": entry}] if entry not in (None, "") else []


def of_row(cells: Mapping[str, Any], column: str, others: Sequence[str]) -> list[Mapping[str, Any]]:
    """Return the question of a row that holds one, with the `others` of its cells that are filled.

    >>> of_row({"q": "A table?", "dependency": "0", "tuple": ""}, "q", ["dependency", "tuple"])
    [{'question': 'A table?', 'dependency': '0'}]
    """
    told = {name: cells[name] for name in others if cells.get(name) not in (None, "")}
    return [dict(question) | told for question in listed(cells.get(column))]
