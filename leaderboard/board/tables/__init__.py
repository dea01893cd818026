"""Results as tables: data in, a `Table` of columns, rows and cells out. Texts and units are decided here.

What belongs here: pure functions that a terminal may use too. What does not: streamlit, SQL, charts.
"""
