"""The figures of the house: counted right on a small tree, and readable of this one."""

import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.figures import collect, cycles, doctests, rooms
from benchmarks.sources import PACKAGES, modules

ROOT = Path(__file__).parents[2]
PYPROJECT = """
[project]
dependencies = ["rich>=1", "left-pad"]
[project.optional-dependencies]
dev = ["pytest"]
"""
FIRST = '''
"""A module."""

import rich, json
from typing import Literal

from leaderboard import second
from leaderboard.routing.table import Row

Kind = Literal["a", "b"]


def add(a, b, c, *, d, e, f, g):  # fmt: skip
    """Return a sum.

    >>> 1 + 1
    2
    """
    import numpy
    found = [one for one in (a, b)]
    return sum(found)


class Row:
    def get(self):
        return "# fmt: off"
'''
TABLE = """
from typing import Any

import leaderboard.first


class Row:
    cells: dict[str, Any] = {}

    def get(self):
        return self.cells["a"]
"""


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    files = {
        "pyproject.toml": PYPROJECT,
        "leaderboard/__init__.py": "",
        "leaderboard/first.py": FIRST,
        "leaderboard/second.py": "",
        "leaderboard/routing/__init__.py": "",
        "leaderboard/routing/table.py": TABLE,
        "tests/test_first.py": "import pytest, yaml",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def test_each_figure_is_counted_as_its_name_says(tree: Path) -> None:
    figures = collect(tree)
    assert (figures["production files"], figures["doctests"], figures["imports inside functions"]) == (5, 1, 1)
    assert figures["body lines"]["max"] == 3
    assert figures["formatter exceptions"] == 1
    assert figures["[str, Any] in leaderboard/routing"] == figures["string subscripts in leaderboard/routing"] == 1
    assert figures["names with several meanings"] == {"Row": ["leaderboard.first", "leaderboard.routing.table"]}
    assert figures["empty names"] == {"one": 1, "found": 1, "held": 0, "told": 0, "said": 0}
    assert figures["public functions over 6 parameters"] == {"leaderboard.first.add": 7}
    assert figures["imported but not declared"] == ["numpy", "yaml"]
    assert figures["declared but not used"] == ["left-pad"]


def test_rooms_are_the_direct_children_and_arrows_their_imports(tree: Path) -> None:
    assert rooms(tree, "leaderboard") == {
        "rooms": 3,
        "loose modules": ["first", "second"],
        "arrows": 3,
        "cycles": [["first", "routing"]],
    }


def test_a_circle_is_found_whichever_way_it_goes() -> None:
    assert cycles({"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}}) == [["a", "b", "c"]]


def test_doctests_are_those_that_pytest_collects() -> None:
    folder = "data/formats"
    command = [sys.executable, "-m", "pytest", "--doctest-modules", "--collect-only", "-q", folder]
    collected = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False).stdout
    ours = sum(doctests(module) for module in modules(ROOT, [folder]))
    assert sum("::" in line for line in collected.splitlines()) == ours


def test_this_tree_has_no_formatter_exceptions_and_no_cycles_between_rooms() -> None:
    figures = collect(ROOT)
    assert figures["production files"] == len(modules(ROOT, PACKAGES))
    assert figures["formatter exceptions"] == 0
    assert figures["rooms of leaderboard"]["cycles"] == []
