"""The warehouse: one DuckDB file with one owner, into which every sealed run is loaded once."""

import contextlib
import os
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from data.errors import HalflifeError, HomeError
from data.files import fsync_file, fsync_folder, make_folder, storage
from data.home import Home
from data.runs import RunFolder, runs
from data.serialization import bytes_digest
from data.store import snapshot
from data.store.database import connect, migrate, transaction, unopened, writing
from data.store.ingest import ingest
from data.store.lifecycle import load_lifecycle
from data.store.lock import OwnerLock
from data.store.measurements import load_measurements
from data.store.migration import MIGRATIONS, migrations
from data.store.patience import Patience, when_free
from data.store.ratings import load_ratings
from data.store.state import content_state
from data.vocabulary import Progress

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

STANDINGS = (
    *("calendar", "suite", "suite_digest", "category", "metric", "version", "fingerprint", "day", "model"),
    *(
        "estimate",
        "low",
        "high",
        "n_prompts",
        "n_samples",
        "n_not_ok",
        "rank",
        "rank_best",
        "rank_worst",
        "p_top_k",
        "k",
        "n_unsound",
        "unsound",
        "unsound_low",
        "unsound_high",
    ),
)

# A group's values are sorted before they are averaged: the same samples give the same bits in any order.
DAILY_MEANS = """
    INSERT INTO daily_prompt_means
    SELECT daily.calendar, daily.suite, daily.suite_digest, category, metric, version, fingerprint, scores.model,
           prompt, daily.day, list_avg(list_sort(list(value))), count(*), coalesce(prompt_unit, prompt)
    FROM scores JOIN daily_runs AS daily USING (run_id, model)
    LEFT JOIN (SELECT run_id, prompt, prompt_unit FROM prompts) AS units USING (run_id, prompt)
    WHERE value IS NOT NULL AND NOT (
        metric IN (SELECT metric FROM metrics WHERE kind = 'quality')
        AND EXISTS (FROM unsound WHERE unsound.run_id = scores.run_id AND unsound.sample = scores.sample)
    )
    GROUP BY ALL
"""
STATE = "SELECT md5(coalesce(string_agg(commit_digest, ',' ORDER BY run_id), '')) FROM ingested"
LATEST_MEANS = """
    INSERT INTO prompt_means
    SELECT means.* FROM daily_prompt_means AS means
    JOIN latest_runs AS latest USING (calendar, suite_digest, model, day)
    ORDER BY ALL
"""


class Warehouse:
    """The owner's handle on the warehouse. Use `Warehouse.own(home)` in a `with` block."""

    def __init__(self, home: Home, path: Path, lock: OwnerLock | None = None) -> None:
        import duckdb

        self.home, self.path = home, path
        self.refused: tuple[HalflifeError, ...] = ()
        self._lock = lock
        try:
            if not path.exists() or path.stat().st_size == 0:
                _create(path)
            self._connection = connect(path)
        except duckdb.Error as error:
            self._release()
            raise unopened(path, error) from error
        except BaseException:
            self._release()
            raise
        try:
            with writing(path):
                migrate(self._connection, migrations(MIGRATIONS), path)
        except BaseException:
            self.close()
            raise

    @classmethod
    def own(cls, home: Home, patience: Patience | None = None) -> "Warehouse":
        """Become the one owner, after another that there may be. Raises StoreBusyError where `patience` ends first."""
        make_folder(home.store)
        path, lock = home.store / "warehouse.duckdb", home.store / "owner.lock"
        return when_free(lambda: cls(home, path, OwnerLock(lock)), patience or Patience())

    def cursor(self) -> "duckdb.DuckDBPyConnection":
        """Return a cursor of its own, for one thread and one query at a time."""
        return self._connection.cursor()

    def ingest(self, run: RunFolder) -> bool:
        """Load a sealed run in one transaction; False when it is not sealed, or loaded already as it is sealed.

        Raises InputFileError where its files differ from its COMMIT.json, HomeError where the disk is full; both leave
        the warehouse as it was.
        """
        commit = run.commit()
        if commit is None:
            return False
        commit_digest = bytes_digest((run.path / "COMMIT.json").read_bytes())
        with self.cursor() as cursor, writing(self.path):
            loaded = cursor.execute("SELECT commit_digest FROM ingested WHERE run_id = ?", [run.run_id]).fetchone()
            if loaded == (commit_digest,):
                return False
            ingest(cursor, run, commit, commit_digest)
        return True

    def load_recorded(self, progress: Progress | None = None) -> int:
        """Load all that the home records and that is not in yet: sealed runs, ratings, states, measurements.

        Returns how many runs were new; what was refused, and why, is in `refused`. Raises JournalError where a journal
        is damaged.
        """
        new = self.ingest_all(progress)
        self.ingest_ratings()
        self.ingest_lifecycle()
        self.ingest_measurements()
        return new

    def ingest_all(self, progress: Progress | None = None) -> int:
        """Load every sealed run and return how many were new; which were refused, and why, is in `refused`."""
        folders = runs(self.home)
        refused: list[HalflifeError] = []
        new = 0
        if progress:
            progress.begin("Reading sealed runs", len(folders))
        for run in folders:
            try:
                new += self.ingest(run)
            except HomeError:
                raise
            except HalflifeError as error:
                refused.append(error)
            if progress:
                progress.advance()
        if progress:
            progress.end()
        self.refused = tuple(refused)
        return new

    def ingest_ratings(self) -> bool:
        """Load the external ratings that the home holds; False when nothing changed.

        Damaged files are left out and added to `refused`.
        """
        with self.cursor() as cursor, writing(self.path):
            changed, refused = load_ratings(cursor, self.home)
        self.refused = (*self.refused, *refused)
        return changed

    def ingest_lifecycle(self) -> bool:
        """Load the journals of states and of drift; False when they have not changed. Raises JournalError."""
        with self.cursor() as cursor, writing(self.path):
            return load_lifecycle(cursor, self.home)

    def ingest_measurements(self) -> bool:
        """Load the journals of measurements; False when they have not changed. Raises JournalError."""
        with self.cursor() as cursor, writing(self.path):
            return load_measurements(cursor, self.home)

    def refresh_means(self) -> None:
        """Compute `daily_prompt_means` and `prompt_means` again from the loaded runs; nothing when none is new."""
        with writing(self.path), self.cursor() as cursor, transaction(cursor):
            state = cursor.execute(STATE).fetchone()
            if state == cursor.execute("SELECT ingested FROM means_state").fetchone():
                return
            cursor.execute("DELETE FROM means_state")
            cursor.execute("INSERT INTO means_state VALUES (?)", state)
            cursor.execute("DELETE FROM daily_prompt_means")
            cursor.execute(DAILY_MEANS)
            cursor.execute("DELETE FROM prompt_means")
            cursor.execute(LATEST_MEANS)

    def replace_standings(self, calendar: str, suite_digest: str, frame: "pd.DataFrame") -> None:
        """Replace the standings of one suite on one calendar, all days.

        `frame` has the columns of the table `standings`. Raises ValueError where one is missing, or a row is of
        another calendar or suite.
        """
        missing = [column for column in STANDINGS if column not in frame.columns]
        if missing:
            raise ValueError(f"Expected the columns of standings, got none named {', '.join(missing)}.")
        rows = frame[list(STANDINGS)]
        if not ((rows["calendar"] == calendar) & (rows["suite_digest"] == suite_digest)).all():
            raise ValueError(f"Expected standings of {suite_digest} on the {calendar} calendar only, got others too.")
        with writing(self.path), self.cursor() as cursor, transaction(cursor):
            cursor.execute("DELETE FROM standings WHERE calendar = ? AND suite_digest = ?", [calendar, suite_digest])
            if len(rows):
                cursor.from_df(rows).insert_into("standings")

    def publish(self) -> int:
        """Publish what is loaded as the next snapshot and return its generation. Raises HomeError on a full disk."""
        self.refresh_means()
        self.checkpoint()
        return snapshot.publish(self.home, self.path).generation

    def publish_changes(self) -> int:
        """Publish what is loaded unless readers see it already, and return the generation that they see.

        The two are compared, so that what an earlier process loaded and did not publish is published too.
        """
        self.refresh_means()
        snapshot.sweep(self.home)
        seen = snapshot.current(self.home)
        with self.cursor() as cursor:
            state = content_state(cursor)
        return seen.generation if seen is not None and seen.state() == state else self.publish()

    def checkpoint(self) -> None:
        """Write everything that is committed into the one file, so that a copy of it is complete."""
        with writing(self.path), self.cursor() as cursor:
            cursor.execute("FORCE CHECKPOINT")

    def close(self) -> None:
        """Let the next owner in."""
        self._connection.close()
        self._release()

    def _release(self) -> None:
        if self._lock is not None:
            self._lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()


def _create(path: Path) -> None:
    """Make an empty warehouse: whole under its name, or not there. Files of a creation that was killed are removed."""
    pattern, wal = f".{path.name}.*.tmp*", path.with_name(f"{path.name}.wal")
    with storage(path), writing(path):
        for left in (*path.parent.glob(pattern), path, wal):
            left.unlink(missing_ok=True)
        temporary = path.with_name(f".{path.name}.{os.urandom(6).hex()}.tmp")
        with contextlib.closing(connect(temporary)) as connection:
            migrate(connection, migrations(MIGRATIONS), path)
        fsync_file(temporary)
        os.replace(temporary, path)
        fsync_folder(path.parent)
