"""The revision of a table: the sha256 of what it says, which is its name, its ETag, and how a reader knows it whole."""

import json
from collections.abc import Mapping
from typing import Any

from data.serialization import LARGEST_EXACT_INTEGER, bytes_digest, digest

NOT_COVERED = ("revision", "signatures")
PREFIX = "sha256:"


def revision_of(table: Mapping[str, Any]) -> str:
    """Return `sha256:` and 64 hex digits of the RFC 8785 bytes of `table` without `revision` and `signatures`."""
    covered = {key: value for key, value in table.items() if key not in NOT_COVERED}
    try:
        plain = _plain(covered)
    except _NotPlainError:
        return PREFIX + digest(covered)
    return PREFIX + bytes_digest(_encoded(plain))


def sealed(table: Mapping[str, Any]) -> dict[str, Any]:
    """Return the table with the revision that its content has."""
    return {**table, "revision": revision_of(table)}


class _NotPlainError(Exception):
    """A value that Python's JSON may write in another way than RFC 8785 does; those are left to the slow way."""


def _encoded(plain: Any) -> bytes:
    return json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


def _plain(value: Any) -> Any:
    """Return the value with whole floats as integers, so that Python's JSON writes the bytes of RFC 8785."""
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, dict):
        return {_name(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if value is None or isinstance(value, bool):
        return value
    if type(value) not in (int, float) or not -LARGEST_EXACT_INTEGER <= value <= LARGEST_EXACT_INTEGER:
        raise _NotPlainError
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if "e" in repr(value):
        raise _NotPlainError
    return value


def _name(key: Any) -> str:
    """Names are sorted as UTF-16; for ASCII that is Python's own order."""
    if not isinstance(key, str) or not key.isascii():
        raise _NotPlainError
    return key


def _text(value: str) -> str:
    """Half surrogate pairs have no bytes."""
    if not value.isascii() and any("\ud800" <= letter <= "\udfff" for letter in value):
        raise _NotPlainError
    return value
