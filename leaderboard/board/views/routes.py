"""Routes: what is routed now, why, since when and until when, what nearly won, and what changed."""

import datetime as dt

import streamlit as st

from leaderboard import formatting
from leaderboard.board.tables import routes
from leaderboard.board.widgets import components, controls, notices, panels, routing_panels
from leaderboard.routing import view
from leaderboard.standings import queries

observatory, boards = notices.require_boards()
title = st.container()
with st.container(horizontal=True, vertical_alignment="top", gap="small"):
    board = controls.choose_board(observatory, boards)
controls.unknown_parameters()
with title:
    notices.heading("Routes", board)
policy = notices.policy_in_use(observatory)

table = view.current_table(observatory.home, board.table_id)
if table is None:
    notices.nothing_here(
        "Nothing is routed by this suite yet",
        "The published routing table is another suite's, or there is none.",
        f"halflife routes publish --suite {board.suite} --calendar {board.calendar}",
    )
models = observatory.ask(queries.models, board)
titles = dict(zip(models["model"], models["title"], strict=True))
measure = next(one for one in observatory.ask(queries.measures, board) if one.name == board.primary_metric)
now = dt.datetime.now(dt.UTC)
panels.table(table, now)

st.subheader("Routed now", anchor=False)
components.ledger(routes.routes(table, measure, titles, now=now), key="routes")
clocks = " Since is on the replayed calendar, staleness and expiry are on the real clock." if board.replayed else ""
expiry = formatting.label(table.on_expiry).lower()
st.caption(f"After expiry: {expiry}. Revision `{table.revision[:19]}…`.{clocks}")

st.subheader("For a gateway", anchor=False)
routing_panels.downloads(table.content)

st.subheader("Why, and what nearly won", anchor=False)
components.ledger(routes.reasons(table, titles), key="reasons")

st.subheader("Since the table before", anchor=False)
panels.since_before(observatory.home, titles)

st.subheader("How few models are enough", anchor=False)
routing_panels.curation(observatory, board, measure, titles, policy)

st.subheader("Another policy", anchor=False)
routing_panels.simulator(observatory, board, policy)
notices.about(board, f"by {measure.title.lower()}")
