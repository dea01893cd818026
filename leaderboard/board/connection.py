"""The board's one way to the data: the newest snapshot, opened read-only, the catalogue, and the costs of models.

Answers are cached by snapshot, not by time: a published snapshot never changes, and a new one is another key.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

import streamlit as st

from data import measurements
from data.catalogue.library import Catalogue, load_catalogue
from data.flops.flops_model import load_flops_model
from data.home import Home
from data.store.snapshot import Snapshot, current
from leaderboard.board.server import CATALOGUE_VARIABLE, HOME_VARIABLE
from leaderboard.cost_model.surface import Surface

if TYPE_CHECKING:
    import duckdb

QueryResult = TypeVar("QueryResult")


@dataclass(frozen=True, slots=True)
class Observatory:
    """The observatory as one run of a page sees it, with one snapshot throughout; None before the first."""

    home: Home
    snapshot: Snapshot | None

    @property
    def generation(self) -> int:
        """The snapshot's number, 0 where there is none."""
        return self.snapshot.generation if self.snapshot else 0

    def ask(self, question: Callable[..., QueryResult], *arguments: Any) -> QueryResult:
        """Return `question(cursor, *arguments)`, cached: the same question of the same snapshot is asked once."""
        if self.snapshot is None:
            raise LookupError("Expected a published snapshot, got an observatory without one.")
        name = f"{question.__module__}.{question.__qualname__}"
        return cast("QueryResult", _answer(str(self.snapshot.path), name, arguments, _question=question))


def observe() -> Observatory:
    """Return the observatory at HALFLIFE_HOME with its newest snapshot."""
    home = home_directory()
    return Observatory(home, current(home))


def home_directory() -> Home:
    """Return the observatory that the board was started for (HALFLIFE_HOME, else ./observatory)."""
    return Home(Path(os.environ.get(HOME_VARIABLE) or "observatory").absolute())


def catalogue() -> Catalogue:
    """Return the shipped catalogue with the files that the board was started with (HALFLIFE_CATALOGUE, paths).

    Raises InputFileError for an invalid file.
    """
    return load_catalogue(filter(None, os.environ.get(CATALOGUE_VARIABLE, "").split(os.pathsep)))


def cost_surface(home: Home | None = None) -> Surface:
    """Return the costs of all models by the shipped FLOPs model, and by what was measured in a home."""
    journals = measurements.measurement_journals(home).paths() if home else []
    return _cost_surface(home, tuple((path.name, path.stat().st_size) for path in journals))


@lru_cache(maxsize=4)
def _cost_surface(home: Home | None, journals: tuple[tuple[str, int], ...]) -> Surface:
    return Surface(load_flops_model(), measurements.load_measurements(home) if home and journals else ())


def _close(connection: "duckdb.DuckDBPyConnection") -> None:
    connection.close()


@st.cache_resource(max_entries=3, show_spinner=False, on_release=_close)
def _connection(path: str) -> "duckdb.DuckDBPyConnection":
    return Snapshot(Path(path), 0).connect()


@st.cache_data(max_entries=256, show_spinner=False)
def _answer(path: str, name: str, arguments: tuple[Any, ...], *, _question: Callable[..., Any]) -> Any:
    with _connection(path).cursor() as cursor:
        return _question(cursor, *arguments)
