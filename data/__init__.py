"""What every floor stands on: the vocabulary, journals, media, the store, suites, the catalogue, embedded models.

Nothing here generates, scores or ranks; nothing here imports the other packages.
"""
