"""`halflife models` and `halflife suites`: what can be run."""

from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from data.vocabulary import LocalSource, Model
from halflife.settings import CatalogueOption


def models(
    pattern: Annotated[list[str] | None, typer.Argument(help="ids or patterns such as 'shapes-*'; all without")] = None,
    catalogue: CatalogueOption = None,
) -> None:
    """List the catalogue: what each model is, where it runs, at which revision, for what price."""
    from data.catalogue import load_catalogue

    table = Table(title="Models", title_justify="left")
    for column in ("id", "task", "where", "source", "revision", "released", "steps", "price"):
        table.add_column(column, overflow="fold")
    for model in load_catalogue(catalogue or ()).select(pattern or ["*"]):
        table.add_row(*_row(model))
    Console().print(table)


def suites(
    name: Annotated[str | None, typer.Argument(help="a suite's name, or FORMAT:FILE, to see its prompts")] = None,
) -> None:
    """List the suites, or the prompts of one."""
    from data.suites import load_suite, suite_names

    console = Console()
    if name is not None:
        suite = load_suite(name)
        table = Table(title=f"{suite.title} · version {suite.version} · {suite.digest[:12]}", title_justify="left")
        for column in ("id", "category", "prompt"):
            table.add_column(column, overflow="fold")
        for prompt in suite.prompts:
            table.add_row(prompt.id, prompt.category, prompt.text.replace("[", r"\["))
        console.print(table)
        return
    table = Table(title="Suites", title_justify="left")
    for column in ("name", "version", "task", "prompts", "categories", "ranked by", "digest"):
        table.add_column(column)
    for known in suite_names():
        suite = load_suite(known)
        facts = (suite.version, suite.task, str(len(suite.prompts)), str(len(suite.categories)), suite.primary_metric)
        table.add_row(suite.name, *facts, suite.digest[:12])
    console.print(table)


def _row(model: Model) -> tuple[str, ...]:
    source = model.source
    place = source.repository if isinstance(source, LocalSource) else source.base_url
    price = (
        f"${model.price.usd:g} per {model.price.unit}"
        if model.price
        else ("machine time" if model.location == "local" else "unknown")
    )
    revision = model.revision[:12] + ("" if model.revision_pinned else " (moves)")
    return (
        model.id,
        model.task,
        model.location,
        place,
        revision,
        str(model.released),
        str(model.settings.steps or "–"),
        price,
    )
