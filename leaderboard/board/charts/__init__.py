"""Results as charts: a DataFrame in, an Altair chart out, and the frames and colours that the charts share.

What belongs here: pure functions. What does not: streamlit, SQL, tables.
"""
