"""`halflife export` and `halflife rebuild`: the store for people with pandas, and the store made again."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from halflife.progress import Bars
from halflife.settings import DEFAULT_HOME, HomeOption


class Format(StrEnum):
    """What `halflife export` writes."""

    parquet = "parquet"
    csv = "csv"


def export(
    format: Annotated[Format, typer.Option(help="parquet keeps types; csv opens anywhere")] = Format.parquet,
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
    from halflife.observe import rebuild as again
    from halflife.terminal import complaints

    console = Console()
    with Bars(console) as bars:
        rebuilt = again(Home(home), bars)
    complaints(rebuilt.refused)
    console.print(
        f"The warehouse was made again from {rebuilt.runs} runs; the board shows generation {rebuilt.generation}.",
        highlight=False,
    )
