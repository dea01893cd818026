"""Where a value lies in a provider's reply: names and list positions joined by dots, as in `result.images.0.url`.

A path that begins with `header:` names a header of the reply in lower case instead.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Final

from pydantic import AfterValidator

HEADER: Final = "header:"
PATH: Final = re.compile(r"[A-Za-z0-9_$-]{1,64}(\.[A-Za-z0-9_$-]{1,64}){0,15}|header:[a-z0-9-]{1,64}")


def check_path(path: str) -> str:
    """Return a path. Raises ValueError where it is none.

    >>> check_path("data.0.url")
    'data.0.url'
    """
    if not PATH.fullmatch(path):
        raise ValueError(f"Expected a path such as data.0.url or header:x-cost, got {path!r:.80}.")
    return path


JSONPath = Annotated[str, AfterValidator(check_path)]


def value_at(path: str, content: Any, headers: Mapping[str, str] | None = None) -> Any:
    """Return what lies at `path` of a reply's JSON, or of its headers (by lower-case name), None where nothing does.

    >>> value_at("images.0.url", {"images": [{"url": "https://cdn.example/1.png"}]})
    'https://cdn.example/1.png'
    >>> value_at("images.1.url", {"images": []}), value_at("header:x-cost", {}, {"x-cost": "2"})
    (None, '2')
    """
    if path.startswith(HEADER):
        return (headers or {}).get(path.removeprefix(HEADER))
    for name in path.split("."):
        if isinstance(content, dict):
            content = content.get(name)
        elif isinstance(content, list) and name.isdecimal() and int(name) < len(content):
            content = content[int(name)]
        else:
            return None
    return content


def first_text(paths: Iterable[str], content: Any, headers: Mapping[str, str] | None = None) -> str | None:
    """Return the first text that is not empty, or whole number as text, that lies at one of `paths`.

    >>> first_text(["id", "task_id"], {"task_id": 17})
    '17'
    """
    for path in paths:
        value = value_at(path, content, headers)
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
        if isinstance(value, str) and value:
            return value
    return None
