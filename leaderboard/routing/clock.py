"""Times as the routing table has them."""

import datetime as dt


def stamp(moment: dt.datetime) -> str:
    """Return an aware time as RFC 3339 in UTC to the second, `2026-01-31T02:30:00Z`."""
    return moment.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
