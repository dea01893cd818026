"""What each column of a table is for: named on the command line, or guessed by the names that public suites use."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, cast, get_args

from data.errors import HalflifeError, InputFileError, UnknownNameError

Use = Literal["prompt", "id", "category", "tags", "questions", "keep"]
USES: Final = get_args(Use)
SEVERAL: Final = frozenset({"tags", "keep"})
"""Uses that more than one column may have."""

GUESSES: Final[Mapping[Use, Sequence[str]]] = {
    "prompt": ("prompt", "prompts", "prompten", "prompttext", "text", "caption", "captions", "description"),
    "id": ("id", "promptid", "itemid", "uid", "key"),
    "category": ("category", "categories", "dimension", "dimensions", "class", "skills", "skill", "style", "challenge"),
    "tags": ("tags", "tag", "challenge", "challenges"),
    "questions": ("questions", "question", "questionnaturallanguage", "vqalist"),
    "keep": ("expectation", "attributes", "auxiliaryinfo", "include", "exclude", "atomcount"),
}
"""Names of columns without capitals and marks, the likeliest first."""


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of a table by their use, and those that are left alone."""

    of: Mapping[Use, tuple[str, ...]]
    unused: tuple[str, ...]

    def one(self, use: Use) -> str | None:
        """Return the only column of a use, None where there is none."""
        return next(iter(self.of.get(use, ())), None)

    def sentence(self, *, questions_by_row: bool = False) -> str:
        """Return what was decided, in words; `questions_by_row`: the other columns stay with each row's question."""
        used = [f"{use}: {', '.join(map(repr, names))}" for use, names in self.of.items() if names]
        others = "kept with each question" if questions_by_row else "not used"
        return "; ".join([*used, *([f"{others}: {', '.join(map(repr, self.unused))}"] if self.unused else [])])


def named_columns(pairs: Iterable[str]) -> dict[Use, tuple[str, ...]]:
    """Return the columns that `USE=NAME` pairs name, by use.

    >>> named_columns(["prompt=caption", "keep=atoms", "keep=mood"])
    {'prompt': ('caption',), 'keep': ('atoms', 'mood')}

    Raises HalflifeError for a pair without `=` and for a second column of a use that may have one, UnknownNameError for
    a use that there is not.
    """
    named: dict[Use, tuple[str, ...]] = {}
    for pair in pairs:
        name, equals, column = pair.partition("=")
        if not equals or not column:
            raise HalflifeError(f"Expected --column USE=NAME such as prompt=caption, got {pair!r}. Correct it.")
        if name not in USES:
            raise UnknownNameError("use of a column", name, USES)
        use = cast(Use, name)
        if use in named and use not in SEVERAL:
            raise HalflifeError(f"Expected one column as {use}, got {named[use][0]!r} and {column!r}. Name one.")
        named[use] = (*named.get(use, ()), column)
    return named


def chosen_columns(path: Path, columns: Sequence[str], named: Mapping[Use, tuple[str, ...]]) -> Columns:
    """Return what each of `columns` is for. Raises InputFileError where one that is named, or a prompt, is missing."""
    for use, names in named.items():
        for name in names:
            if name not in columns:
                problem = f"Expected the column {name!r} as {use}, got {_listed(columns)}. Name one of these."
                raise InputFileError(path, problem)
    taken = {name for names in named.values() for name in names}
    chosen: dict[Use, tuple[str, ...]] = {}
    for use in GUESSES:
        chosen[use] = named[use] if use in named else _guessed(use, [name for name in columns if name not in taken])
        taken.update(chosen[use])
    if not chosen["prompt"]:
        problem = (
            f"Expected a column of prompts, got {_listed(columns)}. Name it (--column prompt=NAME); if the first row "
            "is a prompt, add a header row above it."
        )
        raise InputFileError(path, problem)
    return Columns(chosen, tuple(name for name in columns if name not in taken))


def _guessed(use: Use, columns: Sequence[str]) -> tuple[str, ...]:
    plain = {re.sub(r"[^a-z]", "", name.lower()): name for name in reversed(columns)}
    found = [plain[name] for name in GUESSES[use] if name in plain]
    return tuple(found if use in SEVERAL else found[:1])


def _listed(columns: Sequence[str]) -> str:
    return ", ".join(repr(name[:40]) for name in columns[:12]) + (", …" if len(columns) > 12 else "") or "none"
