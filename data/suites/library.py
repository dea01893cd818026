"""Which suites there are, and how a name, a path or `form:path` becomes one."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final, NamedTuple

from data.errors import HalflifeError, UnknownNameError
from data.serialization import bytes_digest
from data.suites import geneval, partiprompts, suite_file, vbench
from data.suites.assembly import with_digest
from data.suites.tables import reader as tables
from data.suites.tables.reader import GUESSED, TableOptions
from data.suites.units import prompt_units, repetition
from data.vocabulary import Prompt, Suite

FOLDER: Final = Path(__file__).parent / "files"

FORMS: Final[Mapping[str, Callable[[Path], Suite]]] = {
    "partiprompts": partiprompts.read,
    "geneval": geneval.read,
    "vbench": vbench.read,
}
"""Readers of public suites' files, by the prefix that names the form."""
TABLE: Final = "table"


def suite_names() -> list[str]:
    """Return the names of the project's own suites, in alphabetical order."""
    return sorted(path.stem for path in FOLDER.glob("*.jsonl"))


class SuiteReading(NamedTuple):
    """A suite, and what a reader should know of how it was read, a sentence each."""

    suite: Suite
    notes: tuple[str, ...] = ()


def read_suite(name_or_path: str | Path, table: TableOptions = GUESSED) -> SuiteReading:
    """Return a suite with notes: how a table was read (`table:PATH`), and whether entries are the same prompt.

    `table` says what a table does not. Raises HalflifeError where it says something of a suite that is no table, and as
    `load_suite`.
    """
    form, _, path = str(name_or_path).partition(":")
    if form == TABLE and path:
        suite, note = tables.read(Path(path), table)
        notes = [note]
    elif table == GUESSED:
        suite, notes = load_suite(name_or_path), []
    else:
        raise HalflifeError(f"Expected table:FILE with --column or --task, got {str(name_or_path)!r}. Leave them out.")
    repeated = repetition(suite)
    return SuiteReading(suite, (*notes, *([repeated] if repeated else [])))


def load_suite(name_or_path: str | Path) -> Suite:
    """Return a suite of ours by name, or one in a file: `FILE.jsonl` in our form, or `partiprompts:FILE`,
    `geneval:FILE`, `vbench:FILE`; `table:PATH` is any table with a column of prompts.

    Raises UnknownNameError for a name or a form that there is not, InputFileError for a file that does not hold.
    """
    wanted = str(name_or_path)
    form, colon, path = wanted.partition(":")
    if wanted in suite_names():
        return suite_file.read(FOLDER / f"{wanted}.jsonl")
    if form == TABLE and path:
        return tables.read(Path(path), GUESSED).suite
    if wanted.endswith(".jsonl") and form not in FORMS:
        return suite_file.read(Path(wanted))
    if not colon:
        raise UnknownNameError(
            "suite", wanted, [*suite_names(), "FILE.jsonl", *(f"{form}:FILE" for form in (*FORMS, TABLE))]
        )
    if form not in FORMS:
        raise UnknownNameError("form of suite", form, [*FORMS, TABLE])
    return FORMS[form](Path(path))


def narrowed(suite: Suite, categories: Iterable[str] = (), *, each: int | None = None) -> Suite:
    """Return the suite with the prompts of `categories` alone (none: all), of each at most the first `each`.

    Different prompts come before entries that repeat one of them. That is another content, so it has another digest and
    another name, such as `shapes.single` or `shapes.first-5`: a part never stands on the board in place of the whole.
    Where nothing is left out the suite stays as it is. Raises UnknownNameError for a category that the suite does not
    have.
    """
    wanted = tuple(categories) or suite.categories
    for category in wanted:
        if category not in suite.categories:
            raise UnknownNameError(f"category of suite {suite.name!r}", category, suite.categories)
    prompts = [prompt for prompt in suite.prompts if prompt.category in wanted]
    kept = tuple(
        prompt for prompt, place in zip(prompts, _places(prompts), strict=True) if each is None or place < each
    )
    if len(kept) == len(suite.prompts):
        return suite
    whole = set(wanted) == set(suite.categories)
    parts = [*([] if whole else [_joined(wanted)]), *([f"first-{each}"] if len(kept) < len(prompts) else [])]
    told = [*([] if whole else wanted), *([f"first {each} of each category"] if len(kept) < len(prompts) else [])]
    part = replace(suite, name=".".join([suite.name, *parts]), title=f"{suite.title} ({', '.join(told)})")
    return with_digest(part, kept)


def _places(prompts: Sequence[Prompt]) -> list[int]:
    """Count the prompts of each category from 0 on; entries that repeat a prompt of it come after all of its others."""
    units, met = prompt_units(prompts), set[tuple[str, str]]()
    repeats: list[bool] = []
    for prompt in prompts:
        key = prompt.category, units[prompt.id]
        repeats.append(key in met)
        met.add(key)
    seen: Counter[str] = Counter()
    places = [0] * len(prompts)
    for i in sorted(range(len(prompts)), key=repeats.__getitem__):
        places[i] = seen[prompts[i].category]
        seen[prompts[i].category] += 1
    return places


def _joined(categories: tuple[str, ...]) -> str:
    """Return a name for some categories, short enough to be part of a routing table's id."""
    joined = ".".join(dict.fromkeys(categories))
    return joined if len(joined) <= 24 else bytes_digest(joined.encode())[:8]
