"""Tables that do not expire while tests run: the committed one, and one of clips alone."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from leaderboard.routing.revision import sealed

GOLDEN = Path(__file__).parent / "golden" / "table.json"
LASTING = {"expires_at": "2199-01-01T00:00:00Z", "stale_after": "2198-01-01T00:00:00Z"}


def lasting(change: Callable[[dict[str, Any]], object] = lambda table: None) -> dict[str, Any]:
    """Return the committed table, `pictures.live`, after a change."""
    table = json.loads(GOLDEN.read_text()) | LASTING | {"not_before": "2026-01-01T00:00:00Z"}
    for route in table["routes"]:
        for tier in route["tiers"].values():
            tier.update(LASTING)
    change(table)
    return sealed(table)


def renamed(table_id: str) -> dict[str, Any]:
    """Return the same table, with the same aliases, under another id."""
    return lasting(lambda table: table.update(table_id=table_id))


def clips() -> dict[str, Any]:
    """Return the table `clips.live`: one route of clips, whose aliases stand in no other (`video.pair.hero`)."""
    return lasting(_only_clips)


def _only_clips(table: dict[str, Any]) -> None:
    route = table["routes"][1] | {"id": "text-to-video.pair", "category": "pair"}
    for name, tier in route["tiers"].items():
        tier["alias"] = f"video.pair.{name}"
    table |= {"table_id": "clips.live", "routes": [route]}
    table["deployments"] = {"reel-1": table["deployments"]["reel-1"]}
