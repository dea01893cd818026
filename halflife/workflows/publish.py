"""From sealed runs and measurements to what readers see: the snapshot with its standings, and the routing table."""

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from data.errors import HalflifeError, RoutingError
from data.home import Home
from data.runs import runs
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

    `notice` says so where it was, and the suite's content is another than that of the table before, or aliases have no
    route any more.
    """

    content: RoutingTable
    published: bool
    notice: str | None = None


def publish_board(home: Home, progress: Progress | None = None) -> BoardPublication:
    """Bring what readers see up to what the home records: load it, update the standings, publish what changed.

    A run whose files are damaged is refused and the others go on. Raises StoreBusyError while another process does the
    same.
    """
    with Warehouse.own(home) as warehouse:
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


def publish_routes(home: Home, suite: str, calendar: Calendar, *, policy: Policy | None = None) -> RoutingPublication:
    """Bring the routing table of a suite on a calendar up to date and return the one that gateways read now.

    Tables of other suites and calendars stay as they are: an experiment does not move traffic. What the home records
    and the last snapshot lacks is published first: a quarantine, or measurements of a tier's shape. A table that says
    what the current one says is published again only to renew its times. Without a `policy` the home's `routing.toml`
    decides, or the shipped one. A suite's newest content decides; where that is another than before, the publication
    says so. Raises RoutingError where the suite's name cannot be part of a table's id.
    """
    renew_board(home)
    snapshot, current = snapshots.current(home), tables.newest(home.routing, table_id_of(suite, calendar))
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
        notices = (
            (_other_content(connection, suite, table, current.content), _gone(table, current.content))
            if current
            else ()
        )
    if current and current.is_current and unchanged(table, current.content) and not _is_stale(current.content, now):
        return RoutingPublication(content=current.content, published=False)
    tables.publish(table, home.routing)
    notice = " ".join(sentence for sentence in notices if sentence) or None
    return RoutingPublication(content=table, published=True, notice=notice)


def _is_stale(table: RoutingTable, now: dt.datetime) -> bool:
    return now >= dt.datetime.fromisoformat(table.stale_after)


def _gone(table: RoutingTable, before: RoutingTable) -> str | None:
    """Return the sentence that names the aliases that only the table before has, None where there are none."""
    gone = ", ".join(sorted(before.by_alias.keys() - table.by_alias.keys()))
    return (
        f"No route any more, for want of a model that is scored, sound and within the policy: {gone}." if gone else None
    )


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
