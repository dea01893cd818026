"""`halflife drift check | list`: silent changes of deployments, and of the encoder that scores."""

import typer
from rich.console import Console

from data.home import Home
from data.lifecycle.drift_marks import marks
from halflife.options import DEFAULT_HOME, HomeOption
from halflife.output.tables import DASH, table
from halflife.workflows.drift import check_encoder, watch


def check(home: HomeOption = DEFAULT_HOME) -> None:
    """Compare the encoder and every deployment with their past; exit code 1 if a deployment changed."""
    observatory = Home(home)
    observatory.prepare()
    console = Console()
    console.print(f"Encoder: no cosine moved by more than {check_encoder(observatory):.1e}.", highlight=False)
    findings = watch(observatory)
    columns = ("id", "suite", "nights", "changed on", "in", "smallest p")
    rows = table("Deployments", columns, numbers=("nights", "smallest p"))
    for finding in findings:
        smallest = min(finding.p_values.values(), default=None)
        rows.add_row(
            finding.model,
            finding.suite,
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
    for mark in marks(Home(home)):
        shifts = ", ".join(mark.shifts)
        rows.add_row(mark.model, mark.suite, str(mark.day), str(mark.found_on), str(mark.revision), shifts)
    Console().print(rows)
