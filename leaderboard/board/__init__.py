"""The Streamlit board, the only room that imports streamlit."""
