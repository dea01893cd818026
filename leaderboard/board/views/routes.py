"""Routes: which model each alias serves, why, since when and until when; and what another policy would have done."""

import datetime as dt

import streamlit as st

from leaderboard.board.tables import routes
from leaderboard.board.widgets import components, controls, notices, routing_panels
from leaderboard.standings import queries

observatory, boards = notices.require_boards()
title = st.container()
with st.container(horizontal=True, vertical_alignment="top", gap="small"):
    board = controls.choose_board(boards)
controls.unknown_parameters()
with title:
    notices.heading("Routes", board)
policy = notices.policy_in_use(observatory)

table = routing_panels.table_of(observatory, board)
if table is None:
    command = f"halflife routes publish --suite {board.label} --calendar {board.calendar}"
    why = routing_panels.why_no_table(observatory, board)
    notices.nothing_here("This suite routes nothing yet", why, command)
models = observatory.ask(queries.models, board)
titles = dict(zip(models["model"], models["title"], strict=True))
measure = next(m for m in observatory.ask(queries.measures, board) if m.name == board.primary_metric)
routing_panels.figures(table, dt.datetime.now(dt.UTC))

st.subheader("Routed now", anchor=False)
routing_panels.routed_now(table, measure, titles, board)
st.subheader("Exports for gateways", anchor=False)
routing_panels.downloads(table.content)
st.subheader("Reasons and closest challengers", anchor=False)
components.show_table(routes.reasons(table, titles), key="reasons")
st.subheader("Changes since the previous table", anchor=False)
routing_panels.changes(observatory.home, table.table_id, titles)
st.subheader("How few models are enough", anchor=False)
routing_panels.curation(observatory, board, measure, titles, policy)
st.subheader("Try another policy", anchor=False)
routing_panels.simulator(observatory, board, measure, policy)
notices.about(board, f"by “{measure.title}”")
