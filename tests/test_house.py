"""The house stands: packages come from this checkout, the command line starts light, nothing names an index."""

import ast
import importlib
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib import metadata
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
NEVER_NAMED_IN_AN_IMPORT = {
    "nvidia-ml-py",  # harness/profiling/energy.py asks for its module by name
    "torchvision",  # open_clip's; declared, or a resolver takes one that is built for another torch
    "tzdata",  # zoneinfo's data
}


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


def test_what_is_imported_is_declared_and_what_is_declared_is_imported() -> None:
    owners = metadata.packages_distributions()
    modules = set(imported_modules()) - set(PACKAGES) - sys.stdlib_module_names
    imported = {re.sub("[-_.]+", "-", owner).lower() for module in modules for owner in owners[module]}
    assert imported - {"pydantic-core"} == declared_packages() - NEVER_NAMED_IN_AN_IMPORT


def imported_modules() -> Iterator[str]:
    for path in (path for name in PACKAGES for path in (ROOT / name).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                yield from (alias.name.split(".")[0] for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                yield node.module.split(".")[0]


def declared_packages() -> set[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = [line for name, lines in project["optional-dependencies"].items() if name != "dev" for line in lines]
    return {re.split("[<>=~!;[ ]", line)[0] for line in project["dependencies"] + extras}


@pytest.mark.parametrize("folder", ["utils", "common", "helpers", "misc", "manager"])
def test_no_module_has_a_name_that_says_nothing(folder: str) -> None:
    assert not [path for name in PACKAGES for path in (ROOT / name).rglob(f"{folder}.py")]
