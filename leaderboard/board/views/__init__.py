"""The pages, one file each: ask the connection, hand the answer to tables, charts and widgets, show what comes back.

What belongs here: 20 to 40 lines a page. What does not: SQL, statistics, drawing, and parts longer than a few lines
(`widgets/`). The folder is not called `pages` because Streamlit takes a folder of that name beside its script for a
navigation of its own.
"""
