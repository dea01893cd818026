"""GenEval: JSON lines `{"tag", "include": [{"class", "count"}], "exclude": […], "prompt"}` (djghosh13/geneval)."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field

from data.formats.toml import parse_json, read_text, validated
from data.suites.assembly import PromptRow, SuiteFacts, assemble, slug
from data.vocabulary import Suite

FACTS: Final = SuiteFacts(
    name="geneval",
    version="1",
    task="text-to-image",
    title="GenEval",
    licence="MIT",
    source="https://github.com/djghosh13/geneval",
    primary_metric="clip_score",
)


class GenEvalPrompt(BaseModel):
    """One prompt of GenEval; further keys are the benchmark's own and are left alone."""

    model_config = ConfigDict(frozen=True)

    tag: str = Field(min_length=1)
    prompt: str
    include: list[dict[str, Any]]
    exclude: list[dict[str, Any]] = []


def read(path: Path) -> Suite:
    """Return the suite in `path`: ids by line (`geneval-0001`), the tag as category.

    What an image must and must not hold (`include`, `exclude`) is the expectation. Raises InputFileError naming the
    file and the line that is at fault.
    """
    return assemble(path, FACTS, _rows(path))


def _rows(path: Path) -> Iterator[PromptRow]:
    filled = ((number, line) for number, line in enumerate(read_text(path).split("\n"), start=1) if line.strip())
    for count, (number, text) in enumerate(filled, start=1):
        line = validated(GenEvalPrompt, parse_json(text, path, line=number), path, line=number)
        expectation = {"include": line.include, "exclude": line.exclude}
        identifier = f"geneval-{count:04}"
        yield PromptRow(line=number, id=identifier, text=line.prompt, category=slug(line.tag), expectation=expectation)
