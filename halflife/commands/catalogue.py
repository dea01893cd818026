"""`halflife models` and `halflife suites`: what can be run."""

from typing import Annotated

import typer
from rich.console import Console

from data.vocabulary import LocalSource, Model
from halflife.settings import CatalogueOption
from halflife.terminal import listing


def models(
    pattern: Annotated[list[str] | None, typer.Argument(help="ids or patterns such as 'shapes-*'; all without")] = None,
    catalogue: CatalogueOption = None,
) -> None:
    """List the catalogue: each model, its revision and its price."""
    from data.catalogue import load_catalogue

    table = listing("Models", ("id", "released", "steps", "price", "source"))
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
        table = listing(f"{suite.title}, version {suite.version}, {suite.digest[:12]}", ("id", "category", "prompt"))
        for prompt in suite.prompts:
            table.add_row(prompt.id, prompt.category, prompt.text.replace("[", r"\["))
        console.print(table)
        return
    table = listing("Suites", ("name", "task", "prompts", "categories", "ranked by", "digest"))
    for known in suite_names():
        suite = load_suite(known)
        counts = (str(len(suite.prompts)), str(len(suite.categories)))
        table.add_row(suite.name, suite.task, *counts, suite.primary_metric, suite.digest[:8])
    console.print(table)


def _row(model: Model) -> tuple[str, ...]:
    source = model.source
    place = source.repository if isinstance(source, LocalSource) else source.base_url
    steps = str(model.settings.steps or "–")
    return (model.id, str(model.released), steps, _price(model), f"{place} @ {_revision(model)}")


def _price(model: Model) -> str:
    if model.price:
        return f"${model.price.usd:g}/{model.price.unit}"
    return "machine" if model.location == "local" else "unknown"


def _revision(model: Model) -> str:
    return model.revision[:8] if model.revision_pinned else f"{model.revision[:8]}, moves"
