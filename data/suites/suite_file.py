"""The project's own form of a suite: JSON lines, a header first, then one prompt a line.

{"halflife_suite": 1, "name": "signs", "version": "1", "task": "text-to-image", "title": …, "licence": …,
 "source": …, "primary_metric": "clip_score"}
{"id": "open-sign", "text": "a neon sign that says OPEN", "category": "text-rendering", "tags": ["neon"],
 "expectation": {"text": "OPEN"}}

A prompt of a task that starts from a picture or a video names it by its role:
 "inputs": {"image": {"path": "pictures/fox.png", "sha256": …, "media_type": "image/png"}}
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from data.errors import InputFileError
from data.files import write_atomic
from data.formats.toml import Declared, parse_json, read_text, validated
from data.serialization import to_json
from data.suites.assembly import PromptRow, SuiteFacts, assemble
from data.vocabulary import MediaInput, Suite


class Header(SuiteFacts):
    """The first line: the form's version and what the suite says about itself."""

    halflife_suite: Literal[1]


class InputEntry(Declared):
    """A picture or video that a prompt starts from: where it lies, beside the suite's file, and what it is."""

    path: str = Field(min_length=1)
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    media_type: str = Field(pattern=r"^(image|video)/[a-z0-9.+-]+$")


class PromptLine(Declared):
    """Every further line."""

    id: str
    text: str
    category: str
    tags: list[str] = Field(default_factory=list)
    expectation: dict[str, Any] | None = None
    held_out: bool = False
    inputs: dict[str, InputEntry] = Field(default_factory=dict)


def read(path: Path) -> Suite:
    """Return the suite that `path` holds. Raises InputFileError naming the file and the line that is at fault."""
    lines = _objects(path)
    number, first = next(lines, (1, None))
    if not isinstance(first, dict) or "halflife_suite" not in first:
        problem = (
            'Expected a header with "halflife_suite": 1 on the first line, got none. '
            "Add one, or name the file's form: partiprompts:FILE, geneval:FILE, vbench:FILE or table:FILE."
        )
        raise InputFileError(path, problem, line=number)
    header = validated(Header, first, path, line=number)
    return assemble(path, header, (_row(path, line, content) for line, content in lines))


def write(suite: Suite, path: Path) -> None:
    """Write a suite as a file of this form, which reads as the same suite.

    Raises InputFileError for a file that exists, HomeError where it cannot be written.
    """
    facts = {name: getattr(suite, name) for name in SuiteFacts.model_fields}
    lines = [{"halflife_suite": 1, **facts}, *(_line(to_json(prompt)) for prompt in suite.prompts)]
    text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    if path.exists():
        raise InputFileError(path, "Expected a new file to write, got one that exists. Choose another name.")
    write_atomic(path, text.encode())


def _line(prompt: dict[str, Any]) -> dict[str, Any]:
    """Return a prompt's keys without those that say nothing."""
    return {name: value for name, value in prompt.items() if value or name in ("id", "text", "category")}


def _objects(path: Path) -> Iterator[tuple[int, Any]]:
    for number, line in enumerate(read_text(path).split("\n"), start=1):
        if line.strip():
            yield number, parse_json(line, path, line=number)


def _row(path: Path, line: int, content: Any) -> PromptRow:
    prompt = validated(PromptLine, content, path, line=line)
    fields = prompt.model_dump(exclude={"tags", "inputs"})
    inputs = {role: MediaInput(**entry.model_dump()) for role, entry in prompt.inputs.items()}
    return PromptRow(line=line, tags=tuple(prompt.tags), inputs=inputs, **fields)
