"""Standings: who leads, by how much, and how sure that is."""

import streamlit as st

from leaderboard import formatting
from leaderboard.board.tables import refusals as refusal_table
from leaderboard.board.tables import standings
from leaderboard.board.widgets import components, controls, notices
from leaderboard.reports import page_data
from leaderboard.reports.detectable_difference import detectable_difference
from leaderboard.standings import queries
from leaderboard.standings.notes import notes
from leaderboard.standings.refusals import refusals

PAIRS_HELP = "Every pair of models on the prompts that both have, with p values adjusted with Holm's method"

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
if frame.empty:
    st.info(f"No {filters.where.lower()} model has a standing in {formatting.label(selection.category).lower()}.")
    st.stop()

tenure_days = observatory.ask(page_data.tenure_days, selection)
companion = observatory.ask(page_data.companion, selection)
beside = standings.Companion(*companion) if companion else None
components.show_table(standings.standings(frame, selection, tenure_days, beside), key="standings")
if measure.neutral:
    st.caption("Neither more nor less of this is better, so nobody has a rank.")
notices.about(board, formatting.count(int(frame["n_prompts"].max()), "prompt"), formatting.count(board.seeds, "seed"))
shown = tuple(sorted(frame["model"]))
st.caption(notices.inert(observatory.ask(detectable_difference, selection, shown)))
for note in observatory.ask(notes, selection):
    st.caption(notices.inert(note))

titles = dict(zip(frame["model"], frame["title"], strict=True))
refused = [each for each in observatory.ask(refusals, selection) if each.model in titles]
if any(each.hits for each in refused):
    st.subheader("Refusals", anchor=False)
    components.show_table(refusal_table.refusals(refused, measure, titles), key="refusals")

if st.toggle("Paired differences", key="pairs", bind="query-params", help=PAIRS_HELP):
    compared = observatory.ask(page_data.paired_differences, selection, shown)
    components.show_table(standings.pairs(compared, measure, titles), key="pairs_table")
