"""The house stands: packages come from this checkout, the command line starts light, nothing names an index."""

import importlib
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("halflife", "schedules", "leaderboard", "harness", "evaluators", "data")
HEAVY = (
    "torch",
    "diffusers",
    "transformers",
    "open_clip",
    "streamlit",
    "openai",
    "pandas",
    "duckdb",
    "numpy",
    "scipy",
    "pydantic",
)


@pytest.mark.parametrize("name", PACKAGES)
def test_each_package_is_imported_from_this_checkout(name: str) -> None:
    module = importlib.import_module(name)
    assert module.__file__ is not None
    assert Path(module.__file__).resolve() == ROOT / name / "__init__.py"


def test_the_command_line_imports_nothing_heavy() -> None:
    code = "import sys, halflife.cli; print(*sorted({m.split('.')[0] for m in sys.modules}))"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    ).stdout.split()
    assert set(loaded).isdisjoint(HEAVY)


def test_the_lock_names_no_index_and_hashes_every_package() -> None:
    lines = (ROOT / "requirements.lock").read_text().splitlines()
    assert not [line for line in lines if "://" in line]
    pins = [line for line in lines if "==" in line and not line.startswith(" ")]
    assert pins
    assert all(line.endswith("\\") for line in pins)


@pytest.mark.parametrize("folder", ["utils", "common", "helpers", "misc", "manager"])
def test_no_module_has_a_name_that_says_nothing(folder: str) -> None:
    assert not [path for name in PACKAGES for path in (ROOT / name).rglob(f"{folder}.py")]
