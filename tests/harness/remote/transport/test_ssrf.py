"""Which URLs and addresses may be reached, in every spelling."""

import ipaddress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harness.remote.transport.ssrf import (
    AddressRefusedError,
    addresses_of,
    is_public,
    read_host_port,
    read_origin,
    read_target,
)

CALM = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])

PRIVATE = (
    "127.0.0.1",
    "127.8.9.1",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "0.0.0.0",
    "224.0.0.1",
    "255.255.255.255",
    "240.0.0.1",
    "192.0.0.8",
    "192.0.0.170",
    "192.88.99.1",
    "198.18.0.1",
    "203.0.113.9",
    "::1",
    "::",
    "3fff::1",
    "3fff:fff::1",
    "2001:db8::1",
    "2001:2::1",
    "5f00::1",
    "100::1",
    "4000::1",
    "fe80::1",
    "fe80::1%eth0",
    "fc00::1",
    "fd12:3456::1",
    "fec0::1",
    "ff02::1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::10.0.0.1",
    "64:ff9b::10.0.0.1",
    "64:ff9b::a9fe:a9fe",
    "2002:7f00:1::",
    "2001:0:53aa:64c:0:0:0:1",
    "2001:db8::1",
)


@pytest.mark.parametrize("address", PRIVATE)
def test_an_address_that_is_not_public_is_known_in_every_spelling(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:4700::6810:85e5", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8"])
def test_a_public_address_is_public(address: str) -> None:
    assert is_public(address)


@CALM
@given(st.ip_addresses(v=4))
def test_a_mapped_address_is_as_public_as_what_it_holds(address: ipaddress.IPv4Address) -> None:
    assert is_public(f"::ffff:{address}") == is_public(str(address)) == is_public(f"64:ff9b::{address}")


@pytest.mark.parametrize(
    "url",
    [
        "http://pictures.example/a.png",
        "ftp://pictures.example/a.png",
        "file:///etc/passwd",
        "gopher://pictures.example/",
        "//pictures.example/a.png",
        "a.png",
        "",
        "https://",
        "https://user:word@pictures.example/a.png",
        "https://pictures.example:99999/a.png",
        "https://pictures.example:x/a.png",
        "https://[::1/a.png",
        "https://2130706433/",
        "https://0x7f000001/",
        "https://0x7f.1/",
        "https://0177.0.0.1/",
        "https://127.1/",
        "https://127.0.0.1./",
        "https://1.2.3.4.5/",
        "https://bücher.example/a.png",
        "https://ⓛocalhost/",
        "https://pictures.example/a b.png",
        "https://pictures.example\\@127.0.0.1/",
        "https://pictures.example/a\r\nHost: x",
        "https://pictures.example/" + "a" * 9_000,
    ],
)
def test_a_url_in_a_form_that_is_not_followed_is_refused(url: str) -> None:
    with pytest.raises(AddressRefusedError, match="Expected "):
        read_target(url)


def test_a_target_keeps_its_query_and_never_shows_it() -> None:
    target = read_target("https://Pictures.example:8443/a%20b.png?sig=s3cret&x=%2F#part")
    assert (target.host, target.port, target.path) == ("pictures.example", 8443, "/a%20b.png?sig=s3cret&x=%2F")
    assert "s3cret" not in repr(target)


def test_http_is_for_the_named_host_and_port_alone() -> None:
    allowed = {("127.0.0.1", 8091)}
    assert read_target("http://127.0.0.1:8091/a.png", allowed).path == "/a.png"
    for url in ("http://127.0.0.1:8092/a.png", "http://localhost:8091/a.png", "http://127.0.0.1/a.png"):
        with pytest.raises(AddressRefusedError, match="Expected an https URL"):
            read_target(url, allowed)


def test_one_private_address_among_public_ones_refuses_the_name() -> None:
    def resolver(host: str, port: int) -> list[str]:
        return ["93.184.216.34", "10.0.0.1"]

    with pytest.raises(AddressRefusedError, match=r"'cdn.example', which is 10\.0\.0\.1"):
        addresses_of("cdn.example", 443, allowed=(), resolver=resolver)
    assert addresses_of("cdn.example", 443, allowed={("cdn.example", 443)}, resolver=resolver)[1] == "10.0.0.1"
    with pytest.raises(AddressRefusedError, match="download_hosts"):
        addresses_of("cdn.example", 444, allowed={("cdn.example", 443)}, resolver=resolver)


def test_a_name_without_addresses_is_an_oserror() -> None:
    with pytest.raises(OSError, match="no address"):
        addresses_of("cdn.example", 443, allowed=(), resolver=lambda host, port: [])


def test_an_allow_list_entry_is_a_host_with_or_without_a_port() -> None:
    assert read_host_port("cdn.example") == ("cdn.example", 443)
    assert read_host_port("127.0.0.1:8091") == ("127.0.0.1", 8091)
    assert read_host_port("[::1]:80") == ("::1", 80)
    with pytest.raises(ValueError, match="Expected 'host' or 'host:port'"):
        read_host_port("https://cdn.example/x")


def test_the_origin_of_a_base_url_has_its_schemes_port() -> None:
    assert read_origin("http://127.0.0.1/v1") == ("127.0.0.1", 80)
    assert read_origin("https://api.example/v1") == ("api.example", 443)
    with pytest.raises(ValueError, match="Expected a base_url with a host"):
        read_origin("v1")
