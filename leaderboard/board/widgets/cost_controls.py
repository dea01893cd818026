"""What a reader chooses of compute: models, a resolution, seconds, steps, an accelerator and its software."""

from collections.abc import Mapping, Sequence

import streamlit as st

from data.catalogue.accelerator import Accelerator
from data.catalogue.library import Catalogue
from leaderboard.board.widgets import controls
from leaderboard.cost_model.surface import OWN_STEPS, RESOLUTIONS, Surface, SurfaceQuery
from leaderboard.cost_model.target import DEFAULT, TargetOptions, offered, priced

SECONDS = (1, 2, 3, 5, 8, 10, 15, 20, 30)
STEPS = (OWN_STEPS, 1, 2, 4, 8, 12, 16, 20, 28, 30, 40, 50, 75, 100)
SOFTWARE = {"eager": "Eager", "compiled": "torch.compile"}


def choose_models(titles: Mapping[str, str], *, default: Sequence[str]) -> list[str]:
    """Show the models and return the chosen ones, at least one."""
    named = [one for one in st.query_params.get("models", "").split(",") if one in titles]
    start = named or [one for one in default if one in titles]
    chosen = st.multiselect(
        "Models", list(titles), default=start, format_func=lambda one: titles[one], max_selections=8
    )
    st.query_params["models"] = ",".join(chosen)
    return chosen or start


def choose_wish(surface: Surface, catalogue: Catalogue) -> SurfaceQuery:
    """Show resolution, seconds, steps and where it would run, and return what is chosen, with declared prices."""
    names = [one.name for one in RESOLUTIONS]
    with st.grid(3, min_column_width=220):
        resolution = st.select_slider("Resolution", names, value="1024²", key="resolution")
        seconds = st.select_slider("Seconds of video", SECONDS, value=5, key="seconds")
        steps = st.select_slider("Steps", STEPS, value=OWN_STEPS, format_func=_steps, key="steps")
    with st.grid(2, min_column_width=220):
        on, software = choose_accelerator(offered(surface.cells, catalogue)), choose_software()
    return SurfaceQuery(
        resolution=RESOLUTIONS[names.index(resolution)],
        seconds=float(seconds),
        steps=int(steps),
        place=priced(on, TargetOptions(software=software), catalogue),
    )


def choose_accelerator(known: Mapping[str, Accelerator]) -> Accelerator:
    """Show the accelerators and return one."""
    return known[controls.choose("On", {one.name: one.title for one in known.values()}, key="on", default=DEFAULT)]


def choose_software() -> str:
    """Show the levels of software and return one."""
    chosen = st.segmented_control(
        "Software",
        list(SOFTWARE),
        default="eager",
        format_func=lambda one: SOFTWARE[one],
        key="software",
        required=True,
    )
    return chosen if chosen in SOFTWARE else "eager"


def _steps(steps: int) -> str:
    return "each model's own" if steps == OWN_STEPS else str(steps)
