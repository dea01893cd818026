"""Results as tables: rows, columns and cells, without streamlit."""
