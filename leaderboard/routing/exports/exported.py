"""What an export is: the text of its files by name, and what the gateway has no place for, with the reason."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

LEVELS: Final = 3
ENCODE: Final = json.JSONEncoder(ensure_ascii=False, allow_nan=False).encode


@dataclass(frozen=True, slots=True)
class LeftOut:
    """An alias, a deployment or a price that is not in the files, and why, as a sentence."""

    what: str
    why: str

    def __str__(self) -> str:
        return f"{self.what}: {self.why}"


@dataclass(frozen=True, slots=True)
class Exported:
    """Files by their path below the output folder, always with `/`; the same table gives the same bytes."""

    files: Mapping[str, str]
    left_out: tuple[LeftOut, ...] = ()


def text(content: Any) -> str:
    """Return JSON values as text, which YAML readers take as well, in the order given.

    The first three levels have a line each; what is deeper stands in one line.
    """
    return _laid_out(content, 0) + "\n"


def _laid_out(value: Any, depth: int) -> str:
    if depth == LEVELS or not value or not isinstance(value, dict | list):
        return ENCODE(value)
    pad = "  " * (depth + 1)
    if isinstance(value, dict):
        opening, closing = "{}"
        items = [f"{ENCODE(name)}: {_laid_out(item, depth + 1)}" for name, item in value.items()]
    else:
        opening, closing = "[]"
        items = [_laid_out(item, depth + 1) for item in value]
    lines = ",\n".join(pad + item for item in items)
    return f"{opening}\n{lines}\n{pad[2:]}{closing}"
