"""A secret that is known by the name of an environment variable, and kept out of everything that is written down."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, AnyStr

from data.errors import ServiceError

HIDDEN = "[secret]"
PART = 8
"""So many letters of a secret in a row are taken out wherever they stand; a shorter secret, whole."""
LONGEST_TEXT = 300
_BEARER = re.compile(r"(?i)\bbearer\s+\S+")
_KEY = re.compile(r"\b(?:sk|pk|rk|xai|key|hf|r8|fw|nvapi)[-_][A-Za-z0-9_*\-]{6,}")
_QUERY = re.compile(r"(?i)(https?://[^\s?\"'<>]+)\?[^\s\"'<>]*")


class Credential:
    """The value of one environment variable. Its `repr` shows the variable's name only; it cannot be pickled.

    `name` is None for servers that want no key; then `value` is a placeholder that the SDK insists on.
    """

    __slots__ = ("_value", "name")

    def __init__(self, name: str | None, environ: Mapping[str, str]) -> None:
        """Read the variable `name` of `environ`; ServiceError, naming the variable, where it is not set."""
        value = environ.get(name, "").strip() if name else "none-needed"
        if not value:
            raise ServiceError(
                f"Expected a key in the environment variable {name}, got none. Set {name} and try again."
            )
        if not value.isascii() or not value.isprintable():
            raise ServiceError(f"Expected printable ASCII in the environment variable {name}, got something else.")
        self.name, self._value = name, value

    def __repr__(self) -> str:
        return f"Credential({self.name!r})"

    def __reduce__(self) -> tuple[Any, ...]:
        raise TypeError("A Credential is never pickled.")

    def reveal(self) -> str:
        """The value itself, for the SDK's client and nobody else."""
        return self._value

    def scrub(self, text: str, longest: int = LONGEST_TEXT) -> str:
        """Return `text` on one line, cut to `longest`, without the value, anything like a key, or a URL's query."""
        line = "".join(letter if letter.isprintable() else " " for letter in self.hide(text)[: 20 * longest])
        line = self.hide(line)
        for pattern in (_BEARER, _KEY):
            line = pattern.sub(HIDDEN, line)
        line = " ".join(_QUERY.sub(r"\1?…", line).split())
        return line if len(line) <= longest else line[: longest - 1] + "…"

    def hide(self, text: str) -> str:
        """Return `text` as it is except for the value and its parts: for a provider's words that are kept verbatim."""
        return without(text, self._value, HIDDEN) if self.name else text

    def hide_bytes(self, data: bytes) -> bytes:
        """Return `data` as it is except for the value and its parts: for a reply that is kept though it is unread."""
        return without(data, self._value.encode("ascii"), HIDDEN.encode("ascii")) if self.name else data


def without(text: AnyStr, secret: AnyStr, instead: AnyStr) -> AnyStr:
    """Return `text` with `instead` for each longest part of `secret` in it, of `PART` letters or more.

    >>> without("the key abcdefghij-k was cut to abcdefgh… and xabc", "abcdefghij-k", "[secret]")
    'the key [secret] was cut to [secret]… and xabc'
    """
    size = min(PART, len(secret))
    kept, end = text[:0], -1
    for at in sorted({at for i in range(len(secret) - size + 1) for at in _places(text, secret[i : i + size])}):
        if at > end:
            kept += text[max(end, 0) : at] + instead
        end = at + size
    return kept + text[max(end, 0) :]


def _places(text: AnyStr, part: AnyStr) -> Iterator[int]:
    at = text.find(part)
    while at >= 0:
        yield at
        at = text.find(part, at + 1)
