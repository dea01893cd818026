"""Times as the routing table has them."""

import datetime as dt
from collections.abc import Mapping
from typing import Any, Literal

Age = Literal["fresh", "stale", "expired"]


def stamp(moment: dt.datetime) -> str:
    """Return an aware time as RFC 3339 in UTC to the second, `2026-01-31T02:30:00Z`."""
    return moment.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def age(held: Mapping[str, Any], at: dt.datetime) -> Age:
    """Return how old a table or a tier is at an aware time, by its `stale_after` and `expires_at`."""
    if at >= dt.datetime.fromisoformat(held["expires_at"]):
        return "expired"
    return "stale" if at >= dt.datetime.fromisoformat(held["stale_after"]) else "fresh"
