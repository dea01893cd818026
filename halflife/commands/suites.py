"""`halflife suites`: what models are measured on."""

from pathlib import Path
from typing import Annotated, Final

import typer

from data.errors import HalflifeError
from data.suites import load_suite, suite_names
from data.suites.suite_file import write
from data.vocabulary import Suite
from halflife.options import takes_options
from halflife.output.routes import notice
from halflife.output.tables import table
from halflife.output.terminal import Terminal
from halflife.suite_options import SuiteTableOptions
from halflife.workflows.suites import checked_suite

NOTHING_SAID: Final = SuiteTableOptions()


@takes_options
def suites(
    name: Annotated[str | None, typer.Argument(help="a suite's name, or FORMAT:FILE, to see its prompts")] = None,
    reading: SuiteTableOptions = NOTHING_SAID,
    out: Annotated[Path | None, typer.Option(help="write it as a suite file (JSON lines), to keep or to edit")] = None,
) -> None:
    """List the suites, or the prompts of one; or write one as a file."""
    options = reading.options()
    if name is None:
        if out is not None or reading != NOTHING_SAID:
            raise HalflifeError("Expected a suite with these options, got none. Name one, such as table:prompts.csv.")
        _list()
        return
    suite, notes = checked_suite(name, options)
    for note in notes:
        notice(note)
    if out is None:
        _prompts(suite)
        return
    write(suite, out)
    Terminal().print(f"Wrote {len(suite.prompts):,} entries to {out}.", soft_wrap=True)


def _list() -> None:
    columns = ("name", "task", "prompts", "categories", "ranked by", "digest")
    rows = table("Suites", columns, numbers=("prompts", "categories"))
    for name in suite_names():
        suite = load_suite(name)
        counts = (str(len(suite.prompts)), str(len(suite.categories)))
        rows.add_row(suite.name, suite.task, *counts, suite.primary_metric, suite.digest[:8])
    Terminal().print(rows)


def _prompts(suite: Suite) -> None:
    rows = table(f"{suite.title}, version {suite.version}, {suite.digest[:12]}", ("id", "category", "prompt"))
    for prompt in suite.prompts:
        rows.add_row(prompt.id, prompt.category, prompt.text.replace("[", r"\["))
    Terminal().print(rows)
