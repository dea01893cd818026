"""From JSON values to the typed table, and every way in which they do not fit, as sentences with the key at fault."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from data.errors import RoutingError
from leaderboard.routing.table.model import RoutingTable
from leaderboard.routing.table.problems import CREDENTIAL, LintProblem

PRIVATE: Final = ("credential_env", "base_url", "api_base", "custom_host")
"""Where people paste a key, or an address with one in it."""
WANTED: Final[Mapping[str, str]] = {
    "string_pattern_mismatch": "text of the form {pattern}",
    "string_too_short": "text of at least {min_length} character",
    "string_too_long": "text of at most {max_length} characters",
    "too_short": "at least {min_length} of them",
    "greater_than": "a number above {gt}",
    "greater_than_equal": "a number of at least {ge}",
    "less_than_equal": "a number of at most {le}",
    "model_type": "an object",
    "dict_type": "an object",
    "tuple_type": "a list",
}
"""What was expected, by pydantic's type of error; the others say it in their own message."""


def parse_table(content: Any, path: Path) -> RoutingTable:
    """Return a file's JSON values as a table. Raises RoutingError with file, key and sentence where they do not fit."""
    table, problems = parsed(content)
    if table is None:
        raise RoutingError(complaint(path, problems))
    return table


def parsed(content: Any) -> tuple[RoutingTable | None, list[LintProblem]]:
    """Return JSON values as a table and no problem, or None and everything that does not fit, by the key at fault."""
    try:
        return RoutingTable.model_validate(content), []
    except ValidationError as error:
        return None, schema_problems(error, content)


def complaint(path: Path, problems: Sequence[LintProblem]) -> str:
    """Return the first of some problems as a sentence with the file and the key, and how many follow it."""
    first, *others = problems
    more = f" ({len(others)} more after this one; `halflife routes lint` lists them.)" if others else ""
    return f"{path}, key {first.where!r}: {first.sentence}{more}"


def schema_problems(error: ValidationError, content: Any) -> list[LintProblem]:
    """Return what does not fit, one problem a key, in the order of the keys."""
    sentences: dict[str, str] = {}
    for details in error.errors(include_url=False):
        if not _follows_from_others(details):
            sentences[_path(details, content)] = _sentence(details)
    return [LintProblem("schema", path, sentence) for path, sentence in sorted(sentences.items())]


def _follows_from_others(details: ErrorDetails) -> bool:
    """pydantic also calls a list too short where it is long enough and none of its items fits."""
    return details["type"] == "too_short" and len(details["input"]) >= details["ctx"]["min_length"]


def _path(details: ErrorDetails, content: Any) -> str:
    """Return the place as `$.routes[0].tiers`; which member of a union was tried is no part of it."""
    path, value = "$", content
    for part in details["loc"]:
        if isinstance(value, Mapping) and part != "[key]":
            path, value = f"{path}.{part}", value.get(part)
        elif isinstance(value, list | tuple) and isinstance(part, int):
            path, value = f"{path}[{part}]", value[part] if part < len(value) else None
    return path


def _sentence(details: ErrorDetails) -> str:
    kind = details["type"]
    if kind == "missing":
        return "Expected a value, got none. Add the key."
    if kind == "value_error":
        return str(details["ctx"]["error"])
    if kind == "extra_forbidden":
        return "Expected a known key, got one that the schema does not have. Remove the key."
    wanted = WANTED[kind].format(**details.get("ctx", {})) if kind in WANTED else details["msg"]
    return f"Expected {wanted.removeprefix('Input should be ')}, got {_shown(details)}. Correct the value."


def _shown(details: ErrorDetails) -> str:
    """Return the value at fault, but not where a secret may have been put by mistake."""
    value, private = details["input"], any(name in details["loc"] for name in PRIVATE)
    text = f"{value!r:.80}"
    if private or isinstance(value, Mapping | list) or CREDENTIAL.search(text):
        return "something else, which is not shown"
    return text
