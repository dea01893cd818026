"""Files that people write, read once and strictly: bounded, UTF-8, every complaint naming file and line or key."""

import codecs
import json
import math
import re
import tomllib
from pathlib import Path
from typing import Any, Final, TypeVar, get_args

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails

from data.errors import LONGEST_NAME, InputFileError, did_you_mean
from data.serialization import unique_keys

MAX_BYTES: Final = 32 * 1024 * 1024
"""No suite, catalogue or schedule file that people write is larger."""
MAX_TOML_BYTES: Final = 1024 * 1024
DEEP_KEY: Final = re.compile(r"""(?<![\w-])(?:(?:[\w-]++|"[^"\n]*"|'[^'\n]*')[ \t]*\.[ \t]*){32}""")
"""A key of more parts than anything has; reading one takes time that grows with the square of its parts."""


class Declared(BaseModel):
    """A table of a TOML file: unknown keys are refused, nothing is converted, numbers are finite, values are frozen."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


M = TypeVar("M", bound=BaseModel)


def read_text(path: Path, *, limit: int = MAX_BYTES) -> str:
    """Return the text of `path`, a byte-order mark removed; with the mark of UTF-16 it is read as that.

    Raises InputFileError where it is not a readable file of at most `limit` bytes of either.
    """
    try:
        with path.open("rb") as file:
            content = file.read(limit + 1)
    except OSError as error:
        raise InputFileError(
            path, f"Expected a readable file, got {error.strerror or error}. Check the path."
        ) from error
    if len(content) > limit:
        raise InputFileError(path, f"Expected at most {limit:,} bytes, got more. Split the file.")
    utf16 = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        return content.decode("utf-16" if utf16 else "utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        form = "UTF-16, as its mark says" if utf16 else "UTF-8"
        problem = f"Expected {form}, got the byte 0x{content[error.start]:02x}. Save the file as UTF-8."
        raise InputFileError(path, problem, line=line) from error


def read_toml(path: Path) -> dict[str, Any]:
    """Return the tables of the TOML file `path`. Raises InputFileError with the line where it breaks."""
    text = read_text(path, limit=MAX_TOML_BYTES)
    if deep := DEEP_KEY.search(text):
        first = text.count("\n", 0, deep.start()) + 1
        raise InputFileError(path, "Expected keys of a few parts, got one of 32 or more. Shorten it.", line=first)
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        match = re.search(r"line (\d+)", str(error))
        line = int(match.group(1)) if match else None
        raise InputFileError(path, f"Expected TOML, got: {error}. Correct the file.", line=line) from error


def parse_json(text: str, path: Path, *, line: int | None = None) -> Any:
    """Return what the JSON `text` says; NaN, infinities and keys given twice are refused.

    `line` is the file's line on which `text` begins, for a file of JSON lines.

    >>> parse_json('{"a": [1, 2.5]}', Path("a.json"))
    {'a': [1, 2.5]}
    >>> parse_json('{"a": 1, "a": 2}', Path("a.json"))
    Traceback (most recent call last):
    data.errors.InputFileError: a.json: Expected JSON, got: the key 'a' twice in one object. Correct the file.
    """
    try:
        return json.loads(text, object_pairs_hook=unique_keys, parse_constant=_refuse_constant, parse_float=_finite)
    except json.JSONDecodeError as error:
        number = error.lineno if line is None else line
        problem = f"Expected JSON, got: {error.msg} (column {error.colno}). Correct the line."
        raise InputFileError(path, problem, line=number) from error
    except (ValueError, RecursionError) as error:
        raise InputFileError(path, f"Expected JSON, got: {error}. Correct the file.", line=line) from error


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"the number {text[:LONGEST_NAME]}, which is too large")
    return number


def _refuse_constant(constant: str) -> Any:
    raise ValueError(f"the number {constant}, which JSON does not have")


def validated(table: type[M], content: Any, path: Path, *, line: int | None = None) -> M:
    """Return `content` as a `table`. Raises InputFileError naming the file, the line and the key at fault.

    >>> class Sides(Declared):
    ...     width: int
    >>> validated(Sides, {"width": 32}, Path("a.toml"))
    Sides(width=32)
    >>> validated(Sides, {"widht": 32}, Path("a.toml"))
    Traceback (most recent call last):
    data.errors.InputFileError: a.toml, key 'widht': Expected a known key, got 'widht'. Did you mean 'width'? \
Known: width. (1 more after this one.)
    """
    try:
        return table.model_validate(content)
    except ValidationError as error:
        # A misspelt key is both unknown and missing: the first says what to do.
        first, *others = sorted(error.errors(include_url=False), key=lambda detail: detail["type"] != "extra_forbidden")
        more = f" ({len(others)} more after this one.)" if others else ""
        key = ".".join(str(part) for part in first["loc"]) or None
        raise InputFileError(path, _sentence(table, first) + more, line=line, key=key) from error


def _sentence(table: type[BaseModel], error: ErrorDetails) -> str:
    if error["type"] == "extra_forbidden":
        return _unknown_key(str(error["loc"][-1]), _known_keys(table, error["loc"][:-1]))
    if error["type"] == "missing":
        return "Expected a value, got none. Add the key."
    if error["type"] == "value_error":
        return str(error["ctx"]["error"])
    wanted = error["msg"].removeprefix("Input should be ")
    return f"Expected {wanted}, got {error['input']!r:.80}. Correct the value."


def _unknown_key(key: str, known: list[str]) -> str:
    hint = did_you_mean(key, known)
    return f"Expected a known key, got {key[:LONGEST_NAME]!r}.{hint} Known: {', '.join(sorted(known))}."


def _known_keys(table: type[BaseModel], location: tuple[int | str, ...]) -> list[str]:
    current = table
    for part in location:
        if isinstance(part, str) and part in current.model_fields:
            current = _table_in(current.model_fields[part].annotation) or current
    return list(current.model_fields)


def _table_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and not get_args(annotation) and issubclass(annotation, BaseModel):
        return annotation
    return next((table for part in get_args(annotation) if (table := _table_in(part))), None)
