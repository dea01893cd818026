"""What a user can fix, as one tree; everything else keeps its traceback.

    HalflifeError
    ├── UnknownNameError     a suite, model, metric, category or schedule that does not exist
    ├── InputFileError       a suite, catalogue or schedule file that does not say what it must
    ├── WeightsError         weights that are not safetensors, or not the ones that were published
    ├── HomeError            an observatory directory that cannot be written
    ├── JournalError         a journal whose middle is damaged
    ├── StoreBusyError       a second owner of the warehouse
    ├── MissingExtraError    an optional dependency that is not installed
    ├── SpendingError        a live call without a cap, or over it
    ├── RoutingError         a routing table that does not hold
    ├── InstrumentError      an encoder that no longer measures what it measured
    ├── ShapeError           a resolution, duration or text length that an architecture does not take
    ├── PluginError          a third party's evaluator that clashes with a name or is none
    └── ServiceError         a port in use, a device that is not there

Each sentence says what was expected, what came and what to do. The command line prints it and exits with code 2.
"""

import difflib
from collections.abc import Iterable
from pathlib import Path
from typing import Final

LONGEST_NAME: Final = 80
"""Of a name that is not known so many letters are compared and shown."""


class HalflifeError(Exception):
    """Something that the user can fix; shown as one sentence, without a traceback."""


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return the question after the nearest of some known names, with a space before it, or nothing.

    >>> did_you_mean("shpaes", ["shapes", "clips"])
    " Did you mean 'shapes'?"
    """
    near = difflib.get_close_matches(name[:LONGEST_NAME], known, n=1, cutoff=0.5)
    return f" Did you mean {near[0]!r}?" if near else ""


class UnknownNameError(HalflifeError):
    """A name that is not known, answered with the nearest one that is."""

    def __init__(self, kind: str, name: str, known: Iterable[str]) -> None:
        names = sorted(known)
        hint = did_you_mean(name, names)
        listed = ", ".join(names[:20]) + (f" and {len(names) - 20} more" if len(names) > 20 else "")
        super().__init__(f"Unknown {kind} {name[:LONGEST_NAME]!r}.{hint} Known: {listed or 'none'}.")
        self.kind, self.name, self.known = kind, name, tuple(names)


class InputFileError(HalflifeError):
    """A file of the user's that does not say what it must; names the file, and the line with its column, or the key."""

    def __init__(
        self,
        path: Path | str,
        problem: str,
        *,
        line: int | None = None,
        key: str | None = None,
        column: str | None = None,
    ) -> None:
        place = f"{path}" + (f", line {line}" if line is not None else "")
        place += f", key {key[:200]!r}" if key else ""
        place += f", column {column!r}" if column else ""
        super().__init__(f"{place}: {problem}")
        self.path, self.line, self.key = Path(path), line, key


class WeightsError(HalflifeError):
    """Weights that are not safetensors or whose sha256 differs from the published one."""


class HomeError(HalflifeError):
    """The observatory directory cannot be written, or its disk is full."""


class JournalError(HalflifeError):
    """A journal line in the middle of a file fails its checksum; the lines around it are kept."""


class StoreBusyError(HalflifeError):
    """Another process owns the warehouse."""

    def __init__(self, path: Path, pid: int | None) -> None:
        owner = f"process {pid}" if pid else "another process"
        super().__init__(f"The store {path} is owned by {owner}. Wait until it ends, or stop it, and try again.")
        self.path, self.pid = path, pid


class MissingExtraError(HalflifeError):
    """An optional dependency is not installed; says the command that installs it."""

    def __init__(self, what: str, extra: str) -> None:
        super().__init__(
            f"{what} needs the extra {extra!r}, which is not installed. Run: uv pip install -e '.[{extra}]'"
        )
        self.extra = extra


class SpendingError(HalflifeError):
    """A live call without a cap, without a known price, or one that would go over the cap."""


class RoutingError(HalflifeError):
    """A routing table that is not valid, not newer, or cannot be built from what is there."""


class InstrumentError(HalflifeError):
    """The frozen reference set does not score as it did: nothing is published until it does again."""


class ShapeError(HalflifeError):
    """A shape that an architecture does not take; the sentence names the nearest that it does."""


class PluginError(HalflifeError):
    """An evaluator of a third party takes a name that is taken, or is not an evaluator."""


class ServiceError(HalflifeError):
    """Something this machine does not offer: a free port, a device."""
