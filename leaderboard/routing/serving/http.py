"""The tables over HTTP, for readers that poll: whole, never older than before, and nothing but read.

GET /routing/                             which tables there are: id, tasks, serial, revision, when each turns old
GET /routing/<table id>/current.json      a table; a strong ETag, which is its revision, and 304 where it is known
GET /routing/<table id>/current.sig       its detached signature, once it is signed
GET /routing/<table id>/tables/<sha>.json a table by its hash, which never changes; <sha>.sig.json its signature
GET /routing/current.json, current.sig    those of the only table; 404 where there are several
GET /healthz                              whether each is fresh, stale or expired; 503 where one is neither
"""

import datetime as dt
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from data.errors import HalflifeError, HomeError, RoutingError, ServiceError
from leaderboard.routing.revision import PREFIX
from leaderboard.routing.serving.publish import CURRENT, TABLES, TableFile, as_published, current, table_folder
from leaderboard.routing.serving.published import choose, index_entry, table_ids
from leaderboard.routing.serving.signing import SIGNATURE_SUFFIX
from leaderboard.routing.timestamps import age

if TYPE_CHECKING:
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import Response

ADDRESS: Final = "127.0.0.1"
FOREVER: Final = "public, max-age=31536000, immutable"
STATUSES: Final = ("fresh", "stale", "expired", "broken", "empty")
"""From well to worse; the whole is as well as its worst table."""
UNHEALTHY: Final = STATUSES[2:]
NAME: Final = re.compile(r"[0-9a-f]{64}(\.sig)?\.json")


class Source:
    """The current table of an id, read again when its file is another; the last whole one while that is broken."""

    def __init__(self, routing: Path, table_id: str) -> None:
        self.routing, self.table_id = routing, table_id
        self.folder = table_folder(routing, table_id)
        self._fingerprint: tuple[int, int, int] | None = None
        self._table: tuple[TableFile, bytes] | None = None
        self.complaint: str | None = None
        self.table()

    def table(self) -> tuple[TableFile, bytes] | None:
        """Return the table and its bytes, None before the first; never one with a lower serial than the last."""
        fingerprint = self._file_fingerprint()
        if fingerprint != self._fingerprint:
            self._fingerprint = fingerprint
            self._read()
        return self._table

    def _file_fingerprint(self) -> tuple[int, int, int] | None:
        try:
            status = (self.folder / CURRENT).stat()
        except OSError:
            return None
        return status.st_mtime_ns, status.st_ino, status.st_size

    def _read(self) -> None:
        try:
            table = current(self.routing, self.table_id)
        except (RoutingError, HomeError, OSError) as error:
            self.complaint = str(error)
            return
        if table is None:
            self.complaint = "Expected a published routing table, got none."
        elif self._table is not None and table.serial < self._table[0].serial:
            self.complaint = f"Expected a serial of {self._table[0].serial} or more, got {table.serial}."
        else:
            self.complaint, self._table = None, (table, as_published(table.content))


class Sources:
    """The sources of a routing folder: each table that is there, or has been since the start."""

    def __init__(self, routing: Path) -> None:
        self.routing = routing
        self._sources: dict[str, Source] = {}
        self.all()

    def all(self) -> dict[str, Source]:
        """Return every source by its table's id, in order."""
        for table_id in table_ids(self.routing):
            if table_id not in self._sources:
                self._sources[table_id] = Source(self.routing, table_id)
        return dict(sorted(self._sources.copy().items()))

    def one(self, table_id: str | None) -> Source:
        """Return the source of an id, without one the only one; HalflifeError where there is none, or several."""
        sources = self.all()
        return sources[choose(list(sources), table_id, option="/routing/<id>/")]


def application(routing: Path) -> "Starlette":
    """Return the ASGI application that serves a routing folder; other methods than GET and HEAD get 405."""
    from starlette.applications import Starlette
    from starlette.routing import Route

    sources = Sources(routing)

    def of_one(answer: "Callable[[Source, Request], Response]") -> "Callable[[Request], Response]":
        def answering(request: "Request") -> "Response":
            try:
                source = sources.one(request.path_params.get("table_id"))
            except HalflifeError as error:
                return _missing(str(error))
            return answer(source, request)

        return answering

    return Starlette(
        routes=[
            Route("/routing/", lambda request: _index(sources)),
            Route("/routing/current.json", of_one(_current)),
            Route("/routing/current.sig", of_one(_signature)),
            Route("/routing/{table_id}/current.json", of_one(_current)),
            Route("/routing/{table_id}/current.sig", of_one(_signature)),
            Route("/routing/{table_id}/tables/{name}", of_one(_revision)),
            Route("/healthz", lambda request: _health(sources)),
        ]
    )


def serve(routing: Path, *, host: str = ADDRESS, port: int = 8602) -> None:
    """Serve a routing folder until Ctrl-C or SIGTERM. Raises ServiceError where the address cannot be used."""
    import socket

    import uvicorn

    from leaderboard.routing.serving.prompt_requests import PromptRequests

    try:
        listening = socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except (OSError, OverflowError) as error:
        raise ServiceError(
            f"Expected a free port on {host}, got {port}, which cannot be used ({error}). Choose another with --port."
        ) from error
    name = f"[{host}]" if ":" in host else host
    place = f"http://{name}:{listening.getsockname()[1]}/routing/"
    print(f"The routing tables of {routing} are listed at {place} (Ctrl-C stops it).", flush=True)
    config = uvicorn.Config(
        application(routing), http=PromptRequests, ws="none", log_level="warning", access_log=False, lifespan="off"
    )
    server = uvicorn.Server(config)
    with listening:
        server.run(sockets=[listening])


def _index(sources: Sources) -> "Response":
    from starlette.responses import JSONResponse

    tables = [_entry(source) for source in sources.all().values()]
    return JSONResponse({"tables": tables}, headers={"Cache-Control": "no-cache"})


def _entry(source: Source) -> dict[str, Any]:
    table = source.table()
    return {
        "table_id": source.table_id,
        "current": f"/routing/{source.table_id}/{CURRENT}",
        "problem": source.complaint,
        **(index_entry(table[0].content) if table else {}),
    }


def _current(source: Source, request: "Request") -> "Response":
    from starlette.responses import JSONResponse, Response

    current_table = source.table()
    if current_table is None:
        return JSONResponse({"error": source.complaint}, 503)
    table, data = current_table
    etag = f'"{table.revision}"'
    headers = {
        "ETag": etag,
        "Cache-Control": f"max-age={table.content.poll_interval_s}",
        "X-Content-Type-Options": "nosniff",
    }
    if _has_already(request, etag):
        return Response(status_code=304, headers=headers)
    return Response(data, media_type="application/json", headers=headers)


def _signature(source: Source, request: "Request") -> "Response":
    current_table = source.table()
    if current_table is None:
        return _missing("There is no table yet.")
    name = f"{current_table[0].revision.removeprefix(PREFIX)}{SIGNATURE_SUFFIX}"
    return _file(source.folder / TABLES / name, request, "no-cache")


def _revision(source: Source, request: "Request") -> "Response":
    name = request.path_params["name"]
    if not NAME.fullmatch(name):
        return _missing("A table's name is 64 hex digits and .json.")
    # A signature may get a second one beside it; a table never changes.
    return _file(source.folder / TABLES / name, request, "no-cache" if name.endswith(SIGNATURE_SUFFIX) else FOREVER)


def _has_already(request: "Request", etag: str) -> bool:
    etags = [each.strip().removeprefix("W/") for each in request.headers.get("if-none-match", "").split(",")]
    return etag in etags or "*" in etags


def _file(path: Path, request: "Request", caching: str) -> "Response":
    from starlette.responses import Response

    try:
        data = path.read_bytes()
    except OSError:
        return _missing("There is no such table, or it is not signed.")
    headers = {"Cache-Control": caching, "X-Content-Type-Options": "nosniff"}
    if caching == FOREVER:
        headers["ETag"] = f'"{PREFIX}{path.stem}"'
        if _has_already(request, headers["ETag"]):
            return Response(status_code=304, headers=headers)
    return Response(data, media_type="application/json", headers=headers)


def _missing(why: str) -> "Response":
    from starlette.responses import JSONResponse

    return JSONResponse({"error": why}, 404)


def _health(sources: Sources) -> "Response":
    from starlette.responses import JSONResponse

    tables = {table_id: _age(source) | _entry(source) for table_id, source in sources.all().items()}
    worst = max((table["status"] for table in tables.values()), key=STATUSES.index, default="empty")
    return JSONResponse({"status": worst, "tables": tables}, 503 if worst in UNHEALTHY else 200)


def _age(source: Source) -> dict[str, str]:
    table = source.table()
    if table is None or source.complaint:
        return {"status": "broken"}
    return {"status": age(table[0].content, dt.datetime.now(dt.UTC))}
