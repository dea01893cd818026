"""What another policy would have done with the past, and the fewest models that serve every category.

Belongs here: `simulate` replays policies (`results` are its rows, `split` halves the prompts), `curate` chooses models
(`curation` is its result, `set_cover` the exact solver). Does not belong here: reading evidence, or deciding a route.
"""
