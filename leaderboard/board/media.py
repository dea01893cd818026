"""Generated media over HTTP: `/m/<sha256>` the original bytes, `/t/` a thumbnail and `/s/` a clip's strip of frames.

The name is the content's hash, so a response never changes and browsers may keep it. Files are hostile input: their
type comes from their first bytes, never from a name, and a file of any other type is not sent.
"""

from functools import lru_cache, partial
from pathlib import Path
from typing import Final

from anyio import CapacityLimiter, to_thread
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Route

from data.errors import UnknownNameError
from data.home import Home
from data.media import MediaStore, MediaType, sniff
from leaderboard.board.connection import home_directory
from leaderboard.board.stills import Form, Stills

DECODING: Final = CapacityLimiter(2)
"""Files that are decoded at once; who asks for others waits, without keeping a thread from other requests."""

HEADERS: Final = {
    "Cache-Control": "public, max-age=31536000, immutable",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Content-Disposition": "inline",
}
MISSING: Final = "No such file. A name is the sha256 of a file's bytes: 64 hexadecimal digits."


async def original(request: Request) -> Response:
    """Answer with the original bytes, or the range of them that was asked for."""
    return await run_in_threadpool(_original, home_directory(), request.path_params["sha256"])


async def thumbnail(request: Request) -> Response:
    """Answer with a WebP of at most 512 pixels a side: of an image, or of a clip's first frame."""
    return await _still(request.path_params["sha256"], "thumbnails")


async def strip(request: Request) -> Response:
    """Answer with frames of a clip side by side, as WebP."""
    return await _still(request.path_params["sha256"], "strips")


def _original(home: Home, sha256: str) -> Response:
    file = _find(home, sha256)
    if file is None:
        return PlainTextResponse(MISSING, status_code=404)
    path, kind = file
    return FileResponse(path, media_type=kind.mime, headers=HEADERS)


async def _still(sha256: str, form: Form) -> Response:
    home = home_directory()
    file = await run_in_threadpool(_find, home, sha256)
    if file is None:
        return PlainTextResponse(MISSING, status_code=404)
    path, kind = file
    video = kind.mime.startswith("video/")
    if form == "strips" and not video:
        return PlainTextResponse("Only clips have strips of frames.", status_code=404)
    stills = kept_stills(home)
    webp = await run_in_threadpool(stills.kept, path, form)
    if webp is None:
        webp = await to_thread.run_sync(partial(stills.made, path, form, video=video), limiter=DECODING)
    if webp is None:
        what = "clip is damaged, or over a limit" if video else "image is damaged, or has too many pixels"
        return PlainTextResponse(f"This {what}.", status_code=415)
    return Response(webp, media_type="image/webp", headers=HEADERS)


kept_stills: Final = lru_cache(maxsize=4)(Stills)
"""The stills of a home, one object as long as the board runs."""


def _find(home: Home, sha256: str) -> tuple[Path, MediaType] | None:
    try:
        path = MediaStore(home.media).path(sha256)
        with path.open("rb") as file:
            kind = sniff(file.read(64))
    except (OSError, UnknownNameError):
        return None
    return None if kind is None else (path, kind)


ROUTES: Final = (
    Route("/m/{sha256}", original, methods=["GET", "HEAD"]),
    Route("/t/{sha256}", thumbnail, methods=["GET", "HEAD"]),
    Route("/s/{sha256}", strip, methods=["GET", "HEAD"]),
)
