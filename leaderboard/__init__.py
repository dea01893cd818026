"""What results mean: intervals, rank sets, tenure and half-life, routing, and the Streamlit pages that show them.

It reads the published snapshot and writes standings and routing tables; it never generates or scores.
"""
