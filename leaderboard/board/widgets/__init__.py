"""The parts that pages are put together from: what a reader chooses, headline figures, panels, notices, our components.

What belongs here: everything that calls streamlit and is longer than a view should hold. What does not: how rows are
made (`tables/`), how charts are drawn (`charts/`), what is asked of the data (`leaderboard.reports`).
"""
