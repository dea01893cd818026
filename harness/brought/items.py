"""Rows and prompts become samples: one file for each contender, prompt and seed, and a reason for what is left out.

A contender of brought media is named `<name>.brought`, so that it never stands in the place of one that is measured
here.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Final, NamedTuple

from data.errors import HalflifeError
from data.serialization import bytes_digest
from data.suites.assembly import slug
from data.vocabulary import Prompt, Suite
from harness.brought.files import BroughtFileError, read_brought
from harness.brought.listing import BroughtRow, LeftOut, Listing
from harness.brought.matching import AmbiguousError, Match, PromptNames

ENDING: Final = ".brought"
LONGEST_NAME: Final = 63 - len(ENDING)
NO_PROMPT: Final = "It fits no prompt of the suite."


class BroughtItem(NamedTuple):
    """A file as the sample of one prompt and seed: its row, the contender's id, and what its bytes are.

    `content` is their sha256, or the reason why they cannot be read.
    """

    row: BroughtRow
    model: str
    prompt: Prompt
    seed: int
    content: str


class Matched(NamedTuple):
    """What fits a prompt, and what was left out and why."""

    items: tuple[BroughtItem, ...]
    left_out: tuple[LeftOut, ...]


def match_all(folder: Path, listing: Listing, suite: Suite) -> Matched:
    """Return each row with its prompt, seed and content.

    Left out is what fits no prompt or several, and a second file of one contender, prompt and seed. Rows without a seed
    of a manifest, or of a prompt's own folder, are numbered from 0 on. Raises HalflifeError where two names of
    contenders are one id.
    """
    ids = _contenders({row.model for row in listing.rows})
    matching = _Matching(folder, PromptNames(suite), ids)
    for row in listing.rows:
        matching.take(row)
    return Matched(tuple(matching.items), (*listing.left_out, *matching.left_out))


class _Matching:
    """The items so far, and which files, prompts and seeds they have taken."""

    def __init__(self, folder: Path, names: PromptNames, ids: Mapping[str, str]) -> None:
        self.items: list[BroughtItem] = []
        self.left_out: list[LeftOut] = []
        self._folder, self._names, self._ids = folder, names, ids
        self._places: dict[tuple[str, ...], str] = {}
        self._contents: dict[str, str] = {}

    def take(self, row: BroughtRow) -> None:
        """Make a row an item for each prompt that it fits, or leave it out with a reason."""
        reason: str | None = None
        try:
            match = _match(self._names, row)
        except AmbiguousError as error:
            match, reason = Match(()), str(error)
        if not self._ids[row.model]:
            match, reason = Match(()), f"Expected a model's name with a letter or digit, got {row.model!r:.60}."
        for prompt in match.prompts:
            reason = self._taken(row, prompt, match.seed) or reason
        if reason or not match.prompts:
            self.left_out.append(LeftOut(row.place, reason or NO_PROMPT))

    def _taken(self, row: BroughtRow, prompt: Prompt, named: int | None) -> str | None:
        """Take a row for a prompt; return why not, where something else has its place."""
        of_prompt = (self._ids[row.model], prompt.id)
        seed = self._free(of_prompt) if named is None else named
        by_seed, by_file = (*of_prompt, "seed", str(seed)), (*of_prompt, "file", row.file)
        before = self._places.get(by_seed) or self._places.get(by_file)
        if before is not None:
            same = "the same file" if by_file in self._places else f"seed {seed}"
            return f"Expected one file for a prompt and seed, got a second: {before} has {same} of {prompt.id}."
        self._places[by_seed] = self._places[by_file] = row.place
        if row.file not in self._contents:
            self._contents[row.file] = _content(self._folder, row.file)
        self.items.append(BroughtItem(row, of_prompt[0], prompt, seed, self._contents[row.file]))
        return None

    def _free(self, of_prompt: tuple[str, str]) -> int:
        seed = 0
        while (*of_prompt, "seed", str(seed)) in self._places:
            seed += 1
        return seed


def _match(names: PromptNames, row: BroughtRow) -> Match:
    found = Match(names.of_words(row.prompt), row.seed) if row.prompt else names.of_file(row.file)
    return found if row.seed is None else Match(found.prompts, row.seed)


def _contenders(names: set[str]) -> dict[str, str]:
    """Return each name's id, nothing where none can be made of it."""
    ids = {name: slug(name)[:LONGEST_NAME].strip("-.") for name in sorted(names)}
    by_id: dict[str, str] = {}
    for name, identifier in ids.items():
        other = by_id.setdefault(identifier, name) if identifier else name
        if other != name:
            raise HalflifeError(
                f"Expected names of models that differ in a-z, 0-9 and '.', got {other!r} and {name!r}, which both are "
                f"{identifier!r}. Rename one of them."
            )
    return {name: identifier and f"{identifier}{ENDING}" for name, identifier in ids.items()}


def _content(folder: Path, file: str) -> str:
    try:
        return bytes_digest(read_brought(folder, file))
    except BroughtFileError as error:
        return str(error)
