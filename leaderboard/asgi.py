"""The board as an ASGI application: Streamlit's pages, our media beside them, and the headers that browsers need."""

from pathlib import Path

import streamlit as st

from leaderboard.headers import MIDDLEWARE
from leaderboard.media_route import ROUTES

app = st.App(Path(__file__).resolve().with_name("app.py"), routes=ROUTES, middleware=MIDDLEWARE)
