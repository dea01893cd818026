"""Rows become a suite: each row a prompt, or each question of a prompt a row."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, NamedTuple

from data.errors import HalflifeError, InputFileError
from data.suites import vbench
from data.suites.assembly import PromptRow, SuiteFacts, assemble, slug
from data.suites.tables.columns import Columns, Use, chosen_columns
from data.suites.tables.questions import listed, of_row
from data.suites.tables.row import Row, Rows
from data.suites.tables.rows import read_rows
from data.vocabulary import Suite, Task

METRICS: Final[Mapping[Task, str]] = {"text-to-image": "clip_score", "text-to-video": "video_clip_score"}
"""What ranks a suite that a table became, by its task; a table holds texts alone, so there are no other tasks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TableOptions:
    """What a table does not say: the columns by their use (the rest is guessed) and the task (None: text-to-image)."""

    columns: Mapping[Use, tuple[str, ...]] = field(default_factory=dict)
    task: Task | None = None


GUESSED: Final = TableOptions()
"""Nothing is said of a table: everything is guessed."""


class TableReading(NamedTuple):
    """The suite of a table, and the sentence that says how it was read."""

    suite: Suite
    note: str


def read(path: Path, options: TableOptions) -> TableReading:
    """Return the suite in a table, named by its file, and how it was read.

    Raises HalflifeError for a task that starts from pictures, InputFileError naming the file, and the line where there
    is one, for a table that does not hold.
    """
    task = options.task or "text-to-image"
    if task not in METRICS:
        raise HalflifeError(f"Expected the task {' or '.join(METRICS)} of a table, got {task}: it holds only texts.")
    rows = read_rows(path)
    if not rows.rows:
        raise InputFileError(path, "Expected at least one prompt, got none. Add prompts.")
    if "image_name" in rows.columns and "dimension" in rows.columns:
        raise vbench.image_to_video(path)
    columns = chosen_columns(path, rows.columns, options.columns)
    facts = _facts(path, task)
    suite = assemble(path, facts, _prompts(path, rows, columns, facts.name))
    said = "; ".join([*rows.notes, columns.sentence(questions_by_row=_asks_by_row(rows, columns))])
    return TableReading(suite, f"Read {path.name} as {task}; {said}. Other columns: --column USE=NAME; --task.")


def _facts(path: Path, task: Task) -> SuiteFacts:
    title = path.name if path.is_dir() else path.stem
    return SuiteFacts(
        name=slug(title),
        version="1",
        task=task,
        title=title,
        licence="not stated",
        source=path.name,
        primary_metric=METRICS[task],
    )


def _prompts(path: Path, rows: Rows, columns: Columns, name: str) -> Iterator[PromptRow]:
    for number, same in enumerate(_grouped(path, rows, columns), start=1):
        first = same[0]
        tags = tuple(dict.fromkeys(slug(tag) for tag in _tags(first, columns)))
        categories = _texts(first.cells.get(columns.one("category") or ""))
        yield PromptRow(
            line=first.line,
            id=_id(first, columns) or f"{name[:56]}-{number:04}",
            text=_text(path, first, columns),
            category=slug(categories[0]) if categories else name,
            tags=tuple(tag for tag in tags if tag),
            expectation=_expectation(same, columns) or None,
        )


def _grouped(path: Path, rows: Rows, columns: Columns) -> Iterator[Sequence[Row]]:
    """Yield the rows of each prompt: several of one id only where each asks its own question about one text."""
    if columns.one("questions") is None or columns.one("id") is None:
        yield from ([row] for row in rows.rows)
        return
    by_id: dict[str, list[Row]] = {}
    for row in rows.rows:
        same = by_id.setdefault(_id(row, columns) or f"\n{row.line}", [])
        if same and _text(path, same[0], columns) != _text(path, row, columns):
            problem = f"Expected the text of line {same[0].line}, which has the same id, got another. Rename one."
            raise InputFileError(path, problem, line=row.line)
        same.append(row)
    yield from by_id.values()


def _asks_by_row(rows: Rows, columns: Columns) -> bool:
    column = columns.one("questions")
    return column is not None and not any(isinstance(row.cells.get(column), list) for row in rows.rows)


def _id(row: Row, columns: Columns) -> str:
    cell = row.cells.get(columns.one("id") or "")
    return "" if cell is None else slug(str(cell))


def _text(path: Path, row: Row, columns: Columns) -> str:
    column = columns.one("prompt") or ""
    cell = row.cells.get(column, "")
    if not isinstance(cell, str) or not cell.strip():
        got = "nothing" if cell in ("", None) or isinstance(cell, str) else f"{cell!r:.40}"
        problem = f"Expected a text, got {got}. Write a prompt, or remove the row."
        raise InputFileError(path, problem, line=row.line, column=column)
    return cell.strip().replace("\r\n", "\n")


def _tags(row: Row, columns: Columns) -> list[str]:
    category = _texts(row.cells.get(columns.one("category") or ""))
    named = [text for column in columns.of["tags"] for text in _texts(row.cells.get(column))]
    return [*(category if len(category) > 1 else ()), *named]


def _texts(cell: Any) -> list[str]:
    return [str(item) for item in (cell if isinstance(cell, list) else [cell]) if item not in (None, "")]


def _expectation(same: Sequence[Row], columns: Columns) -> dict[str, Any]:
    cells, column = same[0].cells, columns.one("questions")
    kept = {name: cells[name] for name in columns.of["keep"] if cells.get(name) not in (None, "")}
    stated = kept.pop("expectation", {})
    kept |= stated if isinstance(stated, dict) else {"expectation": stated}
    if column is None:
        return kept
    by_row = (of_row(row.cells, column, columns.unused) for row in same)
    in_a_list = isinstance(cells.get(column), list)
    asked = listed(cells[column]) if in_a_list else [question for questions in by_row for question in questions]
    return kept | ({"questions": asked} if asked else {})
