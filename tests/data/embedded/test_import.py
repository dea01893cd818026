"""Importing the package costs nothing."""

import subprocess
import sys

CHECK = """
import sys, data.embedded, data.embedded.world, data.embedded.contenders, data.embedded.detector
import data.embedded.weight_files
heavy = {"torch", "diffusers", "transformers", "open_clip"} & set(sys.modules)
assert not heavy, heavy
"""


def test_world_detector_contenders_and_weight_files_import_no_torch() -> None:
    subprocess.run([sys.executable, "-c", CHECK], check=True)
