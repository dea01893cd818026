"""Which hosts a URL that came from a provider may lead to: public ones, and those that the user named.

A provider's reply is hostile input: a URL in it may point into the user's own network. So the scheme, the form of the
host and every address that the host resolves to are checked, and the connection is made to an address that was checked
(a name that resolves differently a moment later changes nothing).
"""

import ipaddress
import re
import socket
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

Resolver = Callable[[str, int], Sequence[str]]
HostPort = tuple[str, int]

LONGEST_URL = 8192
DEFAULT_PORTS = {"https": 443, "http": 80}
_NAME = re.compile(r"(?=.{1,253}\Z)[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*\.?")
_NUMBER = re.compile(r"(0x[0-9a-f]*|[0-9]+)")
_TRANSLATED = (ipaddress.IPv6Network("64:ff9b::/96"), ipaddress.IPv6Network("::/96"))
_SPECIAL = tuple(map(ipaddress.ip_network, ("192.0.0.0/24", "192.88.99.0/24", "2001::/23", "3fff::/20")))
"""Of IANA's registries of special addresses, what the library of some Python versions takes for public."""
_UNICAST = ipaddress.IPv6Network("2000::/3")
"""All of IPv6 that is given out (RFC 4291, 2.4)."""


class AddressRefusedError(Exception):
    """A URL or an address that may not be reached. Its text never holds a path or a query, which may be signed."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where a URL leads: `path` starts with `/` and holds the query; it is left out of `repr`, for it may be signed."""

    scheme: str
    host: str
    port: int
    path: str

    def __repr__(self) -> str:
        return f"Target({self.scheme}://{authority(self.host, self.port)}/…)"


def is_public(address: str) -> bool:
    """Whether an IPv4 or IPv6 address is reachable on the public internet, whichever way it is written.

    An IPv4 address inside an IPv6 one (mapped, compatible, NAT64) counts as what it contains; 6to4 and Teredo, which
    tunnel to a host of somebody's choice, are not public.

    >>> is_public("93.184.216.34"), is_public("::ffff:10.0.0.1"), is_public("169.254.169.254")
    (True, False, False)
    """
    parsed = ipaddress.ip_address(address)
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.sixtofour is not None or parsed.teredo is not None or parsed.is_site_local:
            return False
        if parsed.ipv4_mapped is not None:
            return is_public(str(parsed.ipv4_mapped))
        if any(parsed in network for network in _TRANSLATED):
            return is_public(str(ipaddress.IPv4Address(int(parsed) & 0xFFFF_FFFF)))
        if parsed not in _UNICAST:
            return False
    if any(parsed.version == network.version and parsed in network for network in _SPECIAL):
        return False
    return parsed.is_global and not parsed.is_multicast and not parsed.is_reserved


def addresses_of_server(base_url: str, place: HostPort, *, resolver: Resolver, sends_key: bool) -> tuple[str, ...]:
    """Return the addresses of the server that the user configured, which may be anywhere.

    Raises AddressRefusedError where a key would go to a public one without encryption.
    """
    addresses = tuple(resolver(*place))
    if sends_key and urlsplit(base_url).scheme == "http" and any(map(is_public, addresses)):
        raise AddressRefusedError("Expected an https base_url for a public server that gets a key, got http.")
    return addresses


def read_host_port(entry: str) -> HostPort:
    """Return host and port of an allow-list entry: `host` (port 443), `host:port`, `[v6]:port`; else ValueError."""
    parts = urlsplit(f"//{entry}")
    if not parts.hostname or parts.path or parts.username is not None:
        raise ValueError(f"Expected 'host' or 'host:port' in download_hosts, got {entry!r}.")
    return _one_form(parts.hostname), parts.port or 443


def read_origin(base_url: str) -> HostPort:
    """Return host and port of a configured base URL; ValueError where there is no host."""
    parts = urlsplit(base_url)
    if not parts.hostname:
        raise ValueError(f"Expected a base_url with a host, got {base_url!r}.")
    return _one_form(parts.hostname), parts.port or DEFAULT_PORTS.get(parts.scheme, 443)


def authority(host: str, port: int | None = None) -> str:
    """Return a host, and its port where one is given, as a URL and a `Host` header write them (RFC 3986, 3.2.2).

    >>> authority("::1", 8000), authority("api.example", 443), authority("::1")
    ('[::1]:8000', 'api.example:443', '[::1]')
    """
    bracketed = f"[{host}]" if ":" in host else host
    return bracketed if port is None else f"{bracketed}:{port}"


def _one_form(host: str) -> str:
    """An IPv6 address in its shortest form, whichever way it was written; a name in lower case."""
    return ipaddress.IPv6Address(host).compressed if ":" in host and "%" not in host else host.lower()


def read_target(url: str, allowed: Collection[HostPort] = ()) -> Target:
    """Return where `url` leads if its form is one that may be followed: https, or http to an allowed host and port.

    Raises AddressRefusedError for another scheme, credentials in the URL, and hosts in decimal, octal or hexadecimal.
    """
    if len(url) > LONGEST_URL or any(ord(letter) <= 32 or letter == "\\" for letter in url):
        raise AddressRefusedError("Expected a URL without spaces and not longer than 8,192 letters, got another.")
    try:
        parts = urlsplit(url)
        host, port = _one_form(parts.hostname or ""), parts.port or DEFAULT_PORTS.get(parts.scheme, 0)
    except ValueError:
        raise AddressRefusedError("Expected a URL with a host, got one that cannot be read.") from None
    if parts.scheme != "https" and not (parts.scheme == "http" and (host, port) in allowed):
        raise AddressRefusedError(f"Expected an https URL, got one with scheme {parts.scheme[:16]!r}.")
    if parts.username is not None or parts.password is not None:
        raise AddressRefusedError("Expected a URL without a user name, got one with.")
    _check_host(host)
    path = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~") + (
        f"?{quote(parts.query, safe='/%:@!$&()*+,;=~?')}" if parts.query else ""
    )
    return Target(parts.scheme, host, port, path)


def _check_host(host: str) -> None:
    if ":" in host:
        return
    last = host.rstrip(".").rsplit(".", 1)[-1]
    if not _NAME.fullmatch(host):
        raise AddressRefusedError("Expected a host name in ASCII letters, got another.")
    if _NUMBER.fullmatch(last):
        try:
            ipaddress.IPv4Address(host)
        except ValueError:
            raise AddressRefusedError(
                f"Expected a host name or a dotted address, got the number {host[:64]!r}."
            ) from None


def addresses_of(host: str, port: int, *, allowed: Collection[HostPort], resolver: Resolver) -> tuple[str, ...]:
    """Return the addresses of `host` in the resolver's order, all of them public unless host and port are allowed.

    Raises AddressRefusedError where even one of them is not public, OSError where the name does not resolve.
    """
    addresses = tuple(resolver(host, port))
    if not addresses:
        raise OSError(f"the name {host!r} has no address")
    if (host, port) in allowed:
        return addresses
    for address in addresses:
        if not is_public(address):
            raise AddressRefusedError(
                f"Expected a public address, got {host!r}, which is {address}; if that host is yours, "
                f"name '{authority(host, port)}' in the model's download_hosts."
            )
    return addresses


def resolve_by_system(host: str, port: int) -> tuple[str, ...]:
    """Return the addresses that the operating system gives for `host`, each once; OSError if there are none."""
    answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(str(answer[4][0]) for answer in answers))
