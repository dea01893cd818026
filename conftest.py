"""Of the packages, only modules whose docstrings hold examples are collected: the others need not be imported."""

from pathlib import Path

TESTS = Path(__file__).parent / "tests"


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    """Leave out a module that holds neither tests nor an example."""
    if collection_path.suffix != ".py" or collection_path.match("test_*.py"):
        return None
    return None if ">>> " in collection_path.read_text() and TESTS not in collection_path.parents else True
