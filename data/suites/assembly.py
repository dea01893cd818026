"""Prompts become a suite: each checked where it stands in its file, ids unique, the whole named by its content."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from data.errors import InputFileError
from data.formats.toml import Declared
from data.serialization import digest
from data.vocabulary import MediaInput, Prompt, Suite, Task, check_identifier

MAX_PROMPTS: Final = 100_000
MAX_CHARACTERS: Final = 8_000
"""The longest text of a prompt, in characters; the longest text encoder in use reads about 2,000 of them."""

STARTING_FROM_MEDIA: Final[frozenset[Task]] = frozenset({"image-to-video", "image-edit", "upscale"})

_UNPRINTABLE: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")


class SuiteFacts(Declared):
    """What a suite says about itself, before its prompts."""

    name: str
    version: str
    task: Task
    title: str
    licence: str
    source: str
    primary_metric: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptRow:
    """One prompt as its file has it, and the line (or the entry, counted from 1) where it stands."""

    line: int
    id: str
    text: str
    category: str
    tags: tuple[str, ...] = ()
    expectation: Mapping[str, Any] | None = None
    held_out: bool = False
    inputs: Mapping[str, MediaInput] = field(default_factory=dict)


def assemble(path: Path, facts: SuiteFacts, rows: Iterable[PromptRow]) -> Suite:
    """Return the suite of `facts` and `rows`, read from `path`.

    Raises InputFileError, with the line, for an empty, overlong or unprintable text, an id that is used twice or
    not an identifier, a prompt without the input that its task starts from, too many prompts or none.
    """
    _identifier(path, None, "suite name", facts.name)
    prompts: list[Prompt] = []
    lines: dict[str, int] = {}
    for row in rows:
        if row.id in lines:
            problem = (
                f"Expected unique prompt ids, got {row.id!r} again after line {lines[row.id]}. Rename one of them."
            )
            raise InputFileError(path, problem, line=row.line)
        lines[row.id] = row.line
        _check_inputs(path, row, facts.task)
        prompts.append(_prompt(path, row))
        if len(prompts) > MAX_PROMPTS:
            raise InputFileError(
                path, f"Expected at most {MAX_PROMPTS:,} prompts, got more. Split the suite.", line=row.line
            )
    if not prompts:
        raise InputFileError(path, "Expected at least one prompt, got none. Add prompts.")
    try:
        return with_digest(facts, tuple(prompts))
    except ValueError as error:
        raise InputFileError(
            path, f"Expected content that JSON holds exactly, got: {error} Correct the expectations."
        ) from error


def with_digest(facts: SuiteFacts | Suite, prompts: tuple[Prompt, ...]) -> Suite:
    """Return the suite of `facts` (a suite's own, its prompts aside) and `prompts`, with its digest.

    The digest covers what changes results (name, version, task, prompts); title, licence, source and the metric
    that pages show first may be corrected without making another suite.
    """
    content = {"name": facts.name, "version": facts.version, "task": facts.task, "prompts": prompts}
    named = {name: getattr(facts, name) for name in SuiteFacts.model_fields}
    return Suite(**named, prompts=prompts, digest=digest(content))


def slug(name: str) -> str:
    """Return a public suite's category as an identifier.

    >>> slug("Food & Beverage"), slug("subject_consistency")
    ('food-and-beverage', 'subject-consistency')
    """
    return re.sub(r"[^a-z0-9.]+", "-", name.lower().replace("&", "and")).strip("-.")


def _prompt(path: Path, row: PromptRow) -> Prompt:
    _identifier(path, row.line, "prompt id", row.id)
    _identifier(path, row.line, "category", row.category)
    if len(row.text) > MAX_CHARACTERS:
        problem = (
            f"Expected a text of at most {MAX_CHARACTERS:,} characters, got {len(row.text):,}. Shorten the prompt."
        )
        raise InputFileError(path, problem, line=row.line)
    if match := _UNPRINTABLE.search(row.text):
        problem = f"Expected printable text, got the character U+{ord(match.group()):04X}. Remove it."
        raise InputFileError(path, problem, line=row.line)
    try:
        return Prompt(
            id=row.id,
            text=row.text,
            category=row.category,
            tags=row.tags,
            expectation=row.expectation,
            held_out=row.held_out,
            inputs=row.inputs,
        )
    except ValueError as error:
        raise InputFileError(path, f"{error} Write a text or remove the prompt.", line=row.line) from error


def _check_inputs(path: Path, row: PromptRow, task: Task) -> None:
    if task in STARTING_FROM_MEDIA and not row.inputs:
        problem = (
            f"Expected an input of prompt {row.id!r}, for {task} starts from a picture or a video, got none. "
            'Add "inputs", or correct the task.'
        )
        raise InputFileError(path, problem, line=row.line)


def _identifier(path: Path, line: int | None, kind: str, value: str) -> None:
    try:
        check_identifier(kind, value)
    except ValueError as error:
        raise InputFileError(path, f"{error} Rename it.", line=line) from error
