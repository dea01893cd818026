"""The published tables of an observatory, and which of them is meant: by its id, a task, a route or an alias.

An alias may stand in several tables, for two suites may have the same categories; then the id of one has to be given.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, NamedTuple

from data.errors import HomeError, RoutingError, UnknownNameError
from data.vocabulary import IDENTIFIER
from leaderboard.routing.serving.publish import CURRENT, current
from leaderboard.routing.table.model import Route, RouteTier, RoutingTable, TierName

Names = Callable[[RoutingTable], set[str]]
OPTION: Final = "--table"
NOTHING: Final = "Expected a published routing table, got none. Run `halflife routes publish` or `halflife demo`."


class NamedTier(NamedTuple):
    """What an alias names: its table, its route, and the tier with its name."""

    table: RoutingTable
    route: Route
    name: TierName
    tier: RouteTier


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """The current tables by their ids, in order, and why others that are there cannot be read.

    `option` is how a reader names a table, for the sentences that ask for one.
    """

    tables: Mapping[str, RoutingTable]
    problems: Mapping[str, str]
    option: str = OPTION

    def table(self, table_id: str | None = None) -> RoutingTable:
        """Return the table of an id, without one the only table there is.

        Raises RoutingError where there is none, where there are several and no id, or where it cannot be read;
        UnknownNameError for an id that is not published.
        """
        chosen = choose(sorted({*self.tables, *self.problems}), table_id, option=self.option)
        if chosen in self.problems:
            raise RoutingError(self.problems[chosen])
        return self.tables[chosen]

    def narrowed(self, table_id: str | None) -> "Published":
        """Return only the table of an id, without one all; errors as in `table`."""
        return self if table_id is None else replace(self, tables={table_id: self.table(table_id)}, problems={})

    def with_category(self, task: str, category: str) -> RoutingTable:
        """Return the one table that has a route of a task and a category.

        Raises UnknownNameError where none has it, RoutingError where several have, or where one cannot be read and none
        of the others has it. So do the methods below.
        """
        self._holding("task with routes", task, _tasks)
        return self._one(f"category of {task}", category, lambda table: _categories(table, task))

    def with_name(self, name: str) -> RoutingTable:
        """Return the one table that has a route of this id (`text-to-image.overall`) or this alias."""
        return self._one("route or alias", name, lambda table: _routes(table) | set(table.by_alias))

    def with_route(self, name: str) -> tuple[RoutingTable, Route]:
        """Return the route of an id, with its table."""
        table = self._one("route", name, _routes)
        return table, next(route for route in table.routes if route.id == name)

    def with_alias(self, name: str) -> NamedTier:
        """Return what an alias (`video.pair.hero`) names."""
        table = self._one("alias", name, lambda table: set(table.by_alias))
        return next(NamedTier(table, *named) for named in table.tiers() if named[2].alias == name)

    def _one(self, kind: str, name: str, names: Names) -> RoutingTable:
        first, *others = self._holding(kind, name, names)
        if others:
            ids = ", ".join(table.table_id for table in (first, *others))
            raise RoutingError(
                f"Expected the id of a routing table too, got none: {kind} {name!r} stands in several. "
                f"Give {self.option}: {ids}."
            )
        return first

    def _holding(self, kind: str, name: str, names: Names) -> list[RoutingTable]:
        holding = [table for table in self.tables.values() if name in names(table)]
        if not holding and self.problems:
            raise RoutingError(next(iter(self.problems.values())))
        if not holding and not self.tables:
            raise RoutingError(NOTHING)
        if not holding:
            raise UnknownNameError(kind, name, {known for table in self.tables.values() for known in names(table)})
        return holding


def table_ids(routing: Path) -> list[str]:
    """Return the ids of the published tables of a routing folder, in order."""
    folders = (path.parent.name for path in routing.glob(f"*/{CURRENT}"))
    return sorted(name for name in folders if IDENTIFIER.fullmatch(name))


def choose(ids: Sequence[str], table_id: str | None, *, option: str = OPTION) -> str:
    """Return which of some tables is meant: that of the id, without one the only one.

    >>> choose(["shapes.live"], None)
    'shapes.live'

    Raises RoutingError where there is none, or several and no id; UnknownNameError for an id that is not among them.
    """
    if not ids:
        raise RoutingError(NOTHING)
    if table_id is None and len(ids) > 1:
        raise RoutingError(
            f"Expected the id of a routing table, got none, and {len(ids)} are published. Give {option}: "
            f"{', '.join(ids)}."
        )
    if table_id is not None and table_id not in ids:
        raise UnknownNameError("routing table", table_id, ids)
    return table_id or ids[0]


def published(routing: Path, *, option: str = OPTION) -> Published:
    """Return the current tables of a routing folder; one that cannot be read does not keep the others away."""
    tables: dict[str, RoutingTable] = {}
    problems: dict[str, str] = {}
    for table_id in table_ids(routing):
        try:
            table = current(routing, table_id)
        except (RoutingError, HomeError, OSError) as error:
            problems[table_id] = str(error)
            continue
        if table is not None:
            tables[table_id] = table.content
    return Published(tables=tables, problems=problems, option=option)


def index_entry(table: RoutingTable) -> dict[str, Any]:
    """Return what a list of tables says of one: its tasks, suite, serial and revision, and when it turns old.

    The suite is the content that decides it, None where the table does not say.
    """
    suite = table.evidence.suite
    return {
        "suite": suite and suite.to_json(),
        "tasks": sorted(_tasks(table)),
        "serial": table.serial,
        "revision": table.revision,
        "stale_after": table.stale_after,
        "expires_at": table.expires_at,
    }


def _tasks(table: RoutingTable) -> set[str]:
    return {route.task for route in table.routes}


def _categories(table: RoutingTable, task: str) -> set[str]:
    return {route.category for route in table.routes if route.task == task}


def _routes(table: RoutingTable) -> set[str]:
    return {route.id for route in table.routes}
