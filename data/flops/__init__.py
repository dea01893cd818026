"""What any architecture computes at any shape: exact laws, fitted and proved on counts of the real classes.

`flops` are counts by kind, `variables` the natural variables of a law, `law` a law and its value, `atlas` the committed
laws (`atlas.json`), `profile` what they say of one shape. Nothing here imports torch.
"""
