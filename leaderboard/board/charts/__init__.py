"""The board's charts: pure functions, DataFrame in, Altair chart out. They import neither streamlit nor a database."""
