"""A gate for continuous integration: thresholds in a file, judged by the intervals of what is published.

`gate_file` reads the thresholds, `checks` measures what they are about, `verdict` judges.
"""
