"""What an export is: the text of its files by name, and what the gateway has no place for, with the reason."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


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
    """Return JSON values as indented text, which YAML readers take as well; keys stay in the order given."""
    return json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
