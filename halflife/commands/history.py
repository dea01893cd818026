"""`halflife history import | list`: ratings from outside, kept by source."""

import datetime as dt
from pathlib import Path
from typing import Annotated, cast, get_args

import typer

from data.errors import HalflifeError, UnknownNameError
from data.history import Imported, Rating, alike, read_artificial_analysis, read_ratings, save_import
from data.home import Home
from data.store.snapshot import current
from data.store.warehouse import Warehouse
from data.vocabulary import Task, check_identifier
from halflife.options import DEFAULT_HOME, HomeOption
from halflife.output.tables import table
from halflife.output.terminal import Terminal
from halflife.workflows.publish import publish_recorded
from leaderboard.reports.external_ratings import sources

COLUMNS = ("name", "task", "categories", "models", "days", "first", "last")
NUMBERS = ("categories", "models", "days")
FIELDS = ("source", "task", "categories", "models", "snapshots", "first_day", "last_day")
"""What stands in each of the columns."""


def import_(
    file: Annotated[Path, typer.Argument(help="CSV or Parquet (date, model, category, rating, interval), or JSON")],
    source: Annotated[str, typer.Option(help="whose ratings they are, such as 'artificial-analysis'")],
    task: Annotated[str, typer.Option(help="what the models do")] = "text-to-image",
    date: Annotated[
        dt.datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="of JSON from Artificial Analysis' media API: the day it was fetched"),
    ] = None,
    home: HomeOption = DEFAULT_HOME,
) -> None:
    """Import a file of ratings; each source is kept apart, and apart from what is measured here."""
    if task not in get_args(Task):
        raise UnknownNameError("task", task, get_args(Task))
    ratings = _read(file, date)
    imported = Imported(
        source=_source(source),
        task=cast(Task, task),
        origin=file.name,
        imported_at=dt.datetime.now(dt.UTC),
        ratings=ratings,
    )
    observatory = Home(home)
    observatory.prepare()
    with Warehouse.own(observatory) as warehouse:
        is_new = save_import(observatory, imported)
        publish_recorded(warehouse)
    days = sorted({rating.day for rating in ratings})
    counts = f"{len(ratings)} ratings of {len({rating.model for rating in ratings})} models, {days[0]} to {days[-1]}"
    console = Terminal()
    console.print(f"{counts}, {'kept' if is_new else 'were kept already'} as {source}.", soft_wrap=True)
    for names in alike(rating.model for rating in ratings):
        sentence = f"Kept apart, though their names may mean one model: {', '.join(names)}."
        console.print(sentence, soft_wrap=True)


def list_(home: HomeOption = DEFAULT_HOME) -> None:
    """List the sources: what they rate, and from when to when."""
    snapshot = current(Home(home))
    rows = table("Ratings from outside", COLUMNS, numbers=NUMBERS)
    if snapshot is not None:
        with snapshot.connect() as connection:
            frame = sources(connection)
        for row in frame.to_dict("records"):
            rows.add_row(*(str(row[name])[:63] if "day" not in name else str(row[name])[:10] for name in FIELDS))
    Terminal().print(rows)


def _read(file: Path, date: dt.datetime | None) -> tuple[Rating, ...]:
    suffix = file.suffix.lower()
    if suffix not in (".csv", ".parquet", ".json"):
        raise HalflifeError(f"Expected a .csv, .parquet or .json file, got {file.name!r}. Rename or convert it.")
    if suffix != ".json":
        return read_ratings(file)
    if date is None:
        raise HalflifeError(f"Expected the day on which {file.name!r} was fetched, got none. Give --date YYYY-MM-DD.")
    return read_artificial_analysis(file, date.date())


def _source(name: str) -> str:
    try:
        return check_identifier("source", name)
    except ValueError as error:
        raise HalflifeError(f"{error} Choose another name.") from error
