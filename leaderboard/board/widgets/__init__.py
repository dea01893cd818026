"""Pieces that several pages show: controls, ledgers, tiles, notices. They import streamlit and compute nothing."""
