"""Of the packages, only modules whose docstrings hold examples are collected: the others need not be imported."""

import gc
from pathlib import Path

TESTS = Path(__file__).parent / "tests"

gc.disable()  # what collecting imports stays to the end: to trace it again and again is a tenth of the time


def pytest_collection_finish() -> None:
    """Collect garbage from here on, but not among what is imported."""
    gc.freeze()
    gc.enable()


def pytest_unconfigure() -> None:
    """Let the interpreter free what is imported as it would without us."""
    gc.unfreeze()


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    """Leave out a module that holds neither tests nor an example."""
    if collection_path.suffix != ".py" or collection_path.match("test_*.py"):
        return None
    return None if ">>> " in collection_path.read_text() and TESTS not in collection_path.parents else True
