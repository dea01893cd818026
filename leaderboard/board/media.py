"""Generated media over HTTP: `/m/<sha256>` the original bytes, `/t/` a thumbnail and `/s/` a clip's strip of frames.

The name is the content's hash, so a response never changes and browsers may keep it. Files are hostile input: their
type comes from their first bytes, never from a name, and a file of any other type is not sent.
"""

import io
import os
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Route

from data.errors import HomeError, UnknownNameError
from data.files import write_atomic
from data.home import Home
from data.media import MediaStore, MediaType, sniff
from leaderboard.board.connection import home_directory
from leaderboard.board.stills import stills

if TYPE_CHECKING:
    from PIL.Image import Image

Form = Literal["thumbnails", "strips"]
SIDE: Final = 512
MAX_PIXELS: Final = 64_000_000
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
    return await run_in_threadpool(_still, home_directory(), request.path_params["sha256"], "thumbnails")


async def strip(request: Request) -> Response:
    """Answer with frames of a clip side by side, as WebP."""
    return await run_in_threadpool(_still, home_directory(), request.path_params["sha256"], "strips")


def _original(home: Home, sha256: str) -> Response:
    file = _find(home, sha256)
    if file is None:
        return PlainTextResponse(MISSING, status_code=404)
    path, kind = file
    return FileResponse(path, media_type=kind.mime, headers=HEADERS)


def _still(home: Home, sha256: str, form: Form) -> Response:
    file = _find(home, sha256)
    if file is None:
        return PlainTextResponse(MISSING, status_code=404)
    path, kind = file
    cached = home.cache / form / sha256[:2] / f"{sha256}.webp"
    if cached.is_file():
        return FileResponse(cached, media_type="image/webp", headers=HEADERS)
    video = kind.mime.startswith("video/")
    if form == "strips" and not video:
        return PlainTextResponse("Only clips have strips of frames.", status_code=404)
    webp = _clip_still(home, path, form) if video else _image_still(path, cached)
    if webp is None:
        what = "clip is damaged, or over a limit" if video else "image is damaged, or has too many pixels"
        return PlainTextResponse(f"This {what}.", status_code=415)
    return Response(webp, media_type="image/webp", headers=HEADERS)


def _image_still(path: Path, cached: Path) -> bytes | None:
    webp = make_thumbnail(path)
    if webp is not None:
        _cache(cached, webp)
    return webp


def _clip_still(home: Home, path: Path, form: Form) -> bytes | None:
    """Decode a clip once for both of its stills; the other one is kept for the request that follows."""
    made = stills(path.read_bytes())
    if made is None:
        return None
    wanted: dict[Form, bytes] = {"thumbnails": made.poster, "strips": made.strip}
    for name, webp in wanted.items():
        _cache(home.cache / name / path.stem[:2] / f"{path.stem}.webp", webp)
    return wanted[form]


def make_thumbnail(path: Path) -> bytes | None:
    """Return an image as WebP of at most 512 pixels a side, lossless where small; None where it cannot be read."""
    from PIL import Image

    try:
        with Image.open(path, formats=["PNG", "JPEG", "WEBP", "GIF", "AVIF"]) as image:
            if image.width * image.height > MAX_PIXELS:
                return None
            small = max(image.size) <= SIDE
            return _webp(image, lossless=small and image.format in ("PNG", "GIF"))
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None


def _webp(image: "Image", *, lossless: bool) -> bytes:
    shown = image.convert("RGBA" if image.mode in ("RGBA", "LA", "P") else "RGB")
    shown.thumbnail((SIDE, SIDE))
    buffer = io.BytesIO()
    shown.save(buffer, "WEBP", lossless=lossless, quality=85, method=4)
    return buffer.getvalue()


def _cache(path: Path, webp: bytes) -> None:
    """Keep a thumbnail for the next reader; where the home is read-only, it is shown all the same."""
    try:
        os.makedirs(path.parent, exist_ok=True)
        write_atomic(path, webp)
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
    Route("/s/{sha256}", strip, methods=["GET", "HEAD"]),
)
