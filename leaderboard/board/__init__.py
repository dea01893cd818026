"""The board: the Streamlit pages of an observatory and their server. The only room that imports streamlit.

What belongs here: what a page asks, shows and draws. `app` routes, `views/` hold one file a page, `widgets/` the parts
that a view puts together, `tables/` and `charts/` turn data into tables and charts without streamlit, `connection` is
the one way to the data, `assets/` are the scripts and styles of our two components. `server`, `asgi`, `media` and
`security_headers` serve it all over HTTP.

What does not: SQL (`leaderboard.standings.queries`), statistics (`leaderboard.inference`, `.lifecycle`), answers that
need both (`leaderboard.reports`).
"""
