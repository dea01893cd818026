"""Who serves a tier, day by day: from the evidence to one decision for each category and tier.

Belongs here: `load_evidence` reads the `evidence` (with `operating_stats`, `shape_estimates` and `state_overrides`); a
`decision_window` is one category's models on some days; `advantage` and `budget` compare models; `replay` decides.
Does not belong here: the JSON of the table, or any file.
"""
