"""Generated media over HTTP: `/m/<sha256>` the original bytes, `/t/<sha256>` a thumbnail of an image as WebP.

The name is the content's hash, so an answer never changes and browsers may keep it. Files are hostile: their type comes
from their first bytes, never from a name, and what is none of our types is not sent.
"""

import io
import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Route

from data.errors import UnknownNameError
from data.files import write_atomic
from data.home import Home
from data.media import MediaStore, MediaType, sniff
from leaderboard.board.connection import home_directory

if TYPE_CHECKING:
    from PIL.Image import Image

SIDE: Final = 512
MAX_PIXELS: Final = 64_000_000
HEADERS: Final = {
    "Cache-Control": "public, max-age=31536000, immutable",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Content-Disposition": "inline",
}
MISSING: Final = "No media of that name. Names are the sha256 of a file's bytes, 64 hexadecimal digits."


async def original(request: Request) -> Response:
    """Answer with the original bytes; ranges are honoured."""
    return await run_in_threadpool(_original, home_directory(), request.path_params["sha256"])


async def thumbnail(request: Request) -> Response:
    """Answer with a WebP of at most 512 pixels a side; a small image is sent as it is."""
    return await run_in_threadpool(_thumbnail, home_directory(), request.path_params["sha256"])


def _original(home: Home, sha256: str) -> Response:
    found = _find(home, sha256)
    if found is None:
        return PlainTextResponse(MISSING, status_code=404)
    path, kind = found
    return FileResponse(path, media_type=kind.mime, headers=HEADERS)


def _thumbnail(home: Home, sha256: str) -> Response:
    found = _find(home, sha256)
    if found is None:
        return PlainTextResponse(MISSING, status_code=404)
    path, kind = found
    kept = home.cache / "thumbnails" / sha256[:2] / f"{sha256}.webp"
    if kept.is_file():
        return FileResponse(kept, media_type="image/webp", headers=HEADERS)
    if not kind.mime.startswith("image/"):
        return PlainTextResponse("Only images have thumbnails.", status_code=404)
    made = make_thumbnail(path)
    if made is None:
        return PlainTextResponse("This image cannot be decoded within the limits.", status_code=415)
    _keep(kept, made)
    return Response(made, media_type="image/webp", headers=HEADERS)


def make_thumbnail(path: Path) -> bytes | None:
    """Return an image as WebP of at most 512 pixels a side, lossless where small; None where it cannot be read."""
    from PIL import Image

    try:
        with Image.open(path, formats=["PNG", "JPEG", "WEBP", "GIF"]) as image:
            if image.width * image.height > MAX_PIXELS:
                return None
            small = max(image.size) <= SIDE
            return _webp(image, lossless=small and image.format in ("PNG", "GIF"))
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None


def _webp(image: "Image", *, lossless: bool) -> bytes:
    shown = image.convert("RGBA" if image.mode in ("RGBA", "LA", "P") else "RGB")
    shown.thumbnail((SIDE, SIDE))
    held = io.BytesIO()
    shown.save(held, "WEBP", lossless=lossless, quality=85, method=4)
    return held.getvalue()


def _keep(place: Path, made: bytes) -> None:
    """Keep a thumbnail for the next reader; a home that cannot be written is no reason not to show it."""
    from data.errors import HomeError

    try:
        os.makedirs(place.parent, exist_ok=True)
        write_atomic(place, made)
    except (OSError, HomeError):
        return


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
)
