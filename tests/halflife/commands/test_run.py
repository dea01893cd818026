"""`halflife run` says what its requests cost before the first is sent, and what is left where it cannot go on."""

from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

Halflife = Callable[..., "CompletedProcess[str]"]
CATALOGUE = """
family = "mine"
provider = "studio"
licence = "Terms"

[[models]]
id = "mine-1"
title = "Mine"
released = 2026-01-01
revision = "1"
revision_pinned = true
remote = { adapter = "openai_images", base_url = "http://127.0.0.1:9/v1", model = "m" }
settings = { width = 64, height = 64 }
price = { unit = "output-token", usd = 0.001, most = 500, as_of = 2026-11-20, source = "a page" }
"""


@pytest.fixture
def arguments(tmp_path: Path) -> tuple[str, ...]:
    path = tmp_path / "mine.toml"
    path.write_text(CATALOGUE)
    return "run", "--suite", "shapes", "--prompts", "1", "--model", "mine-1", "--catalogue", str(path)


def test_a_forecast_prints_what_a_run_costs_and_makes_nothing(
    tmp_path: Path, arguments: tuple[str, ...], halflife: Halflife
) -> None:
    home = tmp_path / "observatory"
    done = halflife(home, *arguments, "--cap", "2", "--forecast")
    assert done.returncode == 0
    assert "In all at most $2.50 for 5 requests: more than the cap of $2.00" in done.stdout
    assert not home.exists()


def test_a_run_that_the_cap_stops_says_how_many_are_left_and_what_they_cost(
    tmp_path: Path, arguments: tuple[str, ...], halflife: Halflife
) -> None:
    done = halflife(tmp_path / "observatory", *arguments, "--cap", "0.4")
    assert done.returncode == 2
    assert "In all at most $2.50 for 5 requests" in done.stdout
    assert "Left in all: 5 samples of remote models, which cost at most $2.50." in " ".join(done.stderr.split())
