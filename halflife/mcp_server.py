"""The current routing table for agents, over the Model Context Protocol: resources and tools that only read."""

import datetime as dt
import functools
import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, ParamSpec, TypeVar

from data.errors import HalflifeError, MissingExtraError, RoutingError
from leaderboard.routing.policy.rules import OVERALL
from leaderboard.routing.serving import advisor
from leaderboard.routing.serving.publish import current
from leaderboard.routing.table.model import RoutingTable

if TYPE_CHECKING:
    from mcp.server.mcpserver import MCPServer


P = ParamSpec("P")
R = TypeVar("R")
INSTRUCTIONS: Final = (
    "Which image or video model to call now, by measured quality, cost and latency. Every answer carries the table's "
    "revision, when it expires, and `stale`; ask again once it is stale. Prices are US dollars a call, times seconds."
)


def server(routing: Path) -> "MCPServer":
    """Return the server over a routing folder; the table is read again for each request.

    Raises MissingExtraError where `mcp` is not installed.
    """
    try:
        from mcp.server.mcpserver import MCPServer
    except ImportError:
        raise MissingExtraError("`halflife mcp`", "mcp") from None
    mcp_server: MCPServer = MCPServer("halflife", instructions=INSTRUCTIONS, log_level="WARNING")
    _add_resources(mcp_server, routing)
    _add_tools(mcp_server, routing)
    return mcp_server


def _add_resources(mcp_server: "MCPServer", routing: Path) -> None:
    from mcp.server.mcpserver.exceptions import ResourceError

    @mcp_server.resource("routing://table/current", name="current table", mime_type="application/json")
    @_reports_errors_as(ResourceError)
    def table() -> str:
        """The routing table as gateways read it, and whether it is stale or expired now."""
        content = _table(routing)
        validity = advisor.source(content, _now())
        return _text({**content.to_json(), "stale": validity["stale"], "expired": validity["expired"]})

    @mcp_server.resource("routing://route/{id}", name="route", mime_type="application/json")
    @_reports_errors_as(ResourceError)
    def route(id: str) -> str:
        """One route with its tiers, by its id, such as text-to-image.overall."""
        content = _table(routing)
        return _text({**advisor.route_by_id(content, id).to_json(), **advisor.source(content, _now())})


def _add_tools(mcp_server: "MCPServer", routing: Path) -> None:
    from mcp.server.mcpserver.exceptions import ToolError

    @mcp_server.tool(structured_output=True)
    @_reports_errors_as(ToolError)
    def recommend_model(
        task: str = "text-to-image",
        category: str = OVERALL,
        tier: str | None = None,
        max_cost: float | None = None,
        max_latency: float | None = None,
        resolution: str | None = None,
        seconds: float | None = None,
    ) -> dict[str, Any]:
        """The model to call: the first of the tier, then of its fallbacks, that meets every limit.

        tier: workhorse (cheap and good enough) or hero (the best); the route's default without. max_cost: US dollars a
        call. max_latency: seconds, p95. resolution: such as 1024x1024. seconds: length of a video.
        """
        query = advisor.RouteQuery(
            task=task,
            category=category,
            tier=tier,
            max_cost=max_cost,
            max_latency=max_latency,
            resolution=resolution,
            seconds=seconds,
        )
        return advisor.recommend(_table(routing), query, at=_now())

    @mcp_server.tool(structured_output=True)
    @_reports_errors_as(ToolError)
    def compare_models(models: list[str], task: str = "text-to-image", category: str = OVERALL) -> dict[str, Any]:
        """Deployments side by side on a route: scores with intervals, cost, latency, and which differ significantly."""
        return advisor.compare(_table(routing), models, at=_now(), task=task, category=category)

    @mcp_server.tool(structured_output=True)
    @_reports_errors_as(ToolError)
    def half_life(task: str = "text-to-image", category: str = OVERALL, tier: str | None = None) -> dict[str, Any]:
        """How long a place at the top of this category lasts, in days with its interval, and since when it is held."""
        return advisor.half_life(_table(routing), at=_now(), task=task, category=category, tier=tier)


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


def _table(routing: Path) -> RoutingTable:
    table = current(routing)
    if table is None:
        raise RoutingError("Expected a published routing table, got none. Run `halflife routes publish`.")
    return table.content


def _text(content: Any) -> str:
    return json.dumps(content, ensure_ascii=False)


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)
