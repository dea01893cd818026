"""The table over HTTP, for readers that poll: whole, never older than before, and nothing but read.

GET /routing/current.json          the current table; a strong ETag, which is its revision, and 304 where it is known
GET /routing/current.sig           its detached signature, once it is signed
GET /routing/tables/<sha>.json     a table by its hash, which never changes; <sha>.sig.json its signature
GET /healthz                       what is served and whether it is fresh, stale or expired; 503 where it is neither
"""

import datetime as dt
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

from data.errors import HomeError, RoutingError, ServiceError
from leaderboard.routing.revision import PREFIX
from leaderboard.routing.serving.publish import CURRENT, TABLES, TableFile, as_published, current
from leaderboard.routing.serving.signing import SIGNATURE_SUFFIX
from leaderboard.routing.timestamps import age

if TYPE_CHECKING:
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import Response

ADDRESS: Final = "127.0.0.1"
FOREVER: Final = "public, max-age=31536000, immutable"
NAME: Final = re.compile(r"[0-9a-f]{64}(\.sig)?\.json")


class Source:
    """The current table of a folder, read again when its file is another; the last whole one while that is broken."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
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
            table = current(self.folder)
        except (RoutingError, HomeError, OSError) as error:
            self.complaint = str(error)
            return
        if table is None:
            self.complaint = "Expected a published routing table, got none."
        elif self._table is not None and table.serial < self._table[0].serial:
            self.complaint = f"Expected a serial of {self._table[0].serial} or more, got {table.serial}."
        else:
            self.complaint, self._table = None, (table, as_published(table.content))


def application(folder: Path) -> "Starlette":
    """Return the ASGI application that serves a routing folder; other methods than GET and HEAD get 405."""
    from starlette.applications import Starlette
    from starlette.routing import Route

    source = Source(folder)

    def now(request: "Request") -> "Response":
        return _current(source, request)

    def signature(request: "Request") -> "Response":
        current_table = source.table()
        if current_table is None:
            return _missing("There is no table yet.")
        name = f"{current_table[0].revision.removeprefix(PREFIX)}{SIGNATURE_SUFFIX}"
        return _file(folder / TABLES / name, request, "no-cache")

    def table(request: "Request") -> "Response":
        name = request.path_params["name"]
        if not NAME.fullmatch(name):
            return _missing("A table's name is 64 hex digits and .json.")
        # A signature may get a second one beside it; a table never changes.
        return _file(folder / TABLES / name, request, "no-cache" if name.endswith(SIGNATURE_SUFFIX) else FOREVER)

    def health(request: "Request") -> "Response":
        return _health(source)

    return Starlette(
        routes=[
            Route("/routing/current.json", now),
            Route("/routing/current.sig", signature),
            Route("/routing/tables/{name}", table),
            Route("/healthz", health),
        ]
    )


def serve(folder: Path, *, host: str = ADDRESS, port: int = 8602) -> None:
    """Serve a routing folder until Ctrl-C or SIGTERM. Raises ServiceError where the address cannot be used."""
    import socket

    import uvicorn

    try:
        listening = socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except (OSError, OverflowError) as error:
        raise ServiceError(
            f"Expected a free port on {host}, got {port}, which cannot be used ({error}). Choose another with --port."
        ) from error
    place = f"http://{host}:{listening.getsockname()[1]}/routing/current.json"
    print(f"The routing table of {folder} is at {place} (Ctrl-C stops it).", flush=True)
    server = uvicorn.Server(uvicorn.Config(application(folder), log_level="warning", access_log=False, lifespan="off"))
    with listening:
        server.run(sockets=[listening])


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


def _health(source: Source) -> "Response":
    from starlette.responses import JSONResponse

    current_table = source.table()
    if current_table is None:
        return JSONResponse({"status": "empty", "problem": source.complaint}, 503)
    content = current_table[0].content
    facts = {name: getattr(content, name) for name in ("table_id", "serial", "revision", "stale_after", "expires_at")}
    status = "broken" if source.complaint else age(content, dt.datetime.now(dt.UTC))
    return JSONResponse(
        {"status": status, "problem": source.complaint, **facts}, 503 if status in ("broken", "expired") else 200
    )
