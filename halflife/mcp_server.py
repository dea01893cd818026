"""The current routing table for agents, over the Model Context Protocol: resources and tools that only read."""

import datetime as dt
import functools
import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from data.errors import HalflifeError, MissingExtraError, RoutingError

if TYPE_CHECKING:
    from mcp.server.mcpserver import MCPServer

    from leaderboard.routing.table.model import RoutingTable

P = ParamSpec("P")
R = TypeVar("R")
INSTRUCTIONS = (
    "Which image or video model to call now, by measured quality, cost and latency. Every answer carries the table's "
    "revision, when it expires, and `stale`; ask again once it is stale. Prices are US dollars a call, times seconds."
)


def server(routing: Path) -> "MCPServer":
    """Return the server over a routing folder; the table is read anew for each request.

    Raises MissingExtraError where `mcp` is not installed.
    """
    try:
        from mcp.server.mcpserver import MCPServer
    except ImportError:
        raise MissingExtraError("`halflife mcp`", "mcp") from None
    made: MCPServer = MCPServer("halflife", instructions=INSTRUCTIONS, log_level="WARNING")
    _add_resources(made, routing)
    _add_tools(made, routing)
    return made


def _add_resources(made: "MCPServer", routing: Path) -> None:
    from mcp.server.mcpserver.exceptions import ResourceError

    from leaderboard.routing.serving import advisor

    @made.resource("routing://table/current", name="current table", mime_type="application/json")
    @_telling(ResourceError)
    def table() -> str:
        """The whole routing table, as gateways read it, and whether it is stale or expired now."""
        current = _table(routing)
        now = advisor.source(current, _now())
        return _text({**current.to_json(), "stale": now["stale"], "expired": now["expired"]})

    @made.resource("routing://route/{id}", name="route", mime_type="application/json")
    @_telling(ResourceError)
    def route(id: str) -> str:
        """One route with its tiers, by its id, such as text-to-image.overall."""
        current = _table(routing)
        return _text({**advisor.route_by_id(current, id).to_json(), **advisor.source(current, _now())})


def _add_tools(made: "MCPServer", routing: Path) -> None:
    from mcp.server.mcpserver.exceptions import ToolError

    from leaderboard.routing.policy.rules import OVERALL
    from leaderboard.routing.serving import advisor

    @made.tool(structured_output=True)
    @_telling(ToolError)
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

    @made.tool(structured_output=True)
    @_telling(ToolError)
    def compare_models(models: list[str], task: str = "text-to-image", category: str = OVERALL) -> dict[str, Any]:
        """Deployments side by side on a route: scores with intervals, cost and latency, and which are surely apart."""
        return advisor.compare(_table(routing), models, at=_now(), task=task, category=category)

    @made.tool(structured_output=True)
    @_telling(ToolError)
    def half_life(task: str = "text-to-image", category: str = OVERALL, tier: str | None = None) -> dict[str, Any]:
        """How long a place at the top of this category lasts, in days with its interval, and since when it is held."""
        return advisor.half_life(_table(routing), at=_now(), task=task, category=category, tier=tier)


def _telling(kind: type[Exception]) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Tell the agent what it can mend as an error of the protocol's kind, in one sentence."""

    def decorate(answer: Callable[P, R]) -> Callable[P, R]:
        @functools.wraps(answer)
        def told(*arguments: P.args, **named: P.kwargs) -> R:
            try:
                return answer(*arguments, **named)
            except HalflifeError as error:
                raise kind(str(error)) from error

        return told

    return decorate


def _table(routing: Path) -> "RoutingTable":
    from leaderboard.routing.serving.publish import current

    table = current(routing)
    if table is None:
        raise RoutingError("Expected a published routing table, got none. Run `halflife routes publish`.")
    return table.content


def _text(content: Any) -> str:
    return json.dumps(content, ensure_ascii=False)


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)
