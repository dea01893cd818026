"""The current routing tables for agents, over the Model Context Protocol: resources and tools that only read."""

import datetime as dt
import functools
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, ParamSpec, TypeVar, cast

from pydantic import BaseModel, ConfigDict, Field, model_validator

from data.errors import HalflifeError, MissingExtraError, UnknownNameError
from leaderboard.routing.policy.rules import OVERALL
from leaderboard.routing.serving import advisor
from leaderboard.routing.serving.published import Published, index_entry, published
from leaderboard.routing.table.model import RoutingTable

if TYPE_CHECKING:
    from mcp.server.mcpserver import MCPServer
    from mcp.server.mcpserver.tools import Tool

CURRENT: Final = "current"
Limit = Annotated[float | None, Field(ge=0, allow_inf_nan=False)]
P = ParamSpec("P")
R = TypeVar("R")
INSTRUCTIONS: Final = (
    "Which image or video model to call now, by measured quality, cost and latency. Every answer carries the table's "
    "id and revision, when it expires, and `stale`; ask again once it is stale. Prices are US dollars a call, times "
    "seconds. Where several tables answer a question, it has to name one: `routing://tables` lists them."
)


def server(routing: Path) -> "MCPServer":
    """Return the server over a routing folder; the tables are read again for each request.

    Raises MissingExtraError where `mcp` is not installed.
    """
    try:
        from mcp.server.mcpserver import MCPServer
    except ImportError:
        raise MissingExtraError("`halflife mcp`", "mcp") from None
    tools = _tools(routing)
    mcp_server: MCPServer = MCPServer("halflife", instructions=INSTRUCTIONS, tools=tools, log_level="WARNING")
    _add_resources(mcp_server, routing)
    return mcp_server


def _add_resources(mcp_server: "MCPServer", routing: Path) -> None:
    from mcp.server.mcpserver.exceptions import ResourceError

    @mcp_server.resource("routing://tables", name="tables", mime_type="application/json")
    @_reports_errors_as(ResourceError)
    def tables() -> str:
        """The published tables: their ids, tasks, serials and revisions, and when each expires."""
        return _text(_index(_published(routing)))

    @mcp_server.resource("routing://table/{id}", name="table", mime_type="application/json")
    @_reports_errors_as(ResourceError)
    def table(id: str) -> str:
        """A table as gateways read it, by its id (`current` is the only one), and whether it is stale or expired."""
        content = _published(routing).table(None if id == CURRENT else id)
        validity = advisor.source(content, _now())
        return _text({**content.to_json(), "stale": validity["stale"], "expired": validity["expired"]})

    @mcp_server.resource("routing://route/{id}", name="route", mime_type="application/json")
    @_reports_errors_as(ResourceError)
    def route(id: str) -> str:
        """One route with its tiers, by its id, such as text-to-image.overall."""
        return _text(_route(_published(routing), id))

    @mcp_server.resource("routing://table/{table}/route/{id}", name="route of a table", mime_type="application/json")
    @_reports_errors_as(ResourceError)
    def route_of_table(table: str, id: str) -> str:
        """One route of one table, where several tables have a route of this id."""
        return _text(_route(_published(routing).narrowed(table), id))


def _tools(routing: Path) -> "list[Tool]":
    from mcp.server.mcpserver.exceptions import ToolError

    answers = (_recommend_model(routing), _compare_models(routing), _half_life(routing))
    return [_strict(_reports_errors_as(ToolError)(answer)) for answer in answers]


def _strict(answer: Callable[..., dict[str, Any]]) -> "Tool":
    """Return the tool of a function; an argument that it does not have is an error that names the nearest one.

    The SDK drops such an argument: a misspelt limit would be no limit.
    """
    from mcp.server.mcpserver.tools import Tool

    tool = Tool.from_function(answer, structured_output=True)
    loose = tool.fn_metadata.arg_model

    def only_known(arguments: dict[str, Any]) -> dict[str, Any]:
        unknown = sorted(set(arguments) - set(loose.model_fields))
        if unknown:
            raise ValueError(str(UnknownNameError(f"argument of {tool.name}", unknown[0], loose.model_fields)))
        return arguments

    body = {"model_config": ConfigDict(extra="forbid"), "only_known": model_validator(mode="before")(only_known)}
    arguments = cast("type[BaseModel]", type(loose.__name__, (loose,), {**body, "__module__": __name__}))
    metadata = tool.fn_metadata.model_copy(update={"arg_model": arguments})
    return tool.model_copy(update={"fn_metadata": metadata, "parameters": arguments.model_json_schema(by_alias=True)})


def _recommend_model(routing: Path) -> Callable[..., dict[str, Any]]:
    def recommend_model(
        task: str = "text-to-image",
        category: str = OVERALL,
        tier: str | None = None,
        alias: str | None = None,
        table: str | None = None,
        max_cost: Limit = None,
        max_latency: Limit = None,
        resolution: str | None = None,
        seconds: Limit = None,
    ) -> dict[str, Any]:
        """The model to call: the first of the tier, then of its fallbacks, that meets every limit.

        tier: workhorse (cheap and good enough) or hero (the best); the route's default without. alias: such as
        video.overall.hero, instead of task, category and tier. table: a table's id, where several would answer.
        max_cost: US dollars a call. max_latency: seconds, p95. resolution: such as 1024x1024. seconds: length of a
        video.
        """
        answering = _answering(routing, alias, table, task=task, category=category, tier=tier)
        query = advisor.RouteQuery(
            task=answering.task,
            category=answering.category,
            tier=answering.tier,
            max_cost=max_cost,
            max_latency=max_latency,
            resolution=resolution,
            seconds=seconds,
        )
        return advisor.recommend(answering.table, query, at=_now())

    return recommend_model


def _compare_models(routing: Path) -> Callable[..., dict[str, Any]]:
    def compare_models(
        models: list[str], task: str = "text-to-image", category: str = OVERALL, table: str | None = None
    ) -> dict[str, Any]:
        """Deployments side by side on a route: scores with intervals, cost, latency, and which differ significantly.

        table: a table's id, where several have this route.
        """
        content = _published(routing).narrowed(table).with_category(task, category)
        return advisor.compare(content, models, at=_now(), task=task, category=category)

    return compare_models


def _half_life(routing: Path) -> Callable[..., dict[str, Any]]:
    def half_life(
        task: str = "text-to-image",
        category: str = OVERALL,
        tier: str | None = None,
        alias: str | None = None,
        table: str | None = None,
    ) -> dict[str, Any]:
        """How long a place at the top of this category lasts, in days with its interval, and since when it is held.

        alias: such as video.overall.hero, instead of task, category and tier. table: a table's id, where several would
        answer.
        """
        answering = _answering(routing, alias, table, task=task, category=category, tier=tier)
        return advisor.half_life(
            answering.table, at=_now(), task=answering.task, category=answering.category, tier=answering.tier
        )

    return half_life


def _reports_errors_as(kind: type[Exception]) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Return a decorator: an error that the agent can fix becomes the protocol's kind of error, in one sentence."""

    def decorate(answer: Callable[P, R]) -> Callable[P, R]:
        @functools.wraps(answer)
        def reporting(*arguments: P.args, **named: P.kwargs) -> R:
            try:
                return answer(*arguments, **named)
            except HalflifeError as error:
                raise kind(str(error)) from error

        return reporting

    return decorate


@dataclass(frozen=True, slots=True, kw_only=True)
class Answering:
    """The table that answers a question, and the tier that is asked for."""

    table: RoutingTable
    task: str
    category: str
    tier: str | None


def _answering(
    routing: Path, alias: str | None, table: str | None, *, task: str, category: str, tier: str | None
) -> Answering:
    """Return which table answers: the one with the alias, without one that with the task and the category."""
    tables = _published(routing).narrowed(table)
    if alias is None:
        return Answering(table=tables.with_category(task, category), task=task, category=category, tier=tier)
    named = tables.with_alias(alias)
    return Answering(table=named.table, task=named.route.task, category=named.route.category, tier=named.name)


def _published(routing: Path) -> Published:
    return published(routing, option="`table`")


def _index(tables: Published) -> dict[str, Any]:
    listed = [{"table_id": name, **index_entry(table)} for name, table in tables.tables.items()]
    return {"tables": listed, "problems": dict(tables.problems)}


def _route(tables: Published, name: str) -> dict[str, Any]:
    table, route = tables.with_route(name)
    return {**route.to_json(), **advisor.source(table, _now())}


def _text(content: Any) -> str:
    return json.dumps(content, ensure_ascii=False)


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)
