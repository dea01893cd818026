"""README's table is what the file of figures renders, and a benchmark's figures get there by one command."""

import datetime as dt
import json
from pathlib import Path

import pytest

from benchmarks import __main__ as bench
from benchmarks import side_by_side
from benchmarks.side_by_side import BEGIN, END, FIGURES, README

FEW = {"cli_import": {"import halflife.cli": 0.301, "import typer, rich.console": 0.2}}
PAGE = f"before\n{BEGIN}\nold\n{END}\nafter\n"


def test_the_readme_shows_what_was_measured() -> None:
    table = side_by_side.rendered(json.loads(FIGURES.read_text()))
    assert side_by_side.written_into(README.read_text(), table) == README.read_text()


def test_the_command_writes_between_the_marks_alone(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(PAGE)
    assert side_by_side.main(["--page", str(page)]) == 0
    before, _, rest = page.read_text().partition(BEGIN)
    table, _, after = rest.partition(END)
    assert (before, after) == ("before\n", "\nafter\n")
    assert "old" not in table
    assert "| `import halflife.cli` |" in table


@pytest.mark.parametrize("page", ["", BEGIN, END + BEGIN, BEGIN + BEGIN + END, BEGIN + END + END])
def test_a_page_without_its_marks_is_refused(page: str) -> None:
    with pytest.raises(ValueError, match="once each"):
        side_by_side.written_into(page, "table")


def test_new_figures_stand_under_their_machine_and_day(tmp_path: Path) -> None:
    figures = tmp_path / "figures.json"
    figures.write_bytes(FIGURES.read_bytes())
    side_by_side.record(figures, "cli_import", FEW, machine="8 cores of an abacus", day=dt.date(2031, 2, 3))
    table = side_by_side.rendered(json.loads(figures.read_text()))
    _, _, ours = table.partition("On 8 cores of an abacus, medians:\n\n")
    assert ours.splitlines()[2:] == ["| `import halflife.cli` | typer and rich alone | 0.30 s, 0.20 s | 2031-02-03 |"]
    assert table.count("`import halflife.cli`") == 1


def test_a_benchmark_that_is_run_by_name_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    figures = tmp_path / "figures.json"
    figures.write_text("{}")
    monkeypatch.chdir(README.parent)
    assert bench.keep("figures", figures) == 0
    kept = json.loads(figures.read_text())["figures"]
    assert kept["machine"] == bench.described_machine()
    assert kept["figures"]["figures"]["production files"] > 100


@pytest.mark.parametrize("wrong", [["--small", "--readme"], ["clip_scor"]])
def test_wrong_options_are_refused_with_what_is_known(wrong: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        bench.main(wrong)
    assert "Expected" in capsys.readouterr().err
