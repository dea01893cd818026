"""The options of commands that read a suite: what a table does not say of itself."""

from dataclasses import dataclass
from typing import Annotated, cast, get_args

import typer

from data.errors import UnknownNameError
from data.suites.tables.columns import named_columns
from data.suites.tables.reader import TableOptions
from data.vocabulary import Task


@dataclass(frozen=True, slots=True, kw_only=True)
class SuiteTableOptions:
    """Of `table:FILE`: which column is for what, and what is made of its prompts."""

    column: Annotated[
        list[str] | None,
        typer.Option(
            help="of table:FILE: USE=NAME, such as prompt=caption; uses are prompt, id, category, tags, questions and "
            "keep; repeat for more; default: guessed, and said"
        ),
    ] = None
    task: Annotated[str | None, typer.Option(help="of table:FILE: text-to-video for clips; default: text-to-image")] = (
        None
    )

    def options(self) -> TableOptions:
        """Return them as the reader of tables takes them. Raises HalflifeError for what is no column or task."""
        if self.task is not None and self.task not in get_args(Task):
            raise UnknownNameError("task", self.task, get_args(Task))
        return TableOptions(columns=named_columns(self.column or ()), task=cast("Task | None", self.task))
