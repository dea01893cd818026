"""How samples are scored: one evaluator a file, its facts declared as data.

An evaluator turns media and a prompt into numbers or a reason why there is none; it never averages over samples.
"""
