"""PartiPrompts (P2): a TSV with the columns Prompt, Category, Challenge, Note (google-research/parti, Apache-2.0)."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from data.errors import InputFileError
from data.formats.toml import read_text
from data.suites.assembly import PromptRow, SuiteFacts, assemble, slug
from data.vocabulary import Suite

COLUMNS: Final = ("Prompt", "Category", "Challenge", "Note")

FACTS: Final = SuiteFacts(
    name="partiprompts",
    version="1",
    task="text-to-image",
    title="PartiPrompts (P2)",
    licence="Apache-2.0",
    source="https://github.com/google-research/parti",
    primary_metric="clip_score",
)


def read(path: Path) -> Suite:
    """Return the suite in `path`: ids by row (`p2-0001`), the challenge as a tag.

    Raises InputFileError naming the file and the line that is at fault.
    """
    lines = read_text(path).replace("\r\n", "\n").split("\n")
    if tuple(lines[0].split("\t")) != COLUMNS:
        problem = (
            f"Expected the tab-separated columns {', '.join(COLUMNS)}, got {lines[0]!r:.80}. Check the file's form."
        )
        raise InputFileError(path, problem, line=1)
    return assemble(path, FACTS, _rows(path, lines[1:]))


def _rows(path: Path, lines: list[str]) -> Iterator[PromptRow]:
    # Quotation marks are part of the prompts, so a row is what lies between tabs, and nothing is unquoted.
    filled = ((number, line) for number, line in enumerate(lines, start=2) if line)
    for count, (number, line) in enumerate(filled, start=1):
        cells = line.split("\t")
        if len(cells) != len(COLUMNS):
            problem = f"Expected {len(COLUMNS)} tab-separated cells, got {len(cells)}. Correct the row."
            raise InputFileError(path, problem, line=number)
        text, category, challenge, _note = cells
        yield PromptRow(line=number, id=f"p2-{count:04}", text=text, category=slug(category), tags=(slug(challenge),))
