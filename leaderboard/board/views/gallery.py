"""Gallery: one prompt, every model's sample side by side."""

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
    board = controls.choose_board(boards)
    category = controls.choose_category(observatory, board)
    prompts = observatory.ask(queries.prompts, board, category)
    prompt = controls.choose_prompt(prompts)
    samples = observatory.ask(queries.samples, board, prompt)
    seed = controls.choose_seed(samples)
controls.unknown_parameters()
with title:
    notices.heading("Gallery", board)

measure = next(m for m in observatory.ask(queries.measures, board) if m.name == board.primary_metric)
order = observatory.ask(page_data.last_standing, Selection(board=board, category=ALL_CATEGORIES, measure=measure))
shown = gallery.in_order(samples[samples["seed"] == seed], order)
scores = observatory.ask(queries.sample_scores, board, prompt, measure.name)
row = prompts[prompts["prompt"] == prompt].iloc[0]
held_out = ["not in the training data"] if row.held_out else []
about = " · ".join([prompt, formatting.label(row.category), *held_out, f"seed {seed}"])
components.show_gallery(gallery.gallery(shown, scores, prompt=row.text, about=about), key="gallery")
notices.about(board, f"best model first, by “{measure.title}” over all categories")
