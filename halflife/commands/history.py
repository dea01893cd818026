"""`halflife history import | list`: ratings from outside, kept by source."""

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast, get_args

import typer
from rich.console import Console

from data.errors import HalflifeError, UnknownNameError
from data.vocabulary import Task
from halflife.options import DEFAULT_HOME, HomeOption

if TYPE_CHECKING:
    from data.history import Rating

app = typer.Typer(help="Rating histories from outside, kept by source.", no_args_is_help=True)


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="CSV or Parquet (date, model, category, rating, interval), or JSON")],
    source: Annotated[str, typer.Option(help="whose ratings they are, such as 'artificial-analysis'")],
    task: Annotated[str, typer.Option(help="what the models do")] = "text-to-image",
    date: Annotated[
        dt.datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="JSON of Artificial Analysis' media API: the day it was fetched"),
    ] = None,
    home: HomeOption = DEFAULT_HOME,
) -> None:
    """Take a file of ratings in; half-lives of a source are its own, never mixed with what is measured here."""
    from data.history import Imported, save_import
    from data.home import Home
    from data.store.warehouse import Warehouse

    if task not in get_args(Task):
        raise UnknownNameError("task", task, get_args(Task))
    held = _read(file, date)
    imported = Imported(
        source=_source(source),
        task=cast(Task, task),
        origin=file.name,
        imported_at=dt.datetime.now(dt.UTC),
        ratings=held,
    )
    place = Home(home)
    place.prepare()
    with Warehouse.own(place) as warehouse:
        new = save_import(place, imported)
        if warehouse.ingest_ratings():
            warehouse.publish()
    days = sorted({one.day for one in held})
    said = f"{len(held)} ratings of {len({one.model for one in held})} models, {days[0]} to {days[-1]}"
    Console().print(f"{said}, {'kept' if new else 'were kept already'} as {source}.", highlight=False, soft_wrap=True)


@app.command("list")
def list_(home: HomeOption = DEFAULT_HOME) -> None:
    """List the sources: what they rate, and from when to when."""
    from data.home import Home
    from data.store.snapshot import current
    from halflife.output.standings import listing
    from leaderboard.lifecycle.external_ratings import sources

    snapshot = current(Home(home))
    table = listing("Ratings from outside", ("name", "task", "categories", "model", "days", "first", "last"))
    if snapshot is not None:
        with snapshot.connect() as connection:
            rows = sources(connection)
        for row in rows.to_dict("records"):
            cells = ("source", "task", "categories", "models", "snapshots", "first_day", "last_day")
            table.add_row(*(str(row[name])[:63] if "day" not in name else str(row[name])[:10] for name in cells))
    Console().print(table)


def _read(file: Path, date: dt.datetime | None) -> "tuple[Rating, ...]":
    from data.history import read_artificial_analysis, read_ratings

    suffix = file.suffix.lower()
    if suffix not in (".csv", ".parquet", ".json"):
        raise HalflifeError(f"Expected a .csv, .parquet or .json file, got {file.name!r}. Rename or convert it.")
    if suffix != ".json":
        return read_ratings(file)
    if date is None:
        raise HalflifeError(f"Expected the day on which {file.name!r} was fetched, got none. Give --date YYYY-MM-DD.")
    return read_artificial_analysis(file, date.date())


def _source(name: str) -> str:
    from data.vocabulary import check_identifier

    try:
        return check_identifier("source", name)
    except ValueError as error:
        raise HalflifeError(f"{error} Choose another name.") from error
