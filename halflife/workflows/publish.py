"""From sealed runs and measurements to what readers see: the snapshot with its standings, and the routing table."""

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from data.errors import HalflifeError, RoutingError
from data.home import Home
from data.runs import runs
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

    `notice` says so where another content of the suite decides than before, or would have and was kept from it, and
    where aliases have no route any more.
    """

    content: RoutingTable
    published: bool
    notice: str | None = None


def publish_board(home: Home, progress: Progress | None = None, patience: Patience | None = None) -> BoardPublication:
    """Bring what readers see up to what the home records: load it, update the standings, publish what changed.

    A run whose files are damaged is refused and the others go on. Raises StoreBusyError where another process does the
    same for longer than `patience`.
    """
    with Warehouse.own(home, patience) as warehouse:
        return publish_recorded(warehouse, progress)


def renew_board(home: Home) -> None:
    """Do what `publish_board` does where there is a board, or a run for its first one."""
    if snapshots.current(home) is not None or runs(home):
        publish_board(home)


def publish_recorded(warehouse: Warehouse, progress: Progress | None = None) -> BoardPublication:
    """Do what `publish_board` does, as the warehouse's owner."""
    warehouse.load_recorded(progress)
    daily.update(warehouse, progress=progress)
    return BoardPublication(generation=warehouse.publish_changes(), refused=warehouse.refused)


def publish_routes(
    home: Home, suite: str, calendar: Calendar, *, policy: Policy | None = None, take_over: bool = True
) -> RoutingPublication:
    """Bring the routing table of a suite on a calendar up to date and return the one that gateways read now.

    Tables of other suites and calendars stay as they are: an experiment does not move traffic. What the home records
    and the last snapshot lacks is published first: a quarantine, or measurements of a tier's shape. A table that says
    what the current one says is published again only to renew its times. Without a `policy` the home's `routing.toml`
    decides, or the shipped one. `suite` is a name, whose newest content decides, or names a content. Where that is
    another than before, the publication says so; without `take_over` the table stays as it is. Raises RoutingError
    where the suite's name cannot be part of a table's id.
    """
    renew_board(home)
    table_id = table_id_of(suite.partition("@")[0], calendar)
    while True:
        current = tables.newest(home.routing, table_id)
        try:
            return _publish_routes(home, suite, calendar, current=current, policy=policy, take_over=take_over)
        except RoutingError:
            # Another process may have published meanwhile; its table is then the one before this one.
            newer = tables.newest(home.routing, table_id)
            if newer is None or (current is not None and newer.revision == current.revision):
                raise


def _publish_routes(
    home: Home,
    suite: str,
    calendar: Calendar,
    *,
    current: tables.TableFile | None,
    policy: Policy | None,
    take_over: bool,
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
        change = _other_content(connection, table, current.content) if current else None
    if current and change and not take_over:
        return RoutingPublication(content=current.content, published=False, notice=change.kept(current.content))
    if current and current.is_current and unchanged(table, current.content) and not _is_stale(current.content, now):
        return RoutingPublication(content=current.content, published=False)
    tables.publish(table, home.routing)
    said = [change.taken_over(current.content) if change else None, _gone(table, current.content)] if current else []
    return RoutingPublication(content=table, published=True, notice=" ".join(filter(None, said)) or None)


def _is_stale(table: RoutingTable, now: dt.datetime) -> bool:
    return now >= dt.datetime.fromisoformat(table.stale_after)


def _gone(table: RoutingTable, before: RoutingTable) -> str | None:
    """Return the sentence that names the aliases that only the table before has, None where there are none."""
    gone = ", ".join(sorted(before.by_alias.keys() - table.by_alias.keys()))
    return (
        f"No route any more, for want of a model that is scored, sound and within the policy: {gone}." if gone else None
    )


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
