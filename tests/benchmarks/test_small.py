"""Every benchmark runs at a small size and prints its figures; where it compares with the truth, the two agree."""

import json
import re
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from benchmarks import profile_models
from benchmarks.__main__ import NAMES
from benchmarks.side_by_side import BENCHMARKS
from data.flops.flops_model import load_flops_model

pytestmark = pytest.mark.timeout(1200)
FOLDER = Path(__file__).parents[2] / "benchmarks"
RUN = sorted(path.stem for path in FOLDER.glob("*.py") if '__name__ == "__main__"' in path.read_text())


def figures(capfd: pytest.CaptureFixture[str], name: str, *options: str) -> Any:
    """Run a benchmark in this process and return the JSON that it prints."""
    assert import_module(f"benchmarks.{name}").main(["--small", "--json", *options]) == 0
    return json.loads(capfd.readouterr().out)


def numbers(value: Any) -> Sequence[float]:
    """Return every number in a JSON value."""
    if isinstance(value, dict | list):
        parts = value.values() if isinstance(value, dict) else value
        return [number for part in parts for number in numbers(part)]
    return [value] if isinstance(value, int | float) else []


TESTED = (
    "board",
    "cli_import",
    "clip_score",
    "drift_detection",
    "figures",
    "half_life_coverage",
    "harness_overhead",
    "interval_coverage",
    "kills",
    "profile_models",
    "provider_faults",
    "routing_table",
    "side_by_side",
    "switching",
    "video_faults",
    "video_files",
    "video_memory",
    "video_scoring",
)
"""Those that this file runs, each in one of the tests below."""


def test_no_benchmark_is_left_out() -> None:
    assert tuple(RUN) == ("__main__", *TESTED)
    assert set(NAMES) | set(BENCHMARKS) <= set(TESTED)


@pytest.mark.parametrize("name", ["figures", "side_by_side", "video_memory"])
def test_it_prints_its_figures(capfd: pytest.CaptureFixture[str], name: str) -> None:
    assert len(numbers(figures(capfd, name))) > 3


@pytest.mark.parametrize("name", ["cli_import", "harness_overhead", "profile_models", "routing_table", "video_files"])
def test_it_prints_its_figures_as_a_table(capfd: pytest.CaptureFixture[str], name: str) -> None:
    assert import_module(f"benchmarks.{name}").main(["--small"]) == 0
    assert len(re.findall(r"\d", capfd.readouterr().out)) > 10


@pytest.mark.parametrize("name", ["clip_score", "video_scoring"])
def test_both_sides_give_the_same_scores(capfd: pytest.CaptureFixture[str], name: str) -> None:
    by_case = figures(capfd, name)[name]
    assert len(by_case) == 2
    assert all(case["largest_difference"] < 1e-2 for case in by_case.values())
    assert min(numbers([case["times_faster"] for case in by_case.values()])) > 0


def test_the_board_answers_and_its_page_is_filtered(capfd: pytest.CaptureFixture[str]) -> None:
    seconds = figures(capfd, "board")["board"]
    assert {"leaderboard query", "pandas over Parquet", "pandas over CSV"} <= set(seconds)
    assert min(seconds.values()) > 0
    assert ("a filter" in seconds) == Path(import_module("benchmarks.board").CHROMIUM).exists()


def test_quiet_series_raise_fewer_alarms_than_nightly_tests_and_a_change_is_seen(
    capfd: pytest.CaptureFixture[str],
) -> None:
    for alarms, nightly, *found in figures(capfd, "drift_detection")["drift_detection"].values():
        assert alarms < nightly
        assert found[-2] == 1.0


def test_half_lives_are_covered(capfd: pytest.CaptureFixture[str]) -> None:
    rows = figures(capfd, "half_life_coverage")["half_life_coverage"]
    ours, dropped = (sum(row["covered"][name] for row in rows) for name in ("exponential", "censored dropped"))
    assert ours / len(rows) > 0.9
    assert dropped < ours


def test_intervals_cover_and_the_smallest_differences_are_found(capfd: pytest.CaptureFixture[str]) -> None:
    printed = figures(capfd, "interval_coverage")
    assert all(row["covered"]["halflife"] > 0.9 for row in printed["interval_coverage"])
    assert all(row["found"] > 0.65 for row in printed["detection_power"])


def test_a_killed_command_given_again_ends_in_the_same_state(capfd: pytest.CaptureFixture[str]) -> None:
    (outcome,) = figures(capfd, "kills")["kills"]
    assert outcome["calls"] > 100
    assert outcome["killed"] > 0
    assert outcome["differences"] == []


def test_no_fault_of_a_provider_makes_a_request_twice(capfd: pytest.CaptureFixture[str]) -> None:
    (twice,) = re.findall(r"requests: (\d+) sent twice", _printed(capfd, "provider_faults"))
    assert twice == "0"


def _printed(capfd: pytest.CaptureFixture[str], name: str) -> str:
    assert import_module(f"benchmarks.{name}").main(["--small"]) == 0
    return capfd.readouterr().out


def test_the_shipped_policy_switches_less_than_the_leader_of_each_week(capfd: pytest.CaptureFixture[str]) -> None:
    by_policy = figures(capfd, "switching")["switching"]
    shipped, leader = by_policy["the shipped policy (with its trial)"], by_policy["the leader of each week"]
    assert shipped["switches"] < leader["switches"]


def test_a_planted_fault_is_told_from_clean_clips(capfd: pytest.CaptureFixture[str]) -> None:
    planted = figures(capfd, "video_faults")["video_faults"]["planted"]
    assert planted["contrasts"]["motion_correct"]["frozen"]["auc"] == 1.0


def test_the_page_of_faults_is_written_where_it_is_wanted(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    assert import_module("benchmarks.video_faults").main(["--small", "--out", str(page)]) == 0
    assert "| motion_correct |" in page.read_text()


def test_the_usual_counter_counts_what_the_law_says(capfd: pytest.CaptureFixture[str]) -> None:
    model = profile_models.SMALL
    assert profile_models.main(["--by-hand", model]) == 0
    (denoiser,) = (part for part in load_flops_model().entry(model).components if part.component.stage == "denoiser")
    assert denoiser.polynomial is not None
    assert int(capfd.readouterr().out) == sum(denoiser.polynomial.terms[()])
