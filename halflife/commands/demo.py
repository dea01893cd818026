"""`halflife demo`: the embedded contenders, generated, scored, ranked, routed on a replayed calendar, profiled."""

import datetime as dt

from rich.console import Console

from halflife.commands.run import perform
from halflife.options import DEFAULT_HOME, HomeOption
from halflife.output.demo import profiled, show
from halflife.workflows.observe import RunSpec, show_cells

SEASON = RunSpec(
    suite="shapes",
    models=("shapes-*",),
    seeds=1,
    calendar="replayed",
    day=dt.date(2026, 8, 1),
    device="cpu",
    threads=1,
)
"""The season of 90 virtual days that begins on `day`; every embedded contender enters on its release date.

One thread: the pipelines are too small to gain from more, and a busy neighbour does not hold one thread up.
"""


def demo(home: HomeOption = DEFAULT_HOME) -> None:
    """Run the embedded models, replay a season from them, and profile them."""
    from data.home import Home

    console = Console()
    run_id = perform(SEASON, home, console)
    show(console, profiled(Home(home), run_id))
    show_cells(Home(home))
    where = "" if home == DEFAULT_HOME else f" --home {home}"
    console.print(f"Open the board: make board, or halflife board{where}", highlight=False, soft_wrap=True)
