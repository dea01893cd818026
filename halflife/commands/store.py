"""`halflife export` and `halflife rebuild`: the store for people with pandas, and the store made again."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from halflife.options import DEFAULT_HOME, HomeOption
from halflife.output.progress import Bars


class ExportFormat(StrEnum):
    """What `halflife export` writes."""

    parquet = "parquet"
    csv = "csv"


def export(
    format: Annotated[
        ExportFormat, typer.Option(help="parquet keeps types; csv opens anywhere")
    ] = ExportFormat.parquet,
    out: Annotated[Path, typer.Option(help="the folder to write to")] = Path("export"),
    home: HomeOption = DEFAULT_HOME,
) -> None:
    """Write the published tables, one file each, for people with pandas."""
    from data.home import Home
    from data.store.export import export as write

    console = Console()
    for path in write(Home(home), out, format.value):
        console.print(str(path), highlight=False, soft_wrap=True)


def rebuild(home: HomeOption = DEFAULT_HOME) -> None:
    """Make the warehouse again from the sealed runs."""
    from data.home import Home
    from halflife.output.standings import complaints
    from halflife.workflows.observe import rebuild as again

    console = Console()
    with Bars(console) as bars:
        rebuilt = again(Home(home), bars)
    complaints(rebuilt.refused)
    console.print(
        f"The warehouse was made again from {rebuilt.runs} runs; the board shows generation {rebuilt.generation}.",
        highlight=False,
    )
