"""Trade-off: what quality costs, in seconds and in dollars."""

import streamlit as st

from leaderboard.board.charts import frames
from leaderboard.board.charts.trade_off import trade_off
from leaderboard.board.widgets import controls, notices
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

found = observatory.ask(page_data.trade_off, selection)
found = found[found["location"].map(filters.shows)]
table = view.current_table(observatory.home, selection.board.table_id)
roles = view.roles(table, selection.category)
drawn = (
    ("Against latency", frames.against_latency(found, roles, higher_is_better=measure.higher_is_better)),
    ("Against cost", frames.against_cost(found, roles, higher_is_better=measure.higher_is_better)),
)
for column, (name, (frame, price)) in zip(st.columns(2, gap="medium"), drawn, strict=True):
    with column:
        st.subheader(name, anchor=False)
        if frame.empty:
            st.info("No model has both a score and this price.")
            continue
        chart = trade_off(
            frame,
            price=price,
            quality=measure.title,
            percent=measure.unit in SHARES,
            higher_is_better=measure.higher_is_better,
        )
        st.altair_chart(chart, width="stretch", alt=f"{measure.title} {name.lower()}, with the Pareto front")
notices.about(
    selection.board, "lines are 95 % intervals, both ways", "dashed: the Pareto front, nothing is better on both"
)
if not roles:
    st.caption("No routing table names a hero or a workhorse here yet; `halflife routes publish` writes one.")
