"""Times as the routing table has them."""

import datetime as dt
from typing import Literal, Protocol

Age = Literal["fresh", "stale", "expired"]


class Dated(Protocol):
    """What turns stale and expires: a table or one of its tiers, with its times in RFC 3339."""

    @property
    def stale_after(self) -> str:
        """From here on it is stale."""
        ...

    @property
    def expires_at(self) -> str:
        """From here on it has expired."""
        ...


def stamp(moment: dt.datetime) -> str:
    """Return an aware time as RFC 3339 in UTC to the second, `2026-01-31T02:30:00Z`."""
    return moment.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def age(part: Dated, at: dt.datetime) -> Age:
    """Return how old a table or a tier is at an aware time, by its `stale_after` and `expires_at`."""
    if at >= dt.datetime.fromisoformat(part.expires_at):
        return "expired"
    return "stale" if at >= dt.datetime.fromisoformat(part.stale_after) else "fresh"
