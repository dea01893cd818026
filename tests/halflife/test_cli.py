"""The command line: what it offers, and that each of a user's mistakes ends in one sentence and exit code 2."""

import functools
import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
Halflife = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def halflife(halflife: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path) -> Halflife:
    """Runs the command line on an observatory directory of this test's own."""
    return functools.partial(halflife, tmp_path / "home")


def refused(done: subprocess.CompletedProcess[str], *words: str) -> None:
    """Check that a command ended as a user's mistake does."""
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr
    for word in words:
        assert word in done.stderr


def test_help_names_every_command(halflife: Halflife) -> None:
    done = halflife("--help")
    assert done.returncode == 0
    for name in ("demo", "run", "models", "suites", "board", "routes", "schedule", "export", "rebuild", "doctor"):
        assert f"  {name} " in done.stdout


def test_an_unknown_suite_is_answered_with_the_nearest(halflife: Halflife, tmp_path: Path) -> None:
    refused(
        halflife("run", "--suite", "shape", "--model", "shapes-*"), "Unknown suite 'shape'", "Did you mean 'shapes'?"
    )
    assert not list((tmp_path / "home" / "runs").rglob("plan.json"))


def test_an_unknown_model_is_answered_with_the_nearest(halflife: Halflife) -> None:
    refused(halflife("run", "--suite", "shapes", "--model", "shapes-gran"), "'shapes-gran'", "'shapes-grand'")


def test_an_unknown_category_is_answered_with_the_nearest(halflife: Halflife) -> None:
    done = halflife("run", "--suite", "shapes", "--model", "shapes-nano", "--category", "singel")
    refused(done, "'singel'", "'single'")


def test_an_unknown_schedule_and_clock_are_named(halflife: Halflife) -> None:
    refused(halflife("schedule", "run", "nigtly"), "'nigtly'", "'nightly'")
    refused(halflife("schedule", "export", "--to", "crom"), "'crom'", "'cron'")


def test_a_suite_with_a_duplicate_id_is_refused_with_file_and_line(halflife: Halflife, tmp_path: Path) -> None:
    lines = (ROOT / "data" / "suites" / "files" / "shapes.jsonl").read_text().splitlines()
    broken = tmp_path / "broken.jsonl"
    broken.write_text("\n".join([*lines[:3], lines[2]]))
    refused(halflife("run", "--suite", str(broken), "--model", "shapes-nano"), "broken.jsonl, line 4")


def test_an_unknown_key_in_a_catalogue_is_named(halflife: Halflife, tmp_path: Path) -> None:
    source = (ROOT / "data" / "catalogue" / "models" / "sana.toml").read_text()
    mine = tmp_path / "mine.toml"
    mine.write_text(source.replace("provider", "provder", 1))
    refused(halflife("models", "--catalogue", str(mine)), "mine.toml", "provder")


def test_a_home_that_is_a_file_is_refused_and_kept(halflife: Halflife, tmp_path: Path) -> None:
    (tmp_path / "home").write_text("mine")
    refused(halflife("run", "--suite", "shapes", "--model", "shapes-nano"), str(tmp_path / "home"))
    assert (tmp_path / "home").read_text() == "mine"


def test_a_live_run_without_a_cap_is_refused_before_anything_is_asked(halflife: Halflife) -> None:
    done = halflife("run", "--suite", "core-image", "--model", "vllm-omni*", "--category", "product")
    refused(done, "cap")


def test_routes_and_export_say_what_to_run_first(halflife: Halflife) -> None:
    refused(halflife("routes", "show"), "halflife demo")
    refused(halflife("export"), "halflife")


def test_doctor_finds_the_weights_as_published(halflife: Halflife) -> None:
    done = halflife("doctor")
    assert done.returncode == 0, done.stderr
    assert "sha256 as published" in done.stdout


def test_models_and_suites_list_what_can_be_run(halflife: Halflife) -> None:
    assert "shapes-grand" in halflife("models", "shapes-*").stdout
    assert "core-image" in halflife("suites").stdout


def test_one_category_of_one_model_runs_scores_ranks_and_routes(halflife: Halflife, tmp_path: Path) -> None:
    arguments = (
        "run",
        "--suite",
        "shapes",
        "--model",
        "shapes-nano",
        "--model",
        "shapes-flash",
        "--category",
        "single",
    )
    done = halflife(*arguments, "--threads", "1")
    assert done.returncode == 0, done.stderr
    assert "24 ok" in done.stdout
    table = json.loads(halflife("routes", "show", "--json").stdout)
    assert table["kind"] == "routing-table"
    assert {candidate["deployment"] for route in table["routes"] for candidate in route["tiers"]["hero"]["candidates"]}
    again = halflife(*arguments, "--threads", "1")
    assert "committed already" in again.stdout
    assert halflife("routes", "lint").returncode == 0
