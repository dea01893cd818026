"""Lifecycle: how long a place at the top lasts, and what is routed because of it."""

import datetime as dt

import streamlit as st

from leaderboard import formatting
from leaderboard.board.charts import frames
from leaderboard.board.charts.timeline import timeline
from leaderboard.board.tables import lifecycle, routes
from leaderboard.board.widgets import components, controls, notices, panels
from leaderboard.reports import external_ratings, model_history, page_data
from leaderboard.routing import view
from leaderboard.standings import queries
from leaderboard.standings.queries import Selection

observatory, boards = notices.require_boards()
title = st.container()
with st.container(horizontal=True, vertical_alignment="top", gap="small"):
    board = controls.choose_board(observatory, boards)
    category = controls.choose_category(observatory, board)
    measure = controls.choose_measure(observatory, board)
controls.unknown_parameters()
selection = Selection(board=board, category=category, measure=measure)
with title:
    notices.heading("Lifecycle", board)
policy = notices.policy_in_use(observatory)

models = observatory.ask(queries.models, board)
titles = dict(zip(models["model"], models["title"], strict=True))
life = observatory.ask(page_data.lifecycle, selection)
table = view.current_table(observatory.home, board.table_id)
panels.lifecycle(life, table, category, titles, board)

left, right = st.columns([3, 2], gap="medium")
with left:
    st.subheader(f"Tenures in the top {board.k}", anchor=False)
    stays, releases, order = frames.timeline(life.tenures, models)
    became, moved = observatory.ask(model_history.states), observatory.ask(model_history.drift_marks)
    live = slice(None) if not board.replayed else slice(0)
    marks = frames.marks(became[live], moved[live], models)
    st.altair_chart(
        timeline(stays, releases, marks, order=order), width="stretch", alt=f"Who was in the top {board.k}, and when"
    )
with right:
    st.subheader("Survival at the top", anchor=False)
    panels.survival(life, board)

st.subheader("Half-lives of rank, lead and price", anchor=False)
lives = observatory.ask(page_data.half_lives, board, policy)
components.ledger(lifecycle.half_lives(lives, k=board.k), key="half_lives")
st.caption(
    "By the censored exponential, with 95 % intervals. Where the prior speaks there were fewer than 8 events. "
    f"`halflife half-life` prints the other methods beside it. {lifecycle.without_price(lives)}"
)

st.subheader("Routed now", anchor=False)
if table is None:
    st.caption("No routing table is published for this suite yet. Run `halflife routes publish`.")
else:
    components.ledger(routes.routes(table, measure, titles, now=dt.datetime.now(dt.UTC)), key="routes")
    clocks = " Since is on the replayed calendar, staleness and expiry are on the real clock." if board.replayed else ""
    expiry = formatting.label(table.on_expiry).lower()
    st.caption(f"Table {table.table_id}, serial {table.serial}; after expiry: {expiry}.{clocks}")

st.subheader("Switches of route", anchor=False)
switched = observatory.ask(page_data.route_switches, selection, policy)
if switched:
    components.ledger(routes.switches(switched, titles), key="switches")
panels.decided(became, titles)
panels.changed(observatory, board, moved, titles)
panels.from_outside(observatory, observatory.ask(external_ratings.sources))
notices.about(
    board,
    f"{formatting.label(category)}, by {measure.title.lower()}",
    f"decided again from the history, by {policy.source}",
)
