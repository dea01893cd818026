"""Silent changes: has a deployment become another model under the same name?

Here belong tests on arrays of nights, without SQL and files: `sequence` watches one metric, `benjamini_hochberg` limits
false discoveries over several metrics, `kernel` compares embeddings, `byte_changes` compares file hashes, and
`detection` runs them all on one deployment's `sentinel_series`. What reads the sentinel nights of a store is in
`leaderboard.reports.sentinel_nights`.
"""
