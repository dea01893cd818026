"""Lifecycle: how long a place at the top lasts, and what is routed because of it."""

import streamlit as st

from leaderboard import formatting
from leaderboard.board.charts import page_frames
from leaderboard.board.tables import routes
from leaderboard.board.widgets import components, controls, lifecycle_panels, notices, routing_panels
from leaderboard.reports import external_ratings, model_history, page_data
from leaderboard.standings import queries

observatory, boards = notices.require_boards()
title = st.container()
selection = controls.choose_selection(observatory, boards)
controls.unknown_parameters()
board, category, measure = selection.board, selection.category, selection.measure
with title:
    notices.heading("Lifecycle", board)
policy = notices.policy_in_use(observatory)

models = observatory.ask(queries.models, board)
titles = dict(zip(models["model"], models["title"], strict=True))
life = observatory.ask(page_data.lifecycle, selection)
table = routing_panels.table_of(observatory, board)
lifecycle_panels.figures(life, table, category, titles, board)

states, changes = observatory.ask(model_history.states), observatory.ask(model_history.drift_marks)
on_real_days = slice(0) if board.replayed else slice(None)
left, right = st.columns([3, 2], gap="medium")
with left:
    events = page_frames.marks(states[on_real_days], changes[on_real_days], models)
    lifecycle_panels.tenures(life, models, events, board)
with right:
    lifecycle_panels.survival(life, board)
lifecycle_panels.half_lives(observatory, board, policy)

st.subheader("Routed now", anchor=False)
if table is None:
    st.caption("No routing table is published for this suite yet. Run `halflife routes publish`.")
else:
    routing_panels.routed_now(table, measure, titles, board)
st.subheader("Route switches", anchor=False)
if switches := observatory.ask(page_data.route_switches, selection, policy):
    components.show_table(routes.switches(switches, titles), key="switches")
else:
    st.caption("No route has switched yet.")
lifecycle_panels.states(states, titles)
lifecycle_panels.silent_changes(observatory, board, changes, titles)
lifecycle_panels.external_ratings(observatory, observatory.ask(external_ratings.sources))
metric = f"{formatting.label(category).lower()}, by “{measure.title}”"
notices.about(board, metric, f"switches recomputed from the history with {policy.source}")
