"""Trade-off: what quality costs, in seconds and in dollars."""

import streamlit as st

from leaderboard.board.charts import page_frames
from leaderboard.board.charts.trade_off import NOTHING, trade_off
from leaderboard.board.widgets import controls, notices, routing_panels
from leaderboard.formatting import SHARES
from leaderboard.reports import page_data
from leaderboard.routing import view

observatory, boards = notices.require_boards()
title = st.container()
filters = controls.choose_filter(observatory, boards)
controls.unknown_parameters()
selection, measure = filters.selection, filters.selection.measure
with title:
    notices.heading("Trade-off", selection.board)

results = observatory.ask(page_data.trade_off, selection)
results = results[results["location"].map(filters.shows)]
roles = view.roles(routing_panels.table_of(observatory, selection.board), selection.category)
better, video = measure.higher_is_better, selection.board.video
charts = {
    "Quality and latency": page_frames.against_latency(results, roles, higher_is_better=better, video=video),
    "Quality and cost": page_frames.against_cost(results, roles, higher_is_better=better, video=video),
}
for column, (name, (frame, price)) in zip(st.columns(2, gap="medium"), charts.items(), strict=True):
    with column:
        st.subheader(name, anchor=False)
        if frame.empty:
            st.info(NOTHING)
            continue
        percent = measure.unit in SHARES
        chart = trade_off(frame, price=price, quality=measure.title, percent=percent, higher_is_better=better)
        st.altair_chart(chart, width="stretch", alt=f"{measure.title}: {name.lower()}, with the Pareto front")
st.caption("Lines: 95 % intervals. Dashed: the Pareto front, the models that no other beats on both axes.")
notices.about(selection.board)
if not roles:
    st.caption("No hero or workhorse is marked: there is no routing table yet. Run `halflife routes publish`.")
