"""Where the picture is in a reply: the forms that servers of OpenAI's image protocol use.

`data: [{b64_json | url}]` is the protocol; gateways answer with `data: {…}`, `images: [{url}]` or `output: ["https…"]`,
and once a task is done with one of these inside another.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

PLACES = ("data", "images", "output", "result", "artifacts")
ENCODED, ADDRESSES = ("b64_json", "base64", "b64", "image_base64"), ("url", "image_url", "imageUrl", "sample")
DEEPEST = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundPicture:
    """The first picture of a reply: the JSON that names it, its base64 or its URL, and how many there are in all."""

    item: Mapping[str, Any] = field(repr=False)
    encoded: str | None = field(repr=False)
    url: str | None = field(repr=False)
    count: int


def find_picture(content: Any) -> FoundPicture | None:
    """Return the first picture that a reply's JSON names, None where it names none."""
    found = list(_pictures(content))
    if not found:
        return None
    item, encoded, url = found[0]
    return FoundPicture(item=item, encoded=encoded, url=url, count=len(found))


def _pictures(content: Any) -> Iterator[tuple[Mapping[str, Any], str | None, str | None]]:
    for item in _items(content):
        encoded = _first(item, ENCODED)
        url = _first(item, ADDRESSES)
        if encoded is None and url is not None and url.startswith("data:"):
            encoded = url
        if encoded is not None or url is not None:
            yield item, encoded, None if encoded is not None else url


def _items(content: Any, depth: int = 0) -> Iterator[Mapping[str, Any]]:
    places = content if isinstance(content, list) else [content.get(place) for place in PLACES]
    for place in places:
        for item in place if isinstance(place, list) else [place]:
            if isinstance(item, dict):
                yield item
                yield from _items(item, depth + 1) if depth < DEEPEST else ()
            elif isinstance(item, str) and item.startswith(("data:", "http:", "https:")):
                yield {"url": item}


def _first(item: Mapping[str, Any], names: tuple[str, ...]) -> str | None:
    values = (item.get(name) for name in names)
    texts = (value[0] if isinstance(value, list) and value else value for value in values)
    return next((text for text in texts if isinstance(text, str) and text), None)
