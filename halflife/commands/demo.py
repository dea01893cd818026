"""`halflife demo`: the embedded models, generated, scored, ranked, routed on a replayed calendar, profiled.

Pictures and clips are two seasons, two boards and two routing tables. The clips are generated beside the pictures.
"""

import datetime as dt
from dataclasses import replace
from typing import Annotated, Final

import typer

from data.home import Home
from halflife.commands.run import perform
from halflife.options import DEFAULT_HOME, HomeOption
from halflife.output.demo import profile_run, show
from halflife.output.progress import Bars
from halflife.output.terminal import Terminal
from halflife.workflows.ahead import generating_ahead
from halflife.workflows.publish import renew_board
from halflife.workflows.run_spec import RunSpec
from schedules.clock import Stop, stopped_by_signals

PICTURES: Final = RunSpec(
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
CLIPS: Final = replace(PICTURES, suite="moving-shapes", models=("moving-*",), prompts=4)
"""The same season for the models of clips, on four prompts of each category: a clip takes as long as ten pictures."""


def demo(
    prompts: Annotated[
        int | None, typer.Option(min=1, help="at most so many prompts of each category: quicker, and less sure")
    ] = None,
    home: HomeOption = DEFAULT_HOME,
) -> None:
    """Run the embedded models, replay a season from them, and profile them."""
    console, stop = Terminal(), Stop()
    pictures, clips = (replace(season, prompts=_fewer(season.prompts, prompts)) for season in (PICTURES, CLIPS))
    with generating_ahead(Home(home), clips) as ahead:
        show(console, profile_run(Home(home), perform(pictures, home, console)), "image")
        with stopped_by_signals(stop), Bars(console) as bars:
            ahead.wait("Generating clips", bars, stop.event)
    show(console, profile_run(Home(home), perform(clips, home, console)), "clip")
    renew_board(Home(home))
    option = "" if home == DEFAULT_HOME else f" --home {home}"
    console.print(f"Open the board: make board, or halflife board{option}", soft_wrap=True)


def _fewer(usual: int | None, wanted: int | None) -> int | None:
    return min((count for count in (usual, wanted) if count is not None), default=None)
