"""Files that announce more than anybody should decode."""

import struct
import zlib


def png_bomb(width: int = 30_000, height: int = 30_000) -> bytes:
    """A PNG of a hundred bytes whose header says that it has these sides."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(bytes(100))), (b"IEND", b"")]
    made = [struct.pack(">I", len(d)) + k + d + struct.pack(">I", zlib.crc32(k + d)) for k, d in chunks]
    return b"\x89PNG\r\n\x1a\n" + b"".join(made)
