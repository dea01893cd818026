"""`halflife drift check | list`: silent changes of deployments, and of the encoder that scores."""

from collections import Counter
from collections.abc import Sequence

import typer

from data.home import Home
from data.lifecycle.drift_marks import DriftMark, marks
from halflife.options import DEFAULT_HOME, HomeOption
from halflife.output.tables import DASH, table
from halflife.output.terminal import Terminal
from halflife.workflows.drift import check_encoder, watch
from leaderboard.drift.detection import DriftFinding
from leaderboard.standings.contents import reference_to


def check(home: HomeOption = DEFAULT_HOME) -> None:
    """Compare the encoder and every deployment with their past; exit code 1 if a deployment changed."""
    observatory = Home(home)
    observatory.prepare()
    console = Terminal()
    console.print(f"Encoder: no cosine moved by more than {check_encoder(observatory):.1e}.")
    findings = watch(observatory)
    columns = ("id", "suite", "nights", "changed on", "in", "smallest p")
    rows = table("Deployments", columns, numbers=("nights", "smallest p"))
    names = _suites(findings)
    for finding in findings:
        smallest = min(finding.p_values.values(), default=None)
        rows.add_row(
            finding.model,
            names[finding.suite, finding.suite_digest],
            str(finding.nights),
            str(finding.day or DASH),
            ", ".join(finding.shifts) or DASH,
            DASH if smallest is None else f"{smallest:.2g}",
        )
    console.print(rows)
    if any(finding.shifts for finding in findings):
        raise typer.Exit(1)


def list_(home: HomeOption = DEFAULT_HOME) -> None:
    """List the changes that were found: since when, found when, and in which measures."""
    columns = ("id", "suite", "changed on", "found on", "revision", "in")
    rows = table("Silent changes", columns, numbers=("revision",))
    found = marks(Home(home))
    names = _suites(found)
    for mark in found:
        shifts, suite = ", ".join(mark.shifts), names[mark.suite, mark.suite_digest]
        rows.add_row(mark.model, suite, str(mark.day), str(mark.found_on), str(mark.revision), shifts)
    Terminal().print(rows)


def _suites(changes: Sequence[DriftFinding] | Sequence[DriftMark]) -> dict[tuple[str, str | None], str]:
    """Return how each suite is named: with its content where the changes were seen by several."""
    contents = {(change.suite, change.suite_digest) for change in changes}
    several = Counter(suite for suite, _ in contents)
    return {
        (suite, digest): reference_to(suite, digest) if digest and several[suite] > 1 else suite
        for suite, digest in contents
    }
