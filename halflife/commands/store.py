"""`halflife export` and `halflife rebuild`: the store as files for pandas, and the store made again."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from data.home import Home
from data.store import export as store_export
from halflife.options import DEFAULT_HOME, HomeOption
from halflife.output.progress import Bars
from halflife.output.run import left_out
from halflife.output.terminal import Terminal
from halflife.workflows import publish
from leaderboard.reports.exported import exported_tables


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
    """Write the published tables, one file each, for people with pandas.

    Among them are the paired differences (Holm), the smallest detectable differences and the rates of faults.
    """
    console = Terminal()
    for path in store_export.export(Home(home), out, format.value, computed=exported_tables):
        console.print(str(path), soft_wrap=True)


def rebuild(home: HomeOption = DEFAULT_HOME) -> None:
    """Make the warehouse again from the sealed runs."""
    console = Terminal()
    with Bars(console) as bars:
        rebuilt = publish.rebuild(Home(home), bars)
    left_out(rebuilt.refused)
    console.print(
        f"The warehouse was made again from {rebuilt.runs} runs; the board shows generation {rebuilt.generation}.",
    )
