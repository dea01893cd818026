"""A published table derived again: from the sealed runs that it names, in a warehouse of their own, by its own policy.

Nothing is taken from the store or the snapshot that the table was made from. What people and drift decided counts as it
stood when the table was made.
"""

import datetime as dt
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from data.errors import RoutingError
from data.home import Home
from data.runs import RunFolder, runs
from data.store.warehouse import Warehouse
from data.vocabulary import Calendar
from leaderboard.routing.decisions.evidence import Evidence
from leaderboard.routing.decisions.load_evidence import evidence
from leaderboard.routing.policy.file import policy_of
from leaderboard.routing.policy.policy import Policy
from leaderboard.routing.revision import PREFIX
from leaderboard.routing.serving.publish import TABLES, read_table
from leaderboard.routing.table.build import build, unchanged
from leaderboard.routing.table.lint import lint
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
    table: Mapping[str, Any]
    same_bytes: bool
    agrees: bool
    differences: tuple[str, ...]

    @property
    def sentence(self) -> str:
        """The outcome in words."""
        if self.same_bytes:
            return "Derived again from its runs: the same table, to the byte."
        if self.agrees:
            return "Derived again from its runs: the same routes for the same reasons; serial or times differ."
        return f"Derived again from its runs, and it differs: {'; '.join(self.differences)}."


def sound_table(path: Path) -> dict[str, Any]:
    """Return the table of a file. Raises RoutingError naming the file where lint does not let it pass."""
    table = read_table(path)
    problems = lint(table)
    if problems:
        raise RoutingError(f"Expected a routing table that holds in {path}, got {problems[0]}")
    return table


def derive(home: Home, table: Mapping[str, Any]) -> Derived:
    """Make a table of this home again from its runs, as of its `not_before`, which going back to it does not change.

    Raises RoutingError where a run's folder is missing, InputFileError where one is not as it was sealed.
    """
    folders = {run.run_id: run for run in runs(home)}
    missing = [name for name in table["evidence"]["runs"] if name not in folders]
    if missing:
        raise RoutingError(
            f"Expected the runs that the table was made from, got no folder of {', '.join(missing)} in {home.runs}. "
            "Copy them there, or explain the table where they are."
        )
    made_at = dt.datetime.fromisoformat(str(table["not_before"]))
    policy = policy_of(table["policy"], f"table {table['serial']}")
    calendar = cast(Calendar, table["evidence"]["window"]["calendar"])
    sealed = [folders[name] for name in table["evidence"]["runs"]]
    with _warehouse(sealed, home, made_at) as warehouse, warehouse.cursor() as cursor:
        ((suite,),) = cursor.execute(SUITE).fetchall()
        found = evidence(cursor, suite=suite, calendar=calendar, policy=policy)
    again = build(found, policy, generated_at=made_at, previous=_previous(home, table))
    said = {key: value for key, value in table.items() if key != "signatures"}
    return Derived(
        evidence=found,
        policy=policy,
        table=again,
        same_bytes=again["revision"] == table["revision"],
        agrees=unchanged(again, said),
        differences=tuple(_differences(said, again, "$"))[:MOST_DIFFERENCES],
    )


@contextmanager
def _warehouse(folders: list[RunFolder], home: Home, until: dt.datetime) -> Iterator[Warehouse]:
    """Give a warehouse of some runs alone, with their standings, the states and cells as they stood then."""
    naive = until.astimezone(dt.UTC).replace(tzinfo=None)
    with tempfile.TemporaryDirectory(prefix="halflife-") as folder:
        place = Home(Path(folder))
        for own, journals in ((place.lifecycle, home.lifecycle), (place.profiles, home.profiles)):
            if journals.is_dir():
                own.symlink_to(journals.resolve())
        with Warehouse.own(place) as warehouse:
            for run in folders:
                warehouse.ingest(run)
            warehouse.ingest_lifecycle()
            warehouse.ingest_measurements()
            with warehouse.cursor() as cursor:
                for statement in LATER:
                    cursor.execute(statement, [naive])
            daily.update(warehouse)
            yield warehouse


def _previous(home: Home, table: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return the table before; where it is gone, as much of it as the table itself tells."""
    revision = table["previous_revision"]
    if revision is None:
        return None
    path = home.routing / TABLES / f"{str(revision).removeprefix(PREFIX)}.json"
    if path.exists():
        return read_table(path)
    return {"serial": table["serial"] - 1, "revision": revision, "tombstones": table["tombstones"]}


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
    said = repr(value)
    return said if len(said) <= 80 else f"{said[:77]}..."
