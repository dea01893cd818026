"""The ids of a routing table and of its parts: what every reader accepts, and what may name a folder."""

import re

from data.errors import RoutingError
from data.vocabulary import ALL_CATEGORIES, IDENTIFIER, Calendar
from leaderboard.routing.policy.rules import OVERALL


def category_id(category: str) -> str:
    """Return a category as part of an id, `long caption` as `long-caption`; RoutingError where nothing is left."""
    if category == ALL_CATEGORIES:
        return OVERALL
    name = re.sub(r"[^a-z0-9-]+", "-", category.lower()).strip("-")
    if not name or name == OVERALL:
        raise RoutingError(
            f"Expected a category that can be part of an alias, got {category!r}. Rename it in the suite."
        )
    return name


def table_id_of(suite: str, calendar: Calendar) -> str:
    """Return the id of the table of a suite on a calendar; RoutingError as in `check_table_id`.

    >>> table_id_of("shapes", "replayed")
    'shapes.replayed'
    """
    return check_table_id(f"{suite}.{calendar}")


def check_table_id(name: str) -> str:
    """Return `name` where readers accept it as a table's id; it is then a safe folder's name too.

    Raises RoutingError for any other: an empty or a longer one, a path, capitals.
    """
    if not IDENTIFIER.fullmatch(name):
        raise RoutingError(
            f"Expected a table id of 1 to 63 characters out of a-z, 0-9, '.' and '-', got {name!r}. Rename the suite."
        )
    return name


def identifier(name: str) -> str:
    """Return `name` where readers accept it as an id, else raise RoutingError."""
    if not IDENTIFIER.fullmatch(name):
        raise RoutingError(f"Expected an id of at most 63 characters, got {name!r}. Shorten the category's name.")
    return name
