"""The index that everybody queries, made from the record and always makeable again.

Belongs here: sealing runs as Parquet, the warehouse that one process owns, its snapshots, the control database,
rebuilding and exporting. Does not: what results mean (leaderboard), and anything that only exists here.
"""
