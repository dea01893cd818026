"""COMMIT.json: what makes a run part of the record, written last and atomically."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from data.errors import InputFileError
from data.serialization import from_json, parse
from data.vocabulary import Metric


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedFile:
    """One sealed Parquet file beside COMMIT.json."""

    name: str
    rows: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Commit:
    """What COMMIT.json says: which files stand for the run, their rows and digests, and what they were made from.

    `committed_at` is when the run was sealed first and orders runs of one day; `sealed_at` is this attempt's time.
    `journals` holds the sha256 of each journal that was sealed, so that sealing again knows whether anything is new.
    """

    run_id: str
    attempt: int
    committed_at: dt.datetime
    sealed_at: dt.datetime
    plan: str
    files: Mapping[str, SealedFile]
    counts: Mapping[str, int]
    journals: Mapping[str, str]
    metrics: tuple[Metric, ...]


def read_commit(path: Path) -> Commit | None:
    """Return a COMMIT.json, None where there is none. Raises InputFileError where it is damaged."""
    try:
        commit = from_json(Commit, parse(path.read_bytes()))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise InputFileError(
            path, f"Expected a run's commit, got: {error}. Delete it and seal the run again."
        ) from error
    for file in commit.files.values():
        if Path(file.name).name != file.name or not file.name.endswith(".parquet"):
            raise InputFileError(path, f"Expected the plain name of a Parquet file, got {file.name!r}.")
    return commit
