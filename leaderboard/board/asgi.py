"""The board as an ASGI application: Streamlit's pages, our media beside them, and the headers that browsers need."""

from pathlib import Path

import streamlit as st

from leaderboard.board.media import ROUTES
from leaderboard.board.security_headers import MIDDLEWARE

app = st.App(Path(__file__).resolve().with_name("app.py"), routes=ROUTES, middleware=MIDDLEWARE)
