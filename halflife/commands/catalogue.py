"""`halflife suites`: what models are measured on."""

from typing import Annotated

import typer
from rich.console import Console

from halflife.output.standings import listing


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
