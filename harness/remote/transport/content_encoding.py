"""Bodies that are compressed although they were asked not to be: gzip and deflate are read, within a limit on bytes."""

import zlib
from collections.abc import Iterable, Iterator

GZIP = b"\x1f\x8b"
EITHER_HEADER = 47
READABLE = frozenset({"gzip", "x-gzip", "deflate"})


class EncodedReplyError(Exception):
    """A body in a compression that is not read, or that is damaged; `body` is what came, as far as it was read."""

    def __init__(self, reason: str, body: bytes = b"") -> None:
        super().__init__(reason)
        self.body = body


class TooManyBytesError(Exception):
    """A body that is longer than was allowed."""


def encoding_of(headers: Iterable[tuple[bytes, bytes]]) -> str | None:
    """Return how a body says that it is compressed, None where it is not; EncodedReplyError where it is not read."""
    for name, value in headers:
        encoding = value.decode("latin-1").strip().lower()
        if name.lower() == b"content-encoding" and encoding not in ("", "identity"):
            if encoding not in READABLE:
                raise EncodedReplyError(f"Expected an uncompressed reply, got a compressed one ({encoding[:20]}).")
            return encoding
    return None


def bounded(chunks: Iterable[bytes], most_bytes: int, encoding: str | None = None) -> Iterator[bytes]:
    """Yield the body's own bytes, at most `most_bytes` of them; else TooManyBytesError, and no more is inflated."""
    left = most_bytes
    for part in chunks if encoding is None else _inflated(chunks, most_bytes):
        left -= len(part)
        if left < 0:
            raise TooManyBytesError(f"Expected at most {most_bytes:,} bytes, got more.")
        yield part


def whole(chunks: Iterable[bytes], headers: Iterable[tuple[bytes, bytes]], most_bytes: int) -> bytes:
    """Return a reply's body without its compression; what cannot be read is in the EncodedReplyError that is raised.

    Raises TooManyBytesError for more than `most_bytes`, compressed or not.
    """
    came = b"".join(bounded(chunks, most_bytes))
    try:
        return b"".join(bounded([came], most_bytes, encoding_of(headers)))
    except EncodedReplyError as error:
        raise EncodedReplyError(str(error), came) from None


def inflate(body: bytes, most_bytes: int) -> bytes:
    """Return a whole body without its compression.

    >>> import gzip
    >>> inflate(gzip.compress(b"{}"), 10)
    b'{}'
    """
    return b"".join(bounded([body], most_bytes, "gzip"))


def _inflated(chunks: Iterable[bytes], most_bytes: int) -> Iterator[bytes]:
    inflater = zlib.decompressobj(EITHER_HEADER)
    try:
        for chunk in chunks:
            yield inflater.decompress(chunk, most_bytes + 1)
    except zlib.error:
        raise EncodedReplyError("Expected a compressed reply that is whole, got a damaged one.") from None
