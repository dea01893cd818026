"""Which prompt a file is of: by a manifest's words, or by the file's own name or that of a folder around it.

A name fits by the prompt's id (`single-03.png`), the id and a seed (`single-03_7.png`, `single-03-seed7.png`), the
prompt's text as words (`a-red-circle.png`, cut off by the maker from 32 letters on), or text and number as VBench wants
them (`a red circle-0.mp4`, github.com/Vchitect/VBench); a folder of such a name (`single-03/0.png`) fits too.
"""

import re
import unicodedata
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import PurePath
from typing import Final, NamedTuple

from data.vocabulary import Prompt, Suite

FEWEST_LETTERS: Final = 32
"""Letters of a text's beginning from which a cut-off name is taken for it."""
_NUMBERED: Final = re.compile(r"(?P<name>.+?)[-_. ]+(?:(?:seed|sample|s|n)[-_. ]?)?(?P<seed>\d{1,15})")
_NUMBER: Final = re.compile(r"(?:.*\D)?(?P<seed>\d{1,15})\D*")


class Match(NamedTuple):
    """The prompts that a file is of (several of one text, none where none fits), and the seed that its name says."""

    prompts: tuple[Prompt, ...]
    seed: int | None = None


class AmbiguousError(ValueError):
    """A name that fits prompts of different texts."""


class PromptNames:
    """The names that the prompts of a suite may have.

    >>> prompts = (Prompt(id="p1", text="A red circle.", category="c"), Prompt(id="p2", text="Seven", category="c"))
    >>> from types import SimpleNamespace
    >>> names = PromptNames(SimpleNamespace(prompts=prompts))
    >>> [(names.of_file(name).prompts[0].id, names.of_file(name).seed) for name in ("p2_7.png", "a-red-circle.png")]
    [('p2', 7), ('p1', 0)]
    """

    def __init__(self, suite: Suite) -> None:
        self._ids = {prompt.id: prompt for prompt in suite.prompts}
        self._by_text: dict[str, list[Prompt]] = defaultdict(list)
        self._by_words: dict[str, list[Prompt]] = defaultdict(list)
        for prompt in suite.prompts:
            self._by_text[prompt.text.strip()].append(prompt)
            self._by_words[words(prompt.text)].append(prompt)
        self._beginnings = sorted(self._by_words)

    def of_words(self, texts: Sequence[str]) -> tuple[Prompt, ...]:
        """Return the prompts that a manifest means: the first of its `texts` that fits. Raises AmbiguousError."""
        return next((found for text in texts if (found := self._named(text, cut_off=False))), ())

    def of_file(self, name: str) -> Match:
        """Return what a file's path in its folder says; the nearest name counts first. Raises AmbiguousError."""
        path = PurePath(name)
        own = self._match(path.stem)
        if own.prompts:
            return own
        for folder in reversed(path.parent.parts):
            around = self._match(folder)
            if around.prompts:
                number = _NUMBER.fullmatch(path.stem)
                return Match(around.prompts, int(number["seed"]) if number else None)
        return Match(())

    def _match(self, name: str) -> Match:
        numbered = _NUMBERED.fullmatch(name)
        for cut_off in (False, True):
            if found := self._named(name, cut_off=cut_off):
                return Match(found, 0)
            if numbered and (found := self._named(numbered["name"], cut_off=cut_off)):
                return Match(found, int(numbered["seed"]))
        return Match(())

    def _named(self, name: str, *, cut_off: bool) -> tuple[Prompt, ...]:
        if cut_off:
            return _of_one_text(name, self._beginning(words(name)))
        if prompt := self._ids.get(name) or self._ids.get(name.lower()):
            return (prompt,)
        exact = self._by_text.get(name.strip())
        return tuple(exact) if exact else _of_one_text(name, self._by_words.get(words(name), ()))

    def _beginning(self, start: str) -> list[Prompt]:
        if len(start) < FEWEST_LETTERS:
            return []
        first = bisect_left(self._beginnings, start)
        found: list[Prompt] = []
        for text in self._beginnings[first:]:
            if not text.startswith(start):
                break
            found += self._by_words[text]
        return found


def words(text: str) -> str:
    """Return a text as its words in lower case, joined by hyphens: what is left of it in a file's name.

    >>> words("A red circle, Über_alles.")
    'a-red-circle-über-alles'
    """
    return re.sub(r"[\W_]+", "-", unicodedata.normalize("NFC", text).casefold()).strip("-")


def _of_one_text(name: str, prompts: Iterable[Prompt]) -> tuple[Prompt, ...]:
    found = tuple(prompts) if words(name) else ()
    if len({prompt.text for prompt in found}) > 1:
        ids = ", ".join(prompt.id for prompt in found[:3])
        raise AmbiguousError(f"Expected a name that fits one prompt, got one that fits {ids}. Use the prompt's id.")
    return found
