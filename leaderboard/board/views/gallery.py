"""Gallery: one prompt, every contender side by side."""

import streamlit as st

from data.vocabulary import ALL_CATEGORIES
from leaderboard import formatting
from leaderboard.board import gallery
from leaderboard.board.widgets import components, controls, notices
from leaderboard.reports import page_data
from leaderboard.standings import queries
from leaderboard.standings.queries import Selection

observatory, boards = notices.require_boards()
title = st.container()
with st.container(horizontal=True, vertical_alignment="top", gap="small"):
    board = controls.choose_board(observatory, boards)
    category = controls.choose_category(observatory, board)
    prompts = observatory.ask(queries.prompts, board, category)
    chosen = controls.choose_prompt(prompts)
    samples = observatory.ask(queries.samples, board, chosen)
    seed = controls.choose_seed(samples)
with title:
    notices.heading("Gallery", board)

measure = {one.name: one for one in observatory.ask(queries.measures, board)}[board.primary_metric]
controls.unknown_parameters()
order = observatory.ask(page_data.last_standing, Selection(board=board, category=ALL_CATEGORIES, measure=measure))
shown = gallery.in_order(samples[samples["seed"] == seed], order)
scores = observatory.ask(queries.sample_scores, board, chosen, measure.name)
row = prompts[prompts["prompt"] == chosen].iloc[0]
about = " · ".join(
    [chosen, formatting.label(row.category), *(["held out of training"] if row.held_out else []), f"seed {seed}"]
)
components.wall(gallery.wall(shown, scores, prompt=row.text, about=about), key="wall")
notices.about(board, f"best first by {measure.title.lower()}, all categories")
