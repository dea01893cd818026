"""Profile: one model at one shape: FLOPs by stage and kind, the roofline, memory against common cards."""

import streamlit as st

from data.errors import ShapeError
from leaderboard.board import connection
from leaderboard.board.tables import cost_model
from leaderboard.board.widgets import controls, cost_controls, cost_panels
from leaderboard.board.widgets.notices import catalogue_in_use
from leaderboard.cost_model.surface import nearest

st.header("Profile", anchor=False)
surface = connection.cost_surface(connection.home_directory())
model = controls.choose("Model", cost_model.titles(surface), key="model", default="flux.1-dev")
query = cost_controls.choose_query(surface, catalogue_in_use())
controls.unknown_parameters()
try:
    shape = nearest(surface.architecture(model), query)
except ShapeError as error:
    st.info(str(error))
    st.stop()
profile = surface.flops_model.profile(model, shape)
cost_panels.profile_figures(profile, surface.answer(model, query))

left, right = st.columns(2, gap="medium")
with left:
    cost_panels.flops_by_stage(profile)
with right:
    cost_panels.roofline(profile, query.place.accelerator)
cost_panels.memory(profile)
st.caption(cost_model.about(query))
