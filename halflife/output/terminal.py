"""The one way to the terminal: what came from outside is text there, never markup, a link or a control sequence."""

import logging
import re
from collections.abc import Iterable
from typing import Any, Final

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment

UNSAFE: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""Control characters but tab and line feed, marks that turn the direction of writing, halves of surrogate pairs."""
SYMBOLS: Final = 0x2400
"""Where Unicode has a visible sign for each of the first 32 characters."""


def visible(text: str) -> str:
    """Return `text` with a visible sign for each character that a terminal would act on.

    >>> visible("a" + chr(27) + "[31mred" + chr(0x9b) + "0m")
    'a␛[31mred�0m'
    """
    return UNSAFE.sub(_sign, text)


def _sign(match: re.Match[str]) -> str:
    code = ord(match.group())
    return chr(SYMBOLS + code) if code < 0x20 else "�"


class Terminal(Console):
    """A console that takes square brackets, emoji names and escape characters for text, and colours no words."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"highlight": False, "markup": False, "emoji": False} | options)

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """Render as Rich does; of the text that results, nothing but Rich's own control codes acts on the terminal."""
        for text, style, control in super().render(renderable, options):
            yield Segment(text if control else visible(text), style, control)


class _VisibleLines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        """Write a line of the log as text."""
        return visible(super().format(record))


def log_to_terminal() -> None:
    """Write what is logged to standard error, each line with its time."""
    handler = logging.StreamHandler()
    handler.setFormatter(_VisibleLines("%(asctime)s %(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=[handler])
