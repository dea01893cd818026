"""`halflife gate`, as a pipeline calls it: exit codes, sentences, JUnit XML and Markdown."""

import json
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path

import pytest

KEPT = 'models = ["best"]\n[[quality]]\nmodel = "old"\n[[limits]]\nshares = { refused = 0.1 }\n'
BROKEN = 'models = ["old", "best"]\n[[quality]]\nmodel = "best"\nmargin = 0.01\n[[limits]]\np95_s = 100\n'


@pytest.fixture
def gate(halflife: Callable[..., object], sealed_season: Path, tmp_path: Path):
    """Runs the gate of a text on the made season."""

    def run(text: str, *options: str):
        file = tmp_path / "gate.toml"
        file.write_text(text)
        return halflife(sealed_season, "gate", str(file), *options)

    return run


def test_what_is_kept_ends_with_0(gate):
    done = gate(KEPT, "--json")
    outcome = json.loads(done.stdout)
    assert (done.returncode, outcome["exit_code"]) == (0, 0)
    assert [check["standing"] for check in outcome["checks"]] == ["kept", "kept"]


def test_what_is_surely_broken_ends_with_1_and_its_sentence(gate):
    done = gate(BROKEN)
    assert done.returncode == 1
    assert "old: right less that of best is −" in done.stdout
    assert "1 of 3 checks fail" in done.stdout


def test_the_rule_decides_what_is_unsure(gate):
    unsure = 'models = ["old"]\n[[limits]]\nshares = { refused = 0.01 }\n'
    assert gate(unsure).returncode == 0
    assert gate('fail = "not-surely-kept"\n' + unsure).returncode == 1


def test_no_evidence_ends_with_2(gate, halflife, tmp_path):
    done = gate('models = ["best"]\n[[quality]]\nday = 2026-05-20\n')
    assert (done.returncode, "nothing was measured since" in done.stdout) == (2, True)
    nothing = halflife(tmp_path / "empty", "gate", str(tmp_path / "gate.toml"))
    assert (nothing.returncode, "halflife run" in nothing.stderr) == (2, True)


def test_a_wrong_file_ends_with_2_and_one_line(gate):
    done = gate(KEPT.replace("refused", "refusd"))
    assert done.returncode == 2
    assert done.stderr.strip().count("\n") == 0
    assert "limits.0.shares.refusd" in done.stderr


def test_the_junit_file_counts_what_it_holds(gate, tmp_path):
    gate(BROKEN, "--junit", str(tmp_path / "gate.xml"))
    root = ET.parse(tmp_path / "gate.xml").getroot()
    assert {key: root.get(key) for key in ("tests", "failures", "errors")} == {
        "tests": "3",
        "failures": str(len(root.findall("testsuite/testcase/failure"))),
        "errors": str(len(root.findall("testsuite/testcase/error"))),
    }
    [failure] = root.findall("testsuite/testcase/failure")
    assert "old: right less that of best" in str(failure.get("message"))


def test_the_summary_is_markdown_with_a_row_for_each_check(gate, tmp_path):
    gate(BROKEN, "--markdown", str(tmp_path / "gate.md"))
    lines = (tmp_path / "gate.md").read_text().splitlines()
    assert lines[0] == "## Gate gate.toml: failed"
    assert sum(line.startswith(("| old |", "| best |")) for line in lines) == 3


def test_a_place_that_cannot_be_written_is_a_sentence(gate, tmp_path):
    done = gate(KEPT, "--junit", str(tmp_path / "nowhere" / "gate.xml"))
    assert (done.returncode, "nowhere" in done.stderr, "Traceback" in done.stderr) == (2, True, False)
