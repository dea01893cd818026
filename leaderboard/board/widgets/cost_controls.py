"""What a reader chooses on the pages about compute: models, resolution, seconds, steps, accelerator, execution."""

from collections.abc import Mapping

import streamlit as st

from data.catalogue.accelerator import Accelerator
from data.catalogue.library import Catalogue
from leaderboard.board.charts.cost_frames import QUANTITIES, Quantity
from leaderboard.board.widgets import controls
from leaderboard.cost_model.surface import OWN_STEPS, RESOLUTIONS, Surface, SurfaceQuery
from leaderboard.cost_model.target import DEFAULT, TargetOptions, offered, priced

SECONDS = (1, 2, 3, 5, 8, 10, 15, 20, 30)
STEPS = (OWN_STEPS, 1, 2, 4, 8, 12, 16, 20, 28, 30, 40, 50, 75, 100)
SOFTWARE = {"eager": "Eager", "compiled": "torch.compile"}
MODELS_AT_FIRST = ("sdxl", "flux.1-dev", "z-image", "wan2.1-14b", "ltx-video-13b")


def choose_models(titles: Mapping[str, str]) -> list[str]:
    """Show the models and return the chosen ones, at least one."""
    in_address = [model for model in st.query_params.get("models", "").split(",") if model in titles]
    start = in_address or [model for model in MODELS_AT_FIRST if model in titles]
    chosen = st.multiselect(
        "Models", list(titles), default=start, format_func=lambda model: titles[model], max_selections=8
    )
    st.query_params["models"] = ",".join(chosen)
    return chosen or start


def choose_query(surface: Surface, catalogue: Catalogue) -> SurfaceQuery:
    """Show resolution, seconds, steps and accelerator, and return what is chosen, with declared prices."""
    names = [resolution.name for resolution in RESOLUTIONS]
    with st.grid(3, min_column_width=220):
        resolution = st.select_slider("Resolution", names, value="1024²", key="resolution")
        seconds = st.select_slider("Seconds of video", SECONDS, value=5, key="seconds")
        steps = st.select_slider("Steps", STEPS, value=OWN_STEPS, format_func=_steps, key="steps")
    with st.grid(2, min_column_width=220):
        accelerator, software = choose_accelerator(offered(surface.cells, catalogue)), choose_software()
    return SurfaceQuery(
        resolution=RESOLUTIONS[names.index(resolution)],
        seconds=float(seconds),
        steps=int(steps),
        place=priced(accelerator, TargetOptions(software=software), catalogue),
    )


def choose_accelerator(accelerators: Mapping[str, Accelerator]) -> Accelerator:
    """Show the accelerators and return one."""
    titles = {name: accelerator.title for name, accelerator in accelerators.items()}
    return accelerators[controls.choose("Accelerator", titles, key="on", default=DEFAULT)]


def choose_software() -> str:
    """Show how the model may be executed and return one way."""
    chosen = st.segmented_control(
        "Execution",
        list(SOFTWARE),
        default="eager",
        format_func=lambda software: SOFTWARE[software],
        key="software",
        required=True,
    )
    return chosen if chosen in SOFTWARE else "eager"


def choose_quantity() -> Quantity:
    """Show what can be drawn over shapes and return one quantity."""
    chosen = st.segmented_control(
        "Show",
        list(QUANTITIES),
        default="flops",
        format_func=lambda key: QUANTITIES[key].title,
        key="draw",
        required=True,
    )
    return QUANTITIES[chosen or "flops"]


def _steps(steps: int) -> str:
    return "each model's own" if steps == OWN_STEPS else str(steps)
