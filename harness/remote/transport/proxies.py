"""Proxies that the environment names: none is ever used. A request goes straight to the catalogue's `base_url`.

A proxy would see every prompt and picture, and the address that was checked would not be the one that is reached. So
that nobody wonders, `halflife doctor`, `halflife run --trial` and the reason of a failed connection name the variable.
Its value, which may hold a password, is never shown.
"""

from collections.abc import Mapping
from urllib.parse import urlsplit


def proxy_variables(environ: Mapping[str, str], schemes: tuple[str, ...] = ("http", "https")) -> tuple[str, ...]:
    """Return the names of the variables that name a proxy for one of `schemes`, or for all.

    >>> proxy_variables({"https_proxy": "http://proxy:3128", "NO_PROXY": "localhost", "HTTP_PROXY": ""})
    ('https_proxy',)
    """
    wanted = {f"{scheme}_proxy" for scheme in (*schemes, "all")}
    return tuple(name for name, value in sorted(environ.items()) if name.lower() in wanted and value.strip())


def unused_proxy(url: str, environ: Mapping[str, str]) -> str:
    """Return the sentence that says which proxy of the environment is not used for `url`, empty where there is none.

    >>> unused_proxy("https://api.example/v1", {"HTTPS_PROXY": "http://proxy:3128"})
    ' The proxy of HTTPS_PROXY is not used: requests go straight to base_url.'
    >>> unused_proxy("https://api.example/v1", {"HTTPS_PROXY": "http://proxy:3128", "NO_PROXY": "api.example"})
    ''
    """
    parts = urlsplit(url)
    names = proxy_variables(environ, (parts.scheme,))
    if not names or _is_excluded(parts.hostname or "", environ.get("no_proxy") or environ.get("NO_PROXY") or ""):
        return ""
    return f" The proxy of {' and '.join(names)} is not used: requests go straight to base_url."


def _is_excluded(host: str, no_proxy: str) -> bool:
    """Whether NO_PROXY, a list of hosts and domains, names the host."""
    domains = [entry.strip().lower().lstrip(".") for entry in no_proxy.split(",")]
    return any(domain and (domain == "*" or f".{host}".endswith(f".{domain}")) for domain in domains)
