"""The revision of a table: the sha256 of what it says, which is its name, its ETag, and how a reader knows it whole."""

from collections.abc import Mapping
from typing import Any

from data.identity import digest

NOT_COVERED = ("revision", "signatures")
PREFIX = "sha256:"


def revision_of(table: Mapping[str, Any]) -> str:
    """Return `sha256:` and 64 hex digits of the RFC 8785 bytes of `table` without `revision` and `signatures`."""
    return PREFIX + digest({key: value for key, value in table.items() if key not in NOT_COVERED})


def sealed(table: Mapping[str, Any]) -> dict[str, Any]:
    """Return the table with the revision that its content has."""
    return {**table, "revision": revision_of(table)}
