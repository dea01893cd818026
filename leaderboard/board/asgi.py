"""The board as an ASGI application: Streamlit's pages, the media routes, and the security headers."""

from pathlib import Path

import streamlit as st

from leaderboard.board.media import ROUTES
from leaderboard.board.security_headers import MIDDLEWARE

app = st.App(Path(__file__).resolve().with_name("app.py"), routes=ROUTES, middleware=MIDDLEWARE)
