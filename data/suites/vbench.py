"""VBench and VBench-2.0: JSON arrays of `{"prompt_en", "dimension": […], "auxiliary_info"?}`.

Their homes are Vchitect/VBench `vbench/VBench_full_info.json` and `VBench-2.0/vbench2/VBench2_full_info.json`
(Apache-2.0). They have no dimension in common, which tells them apart. `auxiliary_info` is an object in VBench, and a
word, a list or an object in VBench-2.0.
"""

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
FACTS_2: Final = FACTS.model_copy(update={"name": "vbench-2.0", "title": "VBench-2.0"})

DIMENSIONS_2: Final = frozenset(
    {
        "Camera_Motion",
        "Complex_Landscape",
        "Complex_Plot",
        "Composition",
        "Diversity",
        "Dynamic_Attribute",
        "Dynamic_Spatial_Relationship",
        "Human_Anatomy",
        "Human_Clothes",
        "Human_Identity",
        "Human_Interaction",
        "Instance_Preservation",
        "Material",
        "Mechanics",
        "Motion_Order_Understanding",
        "Motion_Rationality",
        "Multi-View_Consistency",
        "Thermotics",
    }
)
"""The 18 dimensions of VBench-2.0 (arXiv 2503.21755), as its file writes them."""


class VBenchPrompt(BaseModel):
    """One prompt of VBench; further keys are the benchmark's own and are left alone."""

    model_config = ConfigDict(frozen=True)

    prompt_en: str
    dimension: list[str] = Field(min_length=1)
    auxiliary_info: dict[str, Any] | list[Any] | str | None = None

    @property
    def expectation(self) -> dict[str, Any] | None:
        """What can be checked about its result; a word or a list under the name that the file gives it."""
        if self.auxiliary_info is None or isinstance(self.auxiliary_info, dict):
            return self.auxiliary_info
        return {"auxiliary_info": self.auxiliary_info}


def read(path: Path) -> Suite:
    """Return the suite in `path`: ids by entry (`vbench-0001`), the first dimension as category, all of them as tags.

    Raises InputFileError naming the file and, as line, the entry that is at fault (counted from 1).
    """
    content = parse_json(read_text(path), path)
    if not isinstance(content, list):
        raise InputFileError(
            path, f"Expected a JSON array of prompts, got {type(content).__name__}. Check the file's form."
        )
    if any(isinstance(item, dict) and {"image_name", "image_type"} & item.keys() for item in content):
        raise image_to_video(path)
    dimensions = {str(name) for item in content if isinstance(item, dict) for name in _listed(item.get("dimension"))}
    facts = FACTS_2 if dimensions and dimensions <= DIMENSIONS_2 else FACTS
    return assemble(path, facts, _rows(path, content))


def image_to_video(path: Path) -> InputFileError:
    """Return the refusal of VBench-I2V, whose prompts start from pictures."""
    problem = (
        "Expected prompts of text-to-video, got VBench-I2V: its clips start from pictures (image-to-video), which is "
        "not read yet. Take VBench_full_info.json, or write a suite file with the pictures as inputs."
    )
    return InputFileError(path, problem)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


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
            expectation=entry.expectation,
        )
