"""The outcome of a gate: in the terminal, as JSON, as JUnit XML and in Markdown."""

import xml.etree.ElementTree as ET
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from rich.text import Text

from halflife.output.tables import DASH, table
from halflife.output.terminal import Terminal, visible
from leaderboard import formatting
from leaderboard.gate.verdict import Check, Rule, Standing, exit_code
from leaderboard.standings.queries import Board

COLUMNS: Final = ("model", "what", "measured", "95 %", "n", "limit", "verdict")
MARKUP: Final = frozenset("\\`*_[]<>|#")
"""The letters that mean something to Markdown."""
VERDICTS: Final[dict[Standing, str]] = {
    "kept": "kept",
    "unsure": "unsure",
    "broken": "broken",
    "unknown": "no evidence",
}
RESULTS: Final = {0: "kept", 1: "failed", 2: "not judged"}


@dataclass(frozen=True, slots=True, kw_only=True)
class GateOutcome:
    """The checks of a gate's file on a board, and the rule by which they fail."""

    file: Path
    board: Board
    rule: Rule
    checks: tuple[Check, ...]

    @property
    def failed(self) -> tuple[Check, ...]:
        """The checks that fail."""
        return tuple(check for check in self.checks if check.fails(self.rule))

    @property
    def unknown(self) -> tuple[Check, ...]:
        """The checks for which there is no evidence."""
        return tuple(check for check in self.checks if check.standing == "unknown")

    @property
    def title(self) -> str:
        """What was judged: the file, and the suite on its calendar and day."""
        return f"{self.file.name}: {self.board.label}, {self.board.calendar} calendar, {self.board.day}"

    @property
    def sentence(self) -> str:
        """How many checks failed, and by which rule."""
        number = formatting.count(len(self.checks), "check")
        return (
            f"{len(self.failed)} of {number} fail, {len(self.unknown)} without evidence. "
            f"A check fails when it is {self.rule.replace('-', ' ')}, by its 95 % interval."
        )

    def to_json(self) -> dict[str, Any]:
        """Return all of it in plain values."""
        board = self.board
        return {
            "file": str(self.file),
            "suite": board.reference,
            "calendar": board.calendar,
            "day": board.day.isoformat(),
            "fail": self.rule,
            "exit_code": exit_code(self.checks, self.rule),
            "checks": [check.to_json(self.rule) for check in self.checks],
        }


def print_gate(console: Terminal, outcome: GateOutcome) -> None:
    """Print every check, then the sentences of those that fail or have no evidence."""
    rows = table(outcome.title, COLUMNS, numbers=("measured", "95 %", "n", "limit"))
    for check in outcome.checks:
        rows.add_row(*map(Text, _cells(check)))
    console.print(rows)
    for check in (*outcome.failed, *outcome.unknown):
        console.print(visible(check.sentence), soft_wrap=True)
    console.print(outcome.sentence, style="dim")


def junit(outcome: GateOutcome) -> bytes:
    """Return the checks as JUnit XML: a test case each, a failure where it fails, an error where evidence is missing.

    The elements and attributes are those that Jenkins, GitLab and GitHub's reporters read (`testsuites`, `testsuite`,
    `testcase`, `failure`, `error`; the schema of the Jenkins xUnit plugin).
    """
    counts = {
        "tests": str(len(outcome.checks)),
        "failures": str(len(outcome.failed)),
        "errors": str(len(outcome.unknown)),
    }
    root = ET.Element("testsuites", {"name": "halflife gate", **counts})
    suite = ET.SubElement(root, "testsuite", {"name": visible(outcome.title), "skipped": "0", **counts})
    for check in outcome.checks:
        name = {"classname": visible(check.model), "name": visible(check.subject)}
        case = ET.SubElement(suite, "testcase", name)
        if check.fails(outcome.rule):
            ET.SubElement(case, "failure", {"type": check.standing, "message": visible(check.sentence)})
        elif check.standing == "unknown":
            ET.SubElement(case, "error", {"type": "no-evidence", "message": visible(check.sentence)})
        ET.SubElement(case, "system-out").text = visible(check.sentence)
    ET.indent(root)
    written: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return written + b"\n"


def markdown(outcome: GateOutcome) -> bytes:
    """Return a summary in Markdown: the verdict, the sentences that failed, and a table of all checks."""
    verdict = RESULTS[exit_code(outcome.checks, outcome.rule)]
    lines = [f"## Gate {_escaped(outcome.file.name)}: {verdict}", "", _escaped(outcome.title), "", outcome.sentence, ""]
    lines += [f"- {_escaped(check.sentence)}" for check in (*outcome.failed, *outcome.unknown)]
    lines += ["", _line(COLUMNS), _line(["---"] * len(COLUMNS))]
    lines += [_line([_escaped(cell) for cell in _cells(check)]) for check in outcome.checks]
    return ("\n".join(lines) + "\n").encode()


def _cells(check: Check) -> tuple[str, ...]:
    reading, known = check.reading, check.standing != "unknown"
    return (
        check.model,
        check.subject,
        check.written(reading.estimate),
        check.interval if known else DASH,
        str(reading.n),
        f"{'≥' if check.at_least else '≤'} {check.written(check.limit)}",
        VERDICTS[check.standing],
    )


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _escaped(text: str) -> str:
    """Return text that Markdown takes for text."""
    return "".join(f"\\{letter}" if letter in MARKUP else letter for letter in visible(text).replace("\n", " "))
