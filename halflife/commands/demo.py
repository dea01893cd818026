"""`halflife demo`: the embedded models, generated, scored, ranked, routed on a replayed calendar, profiled."""

import datetime as dt
from typing import Final

from rich.console import Console

from data.home import Home
from halflife.commands.run import perform
from halflife.options import DEFAULT_HOME, HomeOption
from halflife.output.demo import profile_run, show
from halflife.workflows.publish import publish_measurements
from halflife.workflows.run_spec import RunSpec

SEASON: Final = RunSpec(
    suite="shapes",
    models=("shapes-*",),
    seeds=1,
    calendar="replayed",
    day=dt.date(2026, 8, 1),
    device="cpu",
    threads=1,
)
"""The season of 90 virtual days that begins on `day`; every embedded model enters on its release date.

One thread: the pipelines are too small to gain from more, and other programs do not slow one thread down.
"""


def demo(home: HomeOption = DEFAULT_HOME) -> None:
    """Run the embedded models, replay a season from them, and profile them."""
    console = Console()
    run_id = perform(SEASON, home, console)
    show(console, profile_run(Home(home), run_id))
    publish_measurements(Home(home))
    option = "" if home == DEFAULT_HOME else f" --home {home}"
    console.print(f"Open the board: make board, or halflife board{option}", highlight=False, soft_wrap=True)
