"""From sealed runs and measurements to what readers see: the snapshot with its standings, and the routing table."""

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from data.errors import HalflifeError, RoutingError
from data.home import Home
from data.measurements import measurement_journals
from data.store import rebuild as store_rebuild
from data.store import snapshot as snapshots
from data.store.patience import Patience
from data.store.rebuild import Rebuilt
from data.store.warehouse import Warehouse
from data.vocabulary import Calendar, Progress
from leaderboard.routing.decisions.load_evidence import contents
from leaderboard.routing.policy.file import load_policy
from leaderboard.routing.policy.rules import Policy
from leaderboard.routing.serving import publish as tables
from leaderboard.routing.table.build import build_from, unchanged
from leaderboard.routing.table.identifiers import table_id_of
from leaderboard.routing.table.model import RoutingTable
from leaderboard.standings import daily

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

    `notice` says so where it was, and the suite's content is another than that of the table before.
    """

    content: RoutingTable
    published: bool
    notice: str | None = None


def publish_board(home: Home, progress: Progress, patience: Patience | None = None) -> BoardPublication:
    """Bring sealed runs into the warehouse, update their standings, and publish a snapshot if anything changed.

    A run whose files are damaged is refused and the others go on. Raises StoreBusyError where another process does the
    same for longer than `patience`.
    """
    with Warehouse.own(home, patience) as warehouse:
        new = warehouse.ingest_all(progress) + warehouse.ingest_ratings() + warehouse.ingest_lifecycle()
        new += warehouse.ingest_measurements()
        computed = daily.update(warehouse, progress=progress)
        snapshot = snapshots.current(home)
        generation = warehouse.publish() if new or computed or snapshot is None else snapshot.generation
        return BoardPublication(generation=generation, refused=warehouse.refused)


def publish_measurements(home: Home) -> None:
    """Publish a snapshot with the measurements made since the last one; nothing where none is published yet.

    Raises StoreBusyError where another process owns the warehouse for ten minutes.
    """
    if snapshots.current(home) is None or not measurement_journals(home).paths():
        return
    with Warehouse.own(home) as warehouse:
        if warehouse.ingest_measurements():
            warehouse.publish()


def publish_routes(home: Home, suite: str, calendar: Calendar, *, policy: Policy | None = None) -> RoutingPublication:
    """Bring the routing table of a suite on a calendar up to date and return the one that gateways read now.

    Tables of other suites and calendars stay as they are: an experiment does not move traffic. Measurements made since
    the last snapshot are published first, for a tier may ask for their shape. A table that says what the current one
    says is published again only to renew its times. Without a `policy` the home's `routing.toml` decides, or the
    shipped one. A suite's newest content decides; where that is another than before, the publication says so. Raises
    RoutingError where the suite's name cannot be part of a table's id.
    """
    publish_measurements(home)
    while True:
        current = tables.current(home.routing, table_id_of(suite, calendar))
        try:
            return _publish_routes(home, suite, calendar, current=current, policy=policy)
        except RoutingError:
            # Another process may have published meanwhile; its table is then the one before this one.
            newer = tables.current(home.routing, table_id_of(suite, calendar))
            if newer is None or (current is not None and newer.revision == current.revision):
                raise


def _publish_routes(
    home: Home, suite: str, calendar: Calendar, *, current: tables.TableFile | None, policy: Policy | None
) -> RoutingPublication:
    snapshot = snapshots.current(home)
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
        notice = _other_content(connection, suite, table, current.content) if current else None
    if current and unchanged(table, current.content) and now < dt.datetime.fromisoformat(current.content.stale_after):
        return RoutingPublication(content=current.content, published=False)
    tables.publish(table, home.routing)
    return RoutingPublication(content=table, published=True, notice=notice)


def _other_content(
    connection: "duckdb.DuckDBPyConnection", suite: str, table: RoutingTable, before: RoutingTable
) -> str | None:
    """Return the sentence that says that a suite's content changed between two tables, None where it did not."""
    old, new = contents(connection, before.evidence.runs), contents(connection, table.evidence.runs)
    if not old or not old.keys().isdisjoint(new):
        return None
    was, now = (
        ", ".join(f"version {version} ({digest[:12]})" for digest, version in each.items()) for each in (old, new)
    )
    return (
        f"The content of suite {suite!r} is now {now}; serial {before.serial} was decided by {was}. Every route of "
        f"{table.table_id} is decided anew, whoever held it."
    )


def rebuild(home: Home, progress: Progress) -> Rebuilt:
    """Make the warehouse again from the sealed runs, with its standings, and publish it."""
    return store_rebuild.rebuild(home, progress, standings=lambda warehouse: daily.update(warehouse, progress=progress))
