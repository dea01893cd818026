"""`halflife suites`: what models are measured on."""

from typing import Annotated

import typer
from rich.console import Console

from data.suites import load_suite, suite_names
from halflife.output.tables import table


def suites(
    name: Annotated[str | None, typer.Argument(help="a suite's name, or FORMAT:FILE, to see its prompts")] = None,
) -> None:
    """List the suites, or the prompts of one."""
    if name is None:
        _list()
    else:
        _prompts(name)


def _list() -> None:
    columns = ("name", "task", "prompts", "categories", "ranked by", "digest")
    rows = table("Suites", columns, numbers=("prompts", "categories"))
    for name in suite_names():
        suite = load_suite(name)
        counts = (str(len(suite.prompts)), str(len(suite.categories)))
        rows.add_row(suite.name, suite.task, *counts, suite.primary_metric, suite.digest[:8])
    Console().print(rows)


def _prompts(name: str) -> None:
    suite = load_suite(name)
    rows = table(f"{suite.title}, version {suite.version}, {suite.digest[:12]}", ("id", "category", "prompt"))
    for prompt in suite.prompts:
        rows.add_row(prompt.id, prompt.category, prompt.text.replace("[", r"\["))
    Console().print(rows)
