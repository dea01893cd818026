"""What pages and commands show together: several rooms' results read once and joined.

Here belong the queries and files from which `lifecycle`, `drift` and `inference` are fed, and the functions that join
their results for a page or a command: `half_lives`, `page_data`, `external_ratings`, `model_history`,
`sentinel_nights` and `tenure_file`. No mathematics (it is in those rooms) and no drawing (it is in `board`).
"""
