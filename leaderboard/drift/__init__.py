"""Silent changes: has a deployment become another one under the same name?

`sequence` is the anytime-valid test of one paired stream, `discovery` holds several metrics together, `kernel` looks at
embeddings, `exact` at bytes, `watch` at everything of one deployment; `nights` reads what the sentinel prompts made.
"""
