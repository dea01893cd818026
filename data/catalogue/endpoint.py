"""The address of a remote model as the catalogue declares it: the base of an API, to which an adapter adds its path."""

import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import SplitResult, parse_qsl, urlsplit, urlunsplit

ENDPOINT: Final = re.compile(
    r"(/(images/(generations|edits|variations)|(chat/)?completions|responses|videos|embeddings|models))/*$"
)
SECRET_NAME: Final = re.compile(r"(?i)(key|token|secret|sig|signature|password|auth|credential)s?$")
QUERY_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
QUERY_VALUE: Final = re.compile(r"[A-Za-z0-9._~:,+-]{1,200}")
HEADER_NAME: Final = re.compile(r"[a-z][a-z0-9-]{0,63}")
OWN_HEADERS: Final = frozenset(
    {
        *("host", "accept", "accept-encoding", "connection", "content-length", "content-type", "cookie"),
        *("idempotency-key", "proxy-authorization", "transfer-encoding", "user-agent"),
    }
)


def check_base_url(url: str) -> str:
    """Return `url` where it is http or https, with a host, and neither query, fragment, user name nor endpoint.

    Raises ValueError that names the right form, without the value of anything that may be a key.

    >>> check_base_url("https://api.example/v1")
    'https://api.example/v1'
    >>> check_base_url("https://api.example/v1/images/generations?api-version=2025-04-01")
    Traceback (most recent call last):
    ValueError: Expected the base of an API, to which a path such as images/generations is added, got one with \
'/images/generations' and a query. Write base_url = "https://api.example/v1" and query = { api-version = "2025-04-01" }.
    """
    parts = _split(url)
    endpoint = ENDPOINT.search(parts.path)
    surplus = [
        *([f"'{endpoint.group(1)}'"] if endpoint else ()),
        *(["a query"] if parts.query else ()),
        *(["a fragment"] if parts.fragment else ()),
        *(["a user name"] if parts.username is not None else ()),
    ]
    if surplus:
        raise ValueError(
            "Expected the base of an API, to which a path such as images/generations is added, got one with "
            f"{' and '.join(surplus)}. Write {_right_form(parts)}."
        )
    return url


def check_query(query: Mapping[str, str]) -> Mapping[str, str]:
    """Return the parameters that go with each request. Raises ValueError for what no URL holds, and for keys."""
    for name, value in query.items():
        if not QUERY_NAME.fullmatch(name) or not QUERY_VALUE.fullmatch(value):
            raise ValueError(f'Expected parameters such as api-version = "2025-04-01-preview", got {name!r:.80}.')
        if SECRET_NAME.search(name):
            raise ValueError(
                f"Expected no key in the query, got {name!r}. Name its environment variable as credential_env, and "
                "the header that it goes in as key_header."
            )
    return query


def check_key_header(name: str) -> str:
    """Return the name, in lower case, of the header that a key goes in. Raises ValueError where it is no such header.

    >>> check_key_header("API-Key")
    'api-key'
    """
    lower = name.lower()
    if not HEADER_NAME.fullmatch(lower) or lower in OWN_HEADERS:
        raise ValueError(f"Expected the header of a key, such as authorization or api-key, got {name!r:.80}.")
    return lower


def _split(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        named = parts.scheme in ("http", "https") and parts.hostname and (parts.port is None or parts.port > 0)
    except ValueError:
        named = False
    if not named or re.search(r"\s", url):
        raise ValueError(
            "Expected a base_url such as https://api.example/v1, or http://[::1]:8000/v1 for an IPv6 address, got "
            f"{url.partition('?')[0].rpartition('@')[2]!r:.120}."
        )
    return parts


def _right_form(parts: SplitResult) -> str:
    host = parts.netloc.rpartition("@")[2]
    base = urlunsplit((parts.scheme, host, ENDPOINT.sub("", parts.path).rstrip("/"), "", ""))
    written = [f'base_url = "{base}"']
    plain = {name: value for name, value in parse_qsl(parts.query) if not SECRET_NAME.search(name)}
    if plain:
        written.append("query = { " + ", ".join(f'{name} = "{value}"' for name, value in plain.items()) + " }")
    if len(plain) < len(parse_qsl(parts.query)) or parts.username is not None:
        written.append("the name of the key's environment variable as credential_env")
    return " and ".join(written)
