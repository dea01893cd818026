"""From sealed runs and measurements to what readers see: the snapshot with its standings, and the routing table."""

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from data.errors import HalflifeError, RoutingError
from data.home import Home
from data.measurements import measurement_journals
from data.store import rebuild as store_rebuild
from data.store import snapshot as snapshots
from data.store.rebuild import Rebuilt
from data.store.warehouse import Warehouse
from data.vocabulary import Calendar, Progress
from leaderboard.routing.decisions.load_evidence import contents
from leaderboard.routing.policy.file import load_policy
from leaderboard.routing.policy.rules import Policy
from leaderboard.routing.serving import publish as tables
from leaderboard.routing.table.build import build_from, unchanged
from leaderboard.routing.table.identifiers import table_id_of
from leaderboard.routing.table.model import DecidingSuite, RoutingTable
from leaderboard.standings import daily
from leaderboard.standings.contents import SHORT, reference_to

if TYPE_CHECKING:
    import duckdb


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardPublication:
    """What the board shows now: the snapshot's generation, and the runs that were refused, with the reason."""

    generation: int
    refused: tuple[HalflifeError, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RoutingPublication:
    """The table that gateways read now, and whether it was published just now.

    `notice` says so where another content of the suite decides than before, or would have and was kept from it.
    """

    content: RoutingTable
    published: bool
    notice: str | None = None


def publish_board(home: Home, progress: Progress) -> BoardPublication:
    """Bring sealed runs into the warehouse, update their standings, and publish a snapshot if anything changed.

    A run whose files are damaged is refused and the others go on. Raises StoreBusyError while another process does the
    same.
    """
    with Warehouse.own(home) as warehouse:
        new = warehouse.ingest_all(progress) + warehouse.ingest_ratings() + warehouse.ingest_lifecycle()
        new += warehouse.ingest_measurements()
        computed = daily.update(warehouse, progress=progress)
        snapshot = snapshots.current(home)
        generation = warehouse.publish() if new or computed or snapshot is None else snapshot.generation
        return BoardPublication(generation=generation, refused=warehouse.refused)


def publish_measurements(home: Home) -> None:
    """Publish a snapshot with the measurements made since the last one; nothing where none is published yet.

    Raises StoreBusyError while another process writes the warehouse.
    """
    if snapshots.current(home) is None or not measurement_journals(home).paths():
        return
    with Warehouse.own(home) as warehouse:
        if warehouse.ingest_measurements():
            warehouse.publish()


def publish_routes(
    home: Home, suite: str, calendar: Calendar, *, policy: Policy | None = None, take_over: bool = True
) -> RoutingPublication:
    """Bring the routing table of a suite on a calendar up to date and return the one that gateways read now.

    Tables of other suites and calendars stay as they are: an experiment does not move traffic. Measurements made since
    the last snapshot are published first, for a tier may ask for their shape. A table that says what the current one
    says is published again only to renew its times. Without a `policy` the home's `routing.toml` decides, or the
    shipped one. `suite` is a name, whose newest content decides, or names a content. Where that is another than before,
    the publication says so; without `take_over` the table stays as it is. Raises RoutingError where the suite's name
    cannot be part of a table's id.
    """
    publish_measurements(home)
    table_id = table_id_of(suite.partition("@")[0], calendar)
    snapshot, current = snapshots.current(home), tables.current(home.routing, table_id)
    if snapshot is None:
        raise RoutingError("Expected published standings to route by, got none. Run `halflife demo` or `halflife run`.")
    now = dt.datetime.now(dt.UTC)
    with snapshot.connect() as connection:
        table = build_from(
            connection,
            suite=suite,
            calendar=calendar,
            generated_at=now,
            previous=current.content if current else None,
            policy=policy or load_policy(home.path),
        )
        change = _other_content(connection, table, current.content) if current else None
    if current and change and not take_over:
        return RoutingPublication(content=current.content, published=False, notice=change.kept(current.content))
    if current and unchanged(table, current.content) and now < dt.datetime.fromisoformat(current.content.stale_after):
        return RoutingPublication(content=current.content, published=False)
    tables.publish(table, home.routing)
    notice = change.taken_over(current.content) if current and change else None
    return RoutingPublication(content=table, published=True, notice=notice)


@dataclass(frozen=True, slots=True)
class _ContentChange:
    """The content of a suite by which a table was decided, in words, and the other one that would decide now."""

    was: str
    now: DecidingSuite

    def taken_over(self, before: RoutingTable) -> str:
        return (
            f"The content of suite {self.now.name!r} is now {_version(self.now)}; serial {before.serial} was decided "
            f"by {self.was}. Every route of {before.table_id} is decided anew, whoever held it."
        )

    def kept(self, before: RoutingTable) -> str:
        calendar = before.evidence.window.calendar
        command = f"--suite {reference_to(self.now.name, self.now.digest)} --calendar {calendar}"
        return (
            f"The routes of {before.table_id} stay as they are: suite {self.now.name!r}, {self.was}, decided them, and "
            f"this content is {_version(self.now)}. To let it decide, run `halflife routes publish {command}`."
        )


def _other_content(
    connection: "duckdb.DuckDBPyConnection", table: RoutingTable, before: RoutingTable
) -> _ContentChange | None:
    """Return how the suite's content changed between two tables, None where it did not or cannot be known."""
    now, was = table.evidence.suite, before.evidence.suite
    if now is None:
        return None
    old = {was.digest: was.version} if was else contents(connection, before.evidence.runs)
    if not old or now.digest in old:
        return None
    return _ContentChange(", ".join(f"version {version} ({digest[:SHORT]})" for digest, version in old.items()), now)


def _version(suite: DecidingSuite) -> str:
    return f"version {suite.version} ({suite.digest[:SHORT]})"


def rebuild(home: Home, progress: Progress) -> Rebuilt:
    """Make the warehouse again from the sealed runs, with its standings, and publish it."""
    return store_rebuild.rebuild(home, progress, standings=lambda warehouse: daily.update(warehouse, progress=progress))
