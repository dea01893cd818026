"""VBench: a JSON array of `{"prompt_en", "dimension": […], "auxiliary_info"?}` (Vchitect/VBench, Apache-2.0)."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field

from data.errors import InputFileError
from data.formats.toml import parse_json, read_text, validated
from data.suites.assembly import PromptRow, SuiteFacts, assemble, slug
from data.vocabulary import Suite

FACTS: Final = SuiteFacts(
    name="vbench",
    version="1",
    task="text-to-video",
    title="VBench",
    licence="Apache-2.0",
    source="https://github.com/Vchitect/VBench",
    primary_metric="video_clip_score",
)


class VBenchPrompt(BaseModel):
    """One prompt of VBench; further keys are the benchmark's own and are left alone."""

    model_config = ConfigDict(frozen=True)

    prompt_en: str
    dimension: list[str] = Field(min_length=1)
    auxiliary_info: dict[str, Any] | None = None


def read(path: Path) -> Suite:
    """Return the suite in `path`: ids by entry (`vbench-0001`), the first dimension as category, all of them as tags.

    Raises InputFileError naming the file and, as line, the entry that is at fault (counted from 1).
    """
    content = parse_json(read_text(path), path)
    if not isinstance(content, list):
        raise InputFileError(
            path, f"Expected a JSON array of prompts, got {type(content).__name__}. Check the file's form."
        )
    return assemble(path, FACTS, _rows(path, content))


def _rows(path: Path, content: list[Any]) -> Iterator[PromptRow]:
    for number, item in enumerate(content, start=1):
        entry = validated(VBenchPrompt, item, path, line=number)
        dimensions = tuple(slug(dimension) for dimension in entry.dimension)
        yield PromptRow(
            line=number,
            id=f"vbench-{number:04}",
            text=entry.prompt_en,
            category=dimensions[0],
            tags=dimensions,
            expectation=entry.auxiliary_info,
        )
