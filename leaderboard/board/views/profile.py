"""Profile: one model at one shape: FLOPs by stage and kind, the roofline, memory against common cards."""

import streamlit as st

from data.errors import ShapeError
from leaderboard import formatting
from leaderboard.board.charts import compute, profile_frames
from leaderboard.board.connection import home_directory
from leaderboard.board.tables import cost_model
from leaderboard.board.widgets import controls, cost_controls, panels
from leaderboard.board.widgets.notices import catalogue_in_use
from leaderboard.cost_model.surface import nearest

st.header("Profile", anchor=False)
surface = cost_model.surface(home_directory())
titles = cost_model.titles(surface)
model = controls.choose("Model", titles, key="model", default="flux.1-dev")
wish = cost_controls.choose_wish(surface, catalogue_in_use())
controls.unknown_parameters()
try:
    shape = nearest(surface.architecture(model), wish)
except ShapeError as error:
    st.info(str(error))
    st.stop()
profile = surface.flops_model.profile(model, shape)
panels.profile(profile, surface.answer(model, wish))

left, right = st.columns(2, gap="medium")
with left:
    st.subheader("FLOPs by stage", anchor=False)
    frame, order = profile_frames.stages(profile)
    st.altair_chart(compute.stages(frame, order=order), width="stretch", alt="TFLOP by stage and kind")
with right:
    st.subheader("Roofline", anchor=False)
    if wish.place.accelerator.peak_tflops is None:
        st.caption(f"No peak is known of the {wish.place.accelerator.title}: it has no roof to draw.")
    else:
        points, roof = profile_frames.roofline(profile, wish.place.accelerator)
        st.altair_chart(
            compute.roofline(points, roof, title=f"the {wish.place.accelerator.title}"), width="stretch", alt="Roofline"
        )
        st.caption("Weights read once a forward, two bytes each; activations are moved too, so this is an upper bound.")
st.subheader("Memory by stage", anchor=False)
memory, rows = profile_frames.memory(profile)
if memory.empty:
    st.caption("The atlas has no law of memory for this model.")
else:
    st.altair_chart(
        compute.memory(memory, profile_frames.cards(), order=rows),
        width="stretch",
        alt="GiB by stage, against common cards",
    )
    st.caption(
        f"{profile_frames.smallest_cards(profile)} Tensors alone, in bfloat16, eager, attention as a flash kernel; the "
        "device takes some more. A stage alone is what model offload needs at that time."
    )
for name, reason in profile.memory_unknown.items():
    st.caption(f"{formatting.label(name)}: its memory is not known. {reason}")
for name, reason in profile.partial.items():
    st.caption(f"{formatting.label(name)} is not counted: {reason}")
st.caption(cost_model.about(wish))
