"""Cost surface: what models compute, take and cost at any resolution, duration and number of steps."""

import streamlit as st

from leaderboard.board import connection
from leaderboard.board.tables import cost_model, list_prices
from leaderboard.board.widgets import components, controls, cost_controls, cost_panels
from leaderboard.board.widgets.notices import catalogue_in_use, inert
from leaderboard.cost_model import surface_tables as cost_surface

st.header("Cost surface", anchor=False)
surface, catalogue = connection.cost_surface(connection.home_directory()), catalogue_in_use()
titles = cost_model.titles(surface)
models = cost_controls.choose_models(titles)
query = cost_controls.choose_query(surface, catalogue)
controls.unknown_parameters()

estimates = [surface.answer(model, query) for model in models]
markets = cost_panels.markets(catalogue, surface, models)
components.show_table(cost_model.answers(estimates, query), key="answers")
if comparison := list_prices.same_models(markets, estimates):
    st.caption(inert(comparison))
st.caption(cost_model.about(query))

quantity = cost_controls.choose_quantity()
cost_panels.curves(surface, models, query, quantity)
mapped = controls.choose("Map of", {name: titles[name] for name in models}, key="map", default="wan2.1-14b")
cost_panels.cost_map(surface, mapped, query, quantity)

st.subheader("In prompts to a language model", anchor=False)
components.show_table(cost_model.claims(cost_surface.claims(surface, list(titles), query)), key="claims")
st.caption(cost_model.CLAIM)
st.subheader("List prices of providers", anchor=False)
components.show_table(list_prices.list_prices(markets, estimates), key="list_prices")
st.caption(inert(list_prices.about_list_prices(markets)))
