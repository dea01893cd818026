"""Suites of prompts: ours as files in `files/`, readers for the files of public ones, one typed object for all.

What makes a suite (`assembly`), each form's reader (`suite_file`, `partiprompts`, `geneval`, `vbench`), where
suites are found (`library`), the pictures that prompts start from (`inputs`), and the scripts that wrote `shapes`
(`make_shapes`) and `moving-shapes` (`make_moving_shapes`). No public suite's text is kept here.
"""

from data.suites.library import load_suite, narrowed, read_suite, suite_names

__all__ = ["load_suite", "narrowed", "read_suite", "suite_names"]
