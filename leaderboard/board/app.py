"""The board's router: its pages. `halflife board` and `streamlit run leaderboard/board/asgi.py` serve it."""

from pathlib import Path

import streamlit as st

from leaderboard.board.connection import observe
from leaderboard.board.widgets.refresh import rerun_on_new_snapshot

HERE = Path(__file__).resolve().parent

st.set_page_config(page_title="Halflife", page_icon=str(HERE / "assets" / "icon.png"), layout="wide")
st.logo(str(HERE / "assets" / "logo.svg"), size="medium")
page = st.navigation(
    [
        st.Page(HERE / "views" / "standings.py", title="Standings", default=True),
        st.Page(HERE / "views" / "trade_off.py", title="Trade-off", url_path="trade-off"),
        st.Page(HERE / "views" / "gallery.py", title="Gallery", url_path="gallery"),
        st.Page(HERE / "views" / "lifecycle.py", title="Lifecycle", url_path="lifecycle"),
        st.Page(HERE / "views" / "routes.py", title="Routes", url_path="routes"),
        st.Page(HERE / "views" / "cost_surface.py", title="Cost surface", url_path="cost-surface"),
        st.Page(HERE / "views" / "profile.py", title="Profile", url_path="profile"),
    ],
    position="top",
)
rerun_on_new_snapshot(observe().generation)
page.run()
