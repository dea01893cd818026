"""A published table derived again: from the sealed runs that it names, in a warehouse of their own, by its policy.

Nothing is taken from the store or the snapshot that the table was made from. What people and drift decided counts as it
stood when the table was made.
"""

import datetime as dt
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from data.errors import RoutingError
from data.home import Home
from data.runs import RunFolder, runs
from data.store.warehouse import Warehouse
from leaderboard.routing.decisions.evidence import Evidence
from leaderboard.routing.decisions.load_evidence import evidence
from leaderboard.routing.policy.file import policy_of
from leaderboard.routing.policy.rules import Policy
from leaderboard.routing.serving.publish import TableFile, history_of, read_table, table_path
from leaderboard.routing.table.build import Predecessor, build, predecessor, unchanged
from leaderboard.routing.table.lint import lint
from leaderboard.routing.table.model import RoutingTable
from leaderboard.standings import daily

SUITE = "SELECT DISTINCT suite FROM runs"
LATER = (
    "DELETE FROM model_states WHERE decided_at > ?",
    "DELETE FROM drift_marks WHERE marked_at > ?",
    "DELETE FROM cells WHERE measured_at > ?",
)
MOST_DIFFERENCES = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Derived:
    """What the runs say of a table: the evidence and the policy, the table made again, and where the two differ.

    `same_bytes`: the revision is the same. `agrees`: it says the same, apart from serial and times. `differences` names
    the first places that differ, with what was published and what was derived.
    """

    evidence: Evidence
    policy: Policy
    table: RoutingTable
    same_bytes: bool
    agrees: bool
    differences: tuple[str, ...]

    @property
    def sentence(self) -> str:
        """The outcome in words."""
        if self.same_bytes:
            return "Built again from its runs: the same table, byte for byte."
        if self.agrees:
            return "Built again from its runs: the same routes for the same reasons; serial or times differ."
        return f"Built again from its runs, the table differs: {'; '.join(self.differences)}."


def sound_table(path: Path) -> RoutingTable:
    """Return the table of a file. Raises RoutingError naming the file where lint does not let it pass."""
    table = read_table(path)
    problems = lint(table)
    if problems:
        raise RoutingError(f"Expected a routing table that holds in {path}, got {problems[0]}")
    return table


def derive(home: Home, table: RoutingTable) -> Derived:
    """Make a table of this home again from its runs, as of its `not_before`, which going back to it does not change.

    Raises RoutingError where a run's folder is missing, InputFileError where one is not as it was sealed.
    """
    folders = {run.run_id: run for run in runs(home)}
    missing = [name for name in table.evidence.runs if name not in folders]
    if missing:
        raise RoutingError(
            f"Expected the runs that the table was made from, got no folder of {', '.join(missing)} in {home.runs}. "
            "Copy them there, or explain the table where they are."
        )
    made_at = dt.datetime.fromisoformat(table.not_before)
    policy = policy_of(table.policy.to_json(), f"table {table.serial}")
    sealed = [folders[name] for name in table.evidence.runs]
    with _warehouse(sealed, home, made_at) as warehouse, warehouse.cursor() as cursor:
        ((suite,),) = cursor.execute(SUITE).fetchall()
        measured = evidence(cursor, suite=suite, calendar=table.evidence.window.calendar, policy=policy)
    derived = build(measured, policy, generated_at=made_at, previous=_previous(home, table))
    content = {key: value for key, value in table.to_json().items() if key != "signatures"}
    return Derived(
        evidence=measured,
        policy=policy,
        table=derived,
        same_bytes=derived.revision == table.revision,
        agrees=unchanged(derived, RoutingTable.model_validate(content)),
        differences=tuple(_differences(content, derived.to_json(), "$"))[:MOST_DIFFERENCES],
    )


def deciding_contents(routing: Path, measured: Evidence, *, table: RoutingTable) -> list[str]:
    """Return which content of its suite decides a table, and where that was another before, which and until when."""
    sentences, later = [f"Decided by the suite {measured.content}."], table.serial
    for publication in history_of(routing, TableFile(table, table_path(routing, table.table_id, table.revision))):
        if publication.suite and publication.suite.digest != measured.suite_digest:
            was = f"Until serial {publication.serial} another content decided: {publication.suite.sentence}."
            return [*sentences, f"{was} Every route was decided anew with serial {later}."]
        later = publication.serial
    return sentences


@contextmanager
def _warehouse(folders: list[RunFolder], home: Home, until: dt.datetime) -> Iterator[Warehouse]:
    """Give a warehouse of some runs alone, with their standings, the states and cells as they stood then."""
    naive = until.astimezone(dt.UTC).replace(tzinfo=None)
    with tempfile.TemporaryDirectory(prefix="halflife-") as folder:
        copy = Home(Path(folder))
        for link, journals in ((copy.lifecycle, home.lifecycle), (copy.profiles, home.profiles)):
            if journals.is_dir():
                link.symlink_to(journals.resolve())
        with Warehouse.own(copy) as warehouse:
            for run in folders:
                warehouse.ingest(run)
            warehouse.ingest_lifecycle()
            warehouse.ingest_measurements()
            with warehouse.cursor() as cursor:
                for statement in LATER:
                    cursor.execute(statement, [naive])
            daily.update(warehouse)
            yield warehouse


def _previous(home: Home, table: RoutingTable) -> Predecessor | None:
    """Return the table before; where its file is missing, as much of it as the table itself says."""
    revision = table.previous_revision
    if revision is None:
        return None
    path = table_path(home.routing, table.table_id, revision)
    if path.exists():
        return predecessor(read_table(path))
    return Predecessor(serial=table.serial - 1, revision=revision, tombstones=table.tombstones)


def _differences(published: Any, derived: Any, where: str) -> Iterator[str]:
    if isinstance(published, Mapping) and isinstance(derived, Mapping):
        for key in sorted({*published, *derived} - {"revision"}):
            yield from _differences(published.get(key), derived.get(key), f"{where}.{key}")
    elif isinstance(published, list) and isinstance(derived, list) and len(published) == len(derived):
        for i, (old, new) in enumerate(zip(published, derived, strict=True)):
            yield from _differences(old, new, f"{where}[{i}]")
    elif published != derived:
        yield f"{where} was published as {_short(published)} and is {_short(derived)}"


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}..."
