"""What the sources import from others, against what pyproject.toml declares."""

import importlib.metadata
import re
import sys
import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Final

from benchmarks.sources import AROUND, PACKAGES, Module

WITHOUT_IMPORT: Final[Mapping[str, str]] = {
    "accelerate": "diffusers loads and offloads pipelines with it",
    "tzdata": "the time zones of zoneinfo where the system has none",
}
"""Dependencies that are needed though no module of ours imports them."""

REQUIREMENT: Final = re.compile(r"[A-Za-z0-9._-]+")


def undeclared(root: Path, shipped: Iterable[Module], around: Iterable[Module]) -> list[str]:
    """Return third-party modules that are imported though no dependency provides them; `dev` counts outside only."""
    needed = declared(root, dev=False)
    lacking = {name for name in _third_party(root, shipped) if not _distributions(name) & needed}
    needed |= declared(root, dev=True) | _gateways(root)
    return sorted(lacking | {name for name in _third_party(root, around) if not _distributions(name) & needed})


def unused(root: Path, shipped: Iterable[Module]) -> list[str]:
    """Return declared dependencies (extras too, `dev` not) of which nothing is imported."""
    provided = {distribution for name in _third_party(root, shipped) for distribution in _distributions(name)}
    return sorted(declared(root, dev=False) - provided - WITHOUT_IMPORT.keys())


def declared(root: Path, *, dev: bool) -> set[str]:
    """Return the distributions that pyproject.toml names: those of the extra `dev`, or all others."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project.get("optional-dependencies", {})
    shipped = [*project["dependencies"], *(name for extra in extras if extra != "dev" for name in extras[extra])]
    requirements = extras.get("dev", []) if dev else shipped
    return {_normal(match[0]) for requirement in requirements if (match := REQUIREMENT.match(requirement))}


def _third_party(root: Path, code: Iterable[Module]) -> set[str]:
    """Return the top-level modules that are neither the standard library's nor in this tree."""
    ours = {path.stem for path in (root / "tests").rglob("*.py")} | {*PACKAGES, *AROUND}
    names = {name.partition(".")[0] for module in code for name in module.imports}
    return names - ours - sys.stdlib_module_names


def _gateways(root: Path) -> set[str]:
    """Return what the tests of the gateways declare for an environment of their own."""
    lines = [line for path in (root / "tests" / "gateways").glob("*.in") for line in path.read_text().splitlines()]
    return {_normal(match[0]) for line in lines if (match := REQUIREMENT.match(line))}


def _distributions(module: str) -> set[str]:
    # A module that is not installed here (another environment's) goes by its name, or by its name and "-sdk".
    return {_normal(name) for name in _installed().get(module, [module, f"{module}-sdk"])}


@cache
def _installed() -> Mapping[str, list[str]]:
    return importlib.metadata.packages_distributions()


def _normal(distribution: str) -> str:
    return re.sub(r"[-_.]+", "-", distribution).lower()
