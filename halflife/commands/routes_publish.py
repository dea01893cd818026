"""`halflife routes publish`: the table made from the published standings."""

from typing import Annotated, cast, get_args

import typer

from data.errors import UnknownNameError
from data.home import Home
from data.vocabulary import Calendar
from halflife.options import DEFAULT_HOME, HomeOption, PolicyOption
from halflife.output import routes as output
from halflife.output.terminal import Terminal
from halflife.workflows.publish import publish_routes
from leaderboard.routing.policy.file import load_policy


def publish(
    suite: Annotated[
        str, typer.Option(help="the suite whose standings decide: its newest content, or NAME@VERSION, NAME@DIGEST")
    ],
    calendar: Annotated[str, typer.Option(help="live, or replayed for the demo's season")] = "live",
    policy: PolicyOption = None,
    home: HomeOption = DEFAULT_HOME,
) -> None:
    """Build the table from the published standings and make it current, if anything in it is new."""
    if calendar not in get_args(Calendar):
        raise UnknownNameError("calendar", calendar, get_args(Calendar))
    rules = load_policy(home, policy)
    publication = publish_routes(Home(home), suite, cast("Calendar", calendar), policy=rules)
    table_id, serial = publication.content.table_id, publication.content.serial
    message = (
        f"Published {table_id} as serial {serial}."
        if publication.published
        else f"Nothing is new: serial {serial} ({table_id}) stays current."
    )
    Terminal().print(message)
    output.notice(publication.notice)
