"""What all tests may use: the demo, run once for real."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


def run_halflife(home: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run the command line as a user would, on an observatory directory of its own."""
    environment = os.environ | {"HALFLIFE_HOME": str(home), "COLUMNS": "100", "NO_COLOR": "1"}
    command = [sys.executable, "-m", "halflife", *arguments]
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=environment, timeout=900, check=False)


@pytest.fixture(scope="session")
def halflife() -> "Callable[..., subprocess.CompletedProcess[str]]":
    """Runs the command line: `halflife(home, "routes", "show")`."""
    return run_halflife


@pytest.fixture(scope="session")
def demo_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The observatory that `halflife demo` leaves behind, with its output in `demo.txt` beside it."""
    home = tmp_path_factory.mktemp("demo") / "observatory"
    done = run_halflife(home, "demo")
    assert done.returncode == 0, done.stdout + done.stderr
    (home.parent / "demo.txt").write_text(done.stdout)
    return home
