"""Benchmarks: each measures the project side by side with what one would do otherwise, in one run.

`python -m benchmarks` runs all, `python -m benchmarks.NAME` one, `--json` prints figures for machines. Machines are
noisy: medians and ratios are given, with every repetition interleaved.
"""
