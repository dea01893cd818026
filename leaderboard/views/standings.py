"""Standings: who leads, by how much, and how sure that is."""

import streamlit as st

from leaderboard import notation, queries, readings, tables
from leaderboard.parts import components, controls, notices

observatory, boards = notices.require_boards()
title = st.container()
filters = controls.choose_filter(observatory, boards)
controls.unknown_parameters()
selection = filters.selection
board, measure = selection.board, selection.measure
with title:
    notices.heading("Standings", board)

frame = observatory.ask(queries.standings, selection)
frame = frame[frame["location"].map(filters.shows)]
tenures = observatory.ask(readings.tenure_days, selection)
if frame.empty:
    st.info(f"No {filters.where.lower()} models stand in {notation.label(selection.category).lower()}.")
    st.stop()

components.ledger(tables.standings(frame, selection, tenures), key="standings")
effect = observatory.ask(readings.detectable_difference, selection)
notices.about(board, notation.count(int(frame["n_prompts"].max()), "prompt"), notation.count(board.seeds, "seed"))
st.caption(notices.inert(effect))

if st.toggle("Paired differences", key="pairs", bind="query-params", help="Every pair on the same prompts, after Holm"):
    compared = observatory.ask(readings.paired_differences, selection, tuple(sorted(frame["model"])))
    titles = dict(zip(frame["model"], frame["title"], strict=True))
    components.ledger(tables.pairs(compared, measure, titles), key="pairs_table")
