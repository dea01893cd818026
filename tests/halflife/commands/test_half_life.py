"""`halflife half-life` and `halflife history` on a command line."""

import functools
import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

Halflife = Callable[..., subprocess.CompletedProcess[str]]
HEADER = "subject,entered,left,observed_from,observed_until,ended_by"


@pytest.fixture
def halflife(halflife: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path) -> Halflife:
    return functools.partial(halflife, tmp_path / "home")


def test_tenures_of_ones_own_are_answered_as_json_the_core_first(halflife: Halflife, tmp_path: Path) -> None:
    file = tmp_path / "tenures.csv"
    rows = [f"m{i},2026-01-{i + 1:02},2026-02-{2 * i + 1:02},,2026-03-31,overtaken" for i in range(9)]
    file.write_text("\n".join([HEADER, *rows, "n,2026-01-05,,,2026-03-31,"]))
    done = halflife("half-life", "--from", str(file), "--json")
    assert done.returncode == 0, done.stderr
    first, *others = json.loads(done.stdout)["estimates"]
    assert (first["method"], first["subjects"], first["events"]) == ("exponential", 10, 9)
    low, high = first["interval_days"]
    assert low < first["half_life_days"] < high
    assert {estimate["method"] for estimate in others} >= {"kaplan-meier", "weibull", "exponential-mle"}


def test_a_bad_row_ends_in_one_sentence(halflife: Halflife, tmp_path: Path) -> None:
    file = tmp_path / "tenures.csv"
    file.write_text(f"{HEADER}\nm,soon,,,2026-03-31,\n")
    done = halflife("half-life", "--from", str(file), "--json")
    assert (done.returncode, done.stdout) == (2, "")
    assert len(done.stderr.strip().splitlines()) == 1
    assert "tenures.csv, line 2, column 'entered'" in done.stderr


def test_ratings_are_taken_in_listed_and_have_a_half_life(halflife: Halflife, tmp_path: Path) -> None:
    file = tmp_path / "arena.csv"
    rows = [f"2026-01-{7 * w + 1:02},m{m},{1000 + 20 * m},±5" for w in range(4) for m in range(4 + w)]
    file.write_text("\n".join(["date,model,rating,interval", *rows]))
    assert "kept as arena" in halflife("history", "import", str(file), "--source", "arena").stdout
    assert "arena" in halflife("history", "list").stdout
    answer = json.loads(halflife("half-life", "--source", "arena", "--json").stdout)
    assert answer["estimates"][0]["scope"] == {"source": "arena", "task": "text-to-image"}


def test_without_standings_it_says_what_to_run(halflife: Halflife) -> None:
    done = halflife("half-life")
    assert done.returncode == 2
    assert "Run `halflife demo`" in done.stderr
