"""Generated files, each once, by the sha256 of its original bytes: `media/<aa>/<sha256>.<ext>`."""

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from data.errors import UnknownNameError
from data.files import make_folder, write_atomic
from data.serialization import bytes_digest

SHA256 = re.compile(r"[0-9a-f]{64}")
EXTENSION = re.compile(r"[a-z0-9]{1,8}")
AVIF_BRANDS = (b"avif", b"avis")
HEIF_BRANDS = (b"mif1", b"msf1", b"miaf")
"""Brands of a container that may hold AVIF; the compatible brands after them say whether it does."""

MOST_BRAND_BYTES = 256
MP4_BRANDS = (b"isom", b"iso2", b"iso4", b"iso5", b"iso6", b"mp41", b"mp42", b"avc1", b"M4V ", b"dash", b"msnv")


class MediaType(NamedTuple):
    """What a file's first bytes say that it is."""

    mime: str
    extension: str


PNG = MediaType("image/png", "png")
JPEG = MediaType("image/jpeg", "jpg")
WEBP = MediaType("image/webp", "webp")
GIF = MediaType("image/gif", "gif")
AVIF = MediaType("image/avif", "avif")
MP4 = MediaType("video/mp4", "mp4")
WEBM = MediaType("video/webm", "webm")
KNOWN = (PNG, JPEG, WEBP, GIF, AVIF, MP4, WEBM)


@dataclass(frozen=True, slots=True)
class MediaStore:
    """The folder of generated files."""

    folder: Path

    def put(self, data: bytes, extension: str) -> str:
        """Keep `data` durably and return its sha256 (64 hex digits); what is there already is not written again.

        Raises HomeError when the disk is full, ValueError on an extension that is not a plain word.
        """
        if not EXTENSION.fullmatch(extension):
            raise ValueError(f"Expected an extension of 1 to 8 characters out of a-z and 0-9, got {extension!r}.")
        sha256 = bytes_digest(data)
        if self._find(sha256) is None:
            place = self.folder / sha256[:2]
            make_folder(place)
            write_atomic(place / f"{sha256}.{extension}", data)
        return sha256

    def path(self, sha256: str) -> Path:
        """Return where a file lies. Raises UnknownNameError when there is none of that hash."""
        path = self._find(sha256) if SHA256.fullmatch(sha256) else None
        if path is None:
            raise UnknownNameError("media file", sha256, ())
        return path

    def _find(self, sha256: str) -> Path | None:
        place = self.folder / sha256[:2]
        for kind in KNOWN:
            path = place / f"{sha256}.{kind.extension}"
            if path.is_file():
                return path
        if not place.is_dir():
            return None
        return next((place / name for name in os.listdir(place) if name.partition(".")[0] == sha256), None)


def extension_of(data: bytes) -> str:
    """Return the extension of the type that the first bytes say, "bin" where it is none of ours."""
    kind = sniff(data)
    return kind.extension if kind else "bin"


def sniff(data: bytes) -> MediaType | None:
    """Return the type that the first bytes of `data` say, whatever a header claimed; None when it is none of ours."""
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    if data.startswith(b"\xff\xd8\xff"):
        return JPEG
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return WEBP
    if data[:6] in (b"GIF87a", b"GIF89a"):
        return GIF
    if data[4:8] == b"ftyp":
        return _of_brand(data)
    if data[:4] == b"\x1a\x45\xdf\xa3" and b"webm" in data[:64]:
        return WEBM
    return None


def _of_brand(data: bytes) -> MediaType | None:
    """The type of an ISO base media file, by its brands (ISO/IEC 14496-12, 4.3; AVIF 1.1.0, 8)."""
    major, compatible = data[8:12], data[16 : min(int.from_bytes(data[:4], "big"), MOST_BRAND_BYTES)]
    if major in AVIF_BRANDS or (major in HEIF_BRANDS and any(brand in compatible for brand in AVIF_BRANDS)):
        return AVIF
    return MP4 if major in MP4_BRANDS else None
