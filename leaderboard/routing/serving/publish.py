"""Publishing a table: a reader that polls `current.json` sees a whole one, and never an older one than before.

First `tables/<revision>.json`, which never changes, then `current.json` with the same bytes, each written beside,
synced and renamed. The serial only increases; going back means publishing the old content under a higher serial. One
publisher at a time, held by a kernel lock that dies with its process.
"""

import contextlib
import datetime as dt
import fcntl
import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from data.errors import RoutingError
from data.files import make_folder, storage, write_atomic
from data.serialization import LARGEST_EXACT_INTEGER
from leaderboard.routing.revision import PREFIX, revision_of, sealed
from leaderboard.routing.table.lint import lint
from leaderboard.routing.table.model import RoutingTable
from leaderboard.routing.table.parsing import parse_table
from leaderboard.routing.timestamps import stamp

CURRENT, TABLES, LOCK = "current.json", "tables", ".publishing.lock"


@dataclass(frozen=True, slots=True)
class TableFile:
    """A published table, and the file it was read from."""

    content: RoutingTable
    path: Path

    @property
    def serial(self) -> int:
        """Counts publications; it only increases."""
        return self.content.serial

    @property
    def revision(self) -> str:
        """`sha256:` and the hash of what it says."""
        return self.content.revision


@dataclass(frozen=True, slots=True)
class Publication:
    """One publication; `changed` is False where this very table was current already."""

    serial: int
    revision: str
    generated_at: str
    path: Path
    changed: bool = True


def current(folder: Path) -> TableFile | None:
    """Return the current table of a routing folder, None before the first.

    Raises RoutingError where it is not whole or does not fit its schema.
    """
    return _read(folder / CURRENT) if (folder / CURRENT).exists() else None


def publish(table: RoutingTable, folder: Path) -> Publication:
    """Make `table` current. Raises RoutingError where lint finds a problem or the serial is not above the current one.

    Publishing the current table again changes nothing.
    """
    problems = lint(table)
    if problems:
        more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        raise RoutingError(f"Expected a routing table that holds, got {problems[0]}{more} Run `halflife routes lint`.")
    with _publishing(folder):
        before = current(folder)
        if before and before.revision == table.revision:
            return _published(before, changed=False)
        if before and table.serial <= before.serial:
            raise RoutingError(
                f"Expected a serial above {before.serial}, which is current, got {table.serial}: readers refuse to "
                "go back. Build the table again; to return to an old one, roll back."
            )
        return _write(table, folder)


def roll_back(folder: Path, revision: str, *, at: dt.datetime) -> Publication:
    """Point back to an earlier revision (`sha256:…`): its content again, under the next serial, at the time `at`.

    Raises RoutingError where there is no such table, or where lint does not let it pass any more.
    """
    path = _path(folder, revision)
    now = current(folder)
    if now is None or not path.exists():
        revisions = ", ".join(each.revision for each in history(folder)) or "none"
        raise RoutingError(f"Expected a published revision to roll back to, got {revision!r}. Known: {revisions}.")
    changes = {"serial": now.serial + 1, "previous_revision": now.revision, "generated_at": stamp(at)}
    return publish(parse_table(sealed(_read(path).content.to_json() | changes), path), folder)


def history(folder: Path) -> list[Publication]:
    """Return the publications from the current one back to the first, as each table names the one before it."""
    publications: list[Publication] = []
    table = current(folder)
    while table is not None:
        publications.append(_published(table))
        table = earlier(folder, table)
    return publications


def earlier(folder: Path, table: TableFile) -> TableFile | None:
    """Return the table that a table names as the one before it, None where there is none, or not any more."""
    before = table.content.previous_revision
    path = _path(folder, before) if before else None
    return _read(path) if path and path.exists() else None


def read_table(path: Path) -> RoutingTable:
    """Return the table of a file. Raises RoutingError with the file, and the key that does not fit the schema."""
    return parse_table(read_object(path), path)


def read_object(path: Path) -> dict[str, Any]:
    """Return a file's JSON object, whatever it is; RoutingError where it is none."""
    try:
        content = json.loads(path.read_bytes(), parse_constant=_exact, parse_float=_exact, parse_int=_exact)
    except FileNotFoundError:
        raise RoutingError(f"Expected a routing table at {path}, got no file.") from None
    except OSError as error:
        raise RoutingError(f"Expected a readable routing table at {path}, got {error.strerror}.") from error
    except (ValueError, UnicodeDecodeError, RecursionError) as error:
        raise RoutingError(f"Expected JSON in {path}, got: {error}.") from error
    if not isinstance(content, dict):
        raise RoutingError(f"Expected a JSON object in {path}, got {type(content).__name__}.")
    return content


def _exact(number: str) -> float | int:
    """Numbers that every reader of JSON takes for the same one; the revision is a hash of them."""
    value = float(number) if set(number) - set("-0123456789") else int(number)
    if not math.isfinite(value) or (isinstance(value, int) and abs(value) > LARGEST_EXACT_INTEGER):
        raise ValueError(f"the number {number[:40]}, which JSON does not hold exactly")
    return value


def as_published(table: RoutingTable) -> bytes:
    """Return the bytes that a table has on the disk and over HTTP."""
    return (json.dumps(table.to_json(), indent=2, sort_keys=True, ensure_ascii=False) + "\n").encode()


def _write(table: RoutingTable, folder: Path) -> Publication:
    data = as_published(table)
    path = _path(folder, table.revision)
    make_folder(path.parent)
    write_atomic(path, data)
    write_atomic(folder / CURRENT, data)
    return _published(TableFile(table, path))


def _read(path: Path) -> TableFile:
    content = read_object(path)
    if content.get("kind") != "routing-table" or content.get("revision") != revision_of(content):
        raise RoutingError(
            f"Expected a whole routing table in {path}, got one whose revision does not match its content. "
            "Publish again, or restore the file from `tables/`."
        )
    return TableFile(parse_table(content, path), path)


def _path(folder: Path, revision: str) -> Path:
    digest = revision.removeprefix(PREFIX)
    if len(digest) != 64 or not set(digest) <= set("0123456789abcdef"):
        raise RoutingError(f"Expected a revision such as sha256:… with 64 hex digits, got {revision!r}.")
    return folder / TABLES / f"{digest}.json"


def _published(table: TableFile, *, changed: bool = True) -> Publication:
    name = f"{table.revision.removeprefix(PREFIX)}.json"
    path = table.path if table.path.name != CURRENT else table.path.parent / TABLES / name
    return Publication(table.serial, table.revision, table.content.generated_at, path, changed)


@contextlib.contextmanager
def _publishing(folder: Path) -> Iterator[None]:
    """Lock the folder, and remove the half-written files of a publisher that died."""
    make_folder(folder)
    with storage(folder), open(folder / LOCK, "ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for path in (*folder.glob(".*.tmp"), *(folder / TABLES).glob(".*.tmp")):
            path.unlink(missing_ok=True)
        yield
