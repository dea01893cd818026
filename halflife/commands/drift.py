"""`halflife drift check | list`: silent changes of deployments, and of the instrument."""

import typer
from rich.console import Console

from halflife.options import DEFAULT_HOME, HomeOption
from halflife.output.standings import listing

app = typer.Typer(
    help="Silent changes: of deployments, by sentinel prompts, and of the instrument.", no_args_is_help=True
)


@app.command("check")
def check(home: HomeOption = DEFAULT_HOME) -> None:
    """Hold the instrument and every deployment against their past; exit code 1 where a deployment changed."""
    from data.home import Home
    from halflife.workflows.drift import check_encoder, watch

    place = Home(home)
    place.prepare()
    console = Console()
    console.print(f"Instrument: no cosine moved by more than {check_encoder(place):.1e}.", highlight=False)
    found = watch(place)
    table = listing("Deployments", ("id", "suite", "nights", "changed on", "in", "least p"))
    for one in found:
        least = min(one.p_values.values(), default=None)
        said = "–" if least is None else f"{least:.2g}"
        table.add_row(one.model, one.suite, str(one.nights), str(one.day or "–"), ", ".join(one.shifts) or "–", said)
    console.print(table)
    if any(one.shifts for one in found):
        raise typer.Exit(1)


@app.command("list")
def list_(home: HomeOption = DEFAULT_HOME) -> None:
    """List the changes that were marked: since when, found when, and in what."""
    from data.home import Home
    from data.lifecycle.drift_marks import marks

    table = listing("Marks of drift", ("id", "suite", "changed on", "found on", "revision", "in"))
    for one in marks(Home(home)):
        table.add_row(one.model, one.suite, str(one.day), str(one.found_on), str(one.revision), ", ".join(one.shifts))
    Console().print(table)
