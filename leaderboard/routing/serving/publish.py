"""Publishing a table: a reader that polls `current.json` sees a whole one, and never an older one than before.

Each table has a folder of its own below the routing folder, named by its id, with its own serials, history and lock: no
table stands in another's way. First `<table id>/tables/<revision>.json`, which never changes, then
`<table id>/current.json` with the same bytes, each written beside, synced and renamed. The serial only increases; going
back means publishing the old content under a higher serial. One publisher of a table at a time, held by a kernel lock
that dies with its process.
"""

import contextlib
import datetime as dt
import fcntl
import json
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from data.errors import RoutingError
from data.files import make_folder, storage, write_atomic
from data.serialization import LARGEST_EXACT_INTEGER, unique_keys
from leaderboard.routing.revision import PREFIX, revision_of, sealed
from leaderboard.routing.table.identifiers import check_table_id
from leaderboard.routing.table.lint import lint
from leaderboard.routing.table.model import DecidingSuite, RoutingTable
from leaderboard.routing.table.parsing import parse_table
from leaderboard.routing.timestamps import stamp

CURRENT, TABLES, LOCK = "current.json", "tables", ".publishing.lock"
SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")


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

    @property
    def is_current(self) -> bool:
        """Whether it is what gateways read."""
        return self.path.name == CURRENT


@dataclass(frozen=True, slots=True)
class Publication:
    """One publication; `changed` is False where this very table was current already.

    `suite` is the content that decided it, None where the table does not say.
    """

    serial: int
    revision: str
    generated_at: str
    path: Path
    changed: bool = True
    suite: DecidingSuite | None = None


def table_folder(routing: Path, table_id: str) -> Path:
    """Return the folder of a table below a routing folder. Raises RoutingError where its id is no safe name of one."""
    return routing / check_table_id(table_id)


def current(routing: Path, table_id: str) -> TableFile | None:
    """Return the current table of an id, None before its first.

    Raises RoutingError where it is not whole, does not fit its schema or is another table.
    """
    path = table_folder(routing, table_id) / CURRENT
    if not path.exists():
        return None
    table = _read(path)
    if table.content.table_id != table_id:
        raise RoutingError(
            f"{path}, key 'table_id': Expected {table_id!r}, the name of its folder, got {table.content.table_id!r}. "
            "Run `halflife routes publish`."
        )
    return table


def newest(routing: Path, table_id: str) -> TableFile | None:
    """Return what the next publication follows: the current table, or of the whole revisions that of the highest serial
    where `current.json` is damaged.
    """
    try:
        return current(routing, table_id)
    except RoutingError:
        return max(_whole(table_folder(routing, table_id) / TABLES), key=lambda table: table.serial, default=None)


def _whole(folder: Path) -> Iterator[TableFile]:
    for path in folder.glob(f"{'[0-9a-f]' * 64}.json"):
        with contextlib.suppress(RoutingError):
            yield _read(path)


def publish(table: RoutingTable, routing: Path) -> Publication:
    """Make `table` the current one of its id.

    Raises RoutingError where lint finds a problem or the serial is not above the current one. Publishing the current
    table again changes nothing.
    """
    problems = lint(table)
    if problems:
        more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        raise RoutingError(f"Expected a routing table that holds, got {problems[0]}{more} Run `halflife routes lint`.")
    with _publishing(table_folder(routing, table.table_id)):
        before = newest(routing, table.table_id)
        if before and before.revision == table.revision and before.is_current:
            return _published(before, changed=False)
        if before and before.revision != table.revision and table.serial <= before.serial:
            raise RoutingError(
                f"Expected a serial above {before.serial}, which is current, got {table.serial}: readers refuse to "
                "go back. Build the table again; to return to an old one, roll back."
            )
        return _write(table, routing)


def roll_back(routing: Path, table_id: str, revision: str, *, at: dt.datetime) -> Publication:
    """Point a table back to an earlier revision (`sha256:…`): its content again, under the next serial, at `at`.

    Raises RoutingError where there is no such table, or where lint does not let it pass any more.
    """
    path = table_path(routing, table_id, revision)
    now = newest(routing, table_id)
    if now is None or not path.exists():
        revisions = ", ".join(each.revision for each in history(routing, table_id)) or "none"
        raise RoutingError(f"Expected a published revision to roll back to, got {revision!r}. Known: {revisions}.")
    changes = {"serial": now.serial + 1, "previous_revision": now.revision, "generated_at": stamp(at)}
    return publish(parse_table(sealed(_read(path).content.to_json() | changes), path), routing)


def history(routing: Path, table_id: str) -> list[Publication]:
    """Return a table's publications from the current one back to the first, as each names the one before it."""
    table = newest(routing, table_id)
    return history_of(routing, table) if table else []


def history_of(routing: Path, table: TableFile) -> list[Publication]:
    """Return the publications from a table back to the first of its id."""
    publications: list[Publication] = []
    before: TableFile | None = table
    while before is not None:
        publications.append(_published(before))
        before = earlier(routing, before)
    return publications


def earlier(routing: Path, table: TableFile) -> TableFile | None:
    """Return the table that a table names as the one before it, None where there is none, or not any more."""
    before = table.content.previous_revision
    path = table_path(routing, table.content.table_id, before) if before else None
    return _read(path) if path and path.exists() else None


def table_path(routing: Path, table_id: str, revision: str) -> Path:
    """Return where a revision (`sha256:…`) of a table lies. Raises RoutingError where it is no revision."""
    digest = revision.removeprefix(PREFIX)
    if len(digest) != 64 or not set(digest) <= set("0123456789abcdef"):
        raise RoutingError(f"Expected a revision such as sha256:… with 64 hex digits, got {revision!r}.")
    return table_folder(routing, table_id) / TABLES / f"{digest}.json"


def read_table(path: Path) -> RoutingTable:
    """Return the table of a file. Raises RoutingError with the file, and the key that does not fit the schema."""
    return parse_table(read_object(path), path)


def read_object(path: Path) -> dict[str, Any]:
    """Return a file's JSON object, whatever it is; RoutingError where it is none."""
    try:
        content = _strict(path.read_bytes())
    except FileNotFoundError:
        raise RoutingError(f"Expected a routing table at {path}, got no file.") from None
    except OSError as error:
        raise RoutingError(f"Expected a readable routing table at {path}, got {error.strerror}.") from error
    except (ValueError, UnicodeDecodeError, RecursionError) as error:
        raise RoutingError(f"Expected JSON in {path}, got: {error}.") from error
    if not isinstance(content, dict):
        raise RoutingError(f"Expected a JSON object in {path}, got {type(content).__name__}.")
    return content


def _strict(data: bytes) -> Any:
    """Return what JSON says that every parser reads alike: UTF-8, each key once, exact numbers; else ValueError."""
    text, number = data.decode("utf-8"), _exact
    content = json.loads(
        text, object_pairs_hook=unique_keys, parse_constant=number, parse_float=number, parse_int=number
    )
    if SURROGATE.search(text) and not _is_encodable(content):
        raise ValueError("half a surrogate pair, which UTF-8 does not hold")
    return content


def _is_encodable(content: Any) -> bool:
    try:
        json.dumps(content, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _exact(number: str) -> float | int:
    """Numbers that every reader of JSON takes for the same one; the revision is a hash of them."""
    value = float(number) if set(number) - set("-0123456789") else int(number)
    if not math.isfinite(value) or (isinstance(value, int) and abs(value) > LARGEST_EXACT_INTEGER):
        raise ValueError(f"the number {number[:40]}, which JSON does not hold exactly")
    return value


def as_published(table: RoutingTable) -> bytes:
    """Return the bytes that a table has on the disk and over HTTP."""
    return (json.dumps(table.to_json(), indent=2, sort_keys=True, ensure_ascii=False) + "\n").encode()


def _write(table: RoutingTable, routing: Path) -> Publication:
    data = as_published(table)
    path = table_path(routing, table.table_id, table.revision)
    make_folder(path.parent)
    write_atomic(path, data)
    write_atomic(path.parent.parent / CURRENT, data)
    return _published(TableFile(table, path))


def _read(path: Path) -> TableFile:
    content = read_object(path)
    if content.get("kind") != "routing-table" or content.get("revision") != revision_of(content):
        raise RoutingError(
            f"Expected a whole routing table in {path}, got one whose revision does not match its content. "
            "Run `halflife routes publish`."
        )
    return TableFile(parse_table(content, path), path)


def _published(table: TableFile, *, changed: bool = True) -> Publication:
    name = f"{table.revision.removeprefix(PREFIX)}.json"
    path = table.path if not table.is_current else table.path.parent / TABLES / name
    suite = table.content.evidence.suite
    return Publication(table.serial, table.revision, table.content.generated_at, path, changed, suite)


@contextlib.contextmanager
def _publishing(folder: Path) -> Iterator[None]:
    """Lock the folder, and remove the half-written files of a publisher that died."""
    make_folder(folder)
    with storage(folder), open(folder / LOCK, "ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for path in (*folder.glob(".*.tmp"), *(folder / TABLES).glob(".*.tmp")):
            path.unlink(missing_ok=True)
        yield
