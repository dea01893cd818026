"""A picture's URL may lead anywhere; only what is safe is fetched. Over TLS with a certificate authority of our own."""

import socket
import ssl
from collections.abc import Iterator
from typing import Any

import pytest
import trustme
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from harness.remote.transport.download import DownloadError, Fetching, download
from harness.remote.transport.environment import Environment

HOST = "pictures.example"


class Cdn:
    """A TLS server on 127.0.0.1 that is known as pictures.example, and what leads there."""

    def __init__(self, server: HTTPServer, tls: ssl.SSLContext, clock: Any) -> None:
        self.server, self.tls, self.clock = server, tls, clock
        self.asked: list[str] = []

    def resolver(self, host: str, port: int) -> tuple[str, ...]:
        self.asked.append(host)
        return {HOST: ("127.0.0.1",), "inside.example": ("10.0.0.1",), "other.example": ("127.0.0.1",)}[host]

    def url(self, path: str, host: str = HOST) -> str:
        return f"https://{host}:{self.server.port}{path}"

    def fetch(self, url: str, **how: Any) -> bytes:
        environment = Environment(timer=self.clock, resolver=self.resolver, tls=self.tls)
        return download(url, Fetching(**{"allowed": {(HOST, self.server.port)}, "environment": environment, **how}))


@pytest.fixture
def cdn(studio: Any) -> Iterator[Cdn]:
    authority = trustme.CA()
    theirs, ours = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    authority.issue_cert(HOST).configure_cert(theirs)
    authority.configure_trust(ours)
    with HTTPServer(host="127.0.0.1", port=0, ssl_context=theirs) as server:
        yield Cdn(server, ours, studio.clock)


def test_the_bytes_come_as_they_are_over_tls(cdn: Cdn) -> None:
    cdn.server.expect_request("/a.png", query_string="sig=s3cret").respond_with_data(b"\x89PNG bytes")
    assert cdn.fetch(cdn.url("/a.png?sig=s3cret")) == b"\x89PNG bytes"


def test_nothing_of_ours_goes_along(cdn: Cdn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    cdn.server.expect_request("/a.png").respond_with_data(b"x", headers={"Set-Cookie": "a=b"})
    for _ in range(2):
        cdn.fetch(cdn.url("/a.png"))
    headers = dict(cdn.server.log[1][0].headers)
    assert set(headers) == {"Host", "Accept", "Accept-Encoding", "User-Agent", "Connection"}
    assert headers["Accept-Encoding"] == "identity"


def test_a_certificate_for_another_name_is_refused(cdn: Cdn) -> None:
    with pytest.raises(DownloadError, match=r"The connection to other.example failed \(ConnectError\)"):
        cdn.fetch(cdn.url("/a.png", "other.example"), allowed={("other.example", cdn.server.port)})
    assert cdn.server.log == []


def test_a_name_that_resolves_to_a_private_address_is_refused(cdn: Cdn) -> None:
    with pytest.raises(DownloadError, match=r"'inside.example', which is 10\.0\.0\.1"):
        cdn.fetch(cdn.url("/a.png", "inside.example"))


def test_loopback_is_refused_where_it_is_not_named(cdn: Cdn) -> None:
    with pytest.raises(DownloadError, match=r"which is 127\.0\.0\.1"):
        cdn.fetch(cdn.url("/a.png"), allowed=())
    assert cdn.server.log == []


def test_the_address_that_was_checked_is_the_one_that_is_reached(cdn: Cdn) -> None:
    cdn.server.expect_request("/a.png").respond_with_data(b"x")
    cdn.fetch(cdn.url("/a.png"))
    assert cdn.asked == [HOST]


def test_three_redirects_are_followed_and_a_fourth_is_not(cdn: Cdn) -> None:
    for hop in range(4):
        headers = {"Location": f"/{hop + 1}"}
        cdn.server.expect_request(f"/{hop}").respond_with_data(b"", status=302, headers=headers)
    cdn.server.expect_request("/4").respond_with_data(b"here")
    assert cdn.fetch(cdn.url("/1")) == b"here"
    with pytest.raises(DownloadError, match="Expected at most 3 redirects, got more"):
        cdn.fetch(cdn.url("/0"))


@pytest.mark.parametrize(
    "place",
    [
        "http://169.254.169.254/latest/meta-data?token=s3cret",
        "https://[::ffff:10.0.0.1]/a.png",
        "https://2130706433/a.png",
        "https://inside.example/a.png",
        "https://user:word@pictures.example/a.png",
        "file:///etc/passwd",
        "//127.0.0.1/a.png",
    ],
)
def test_each_redirect_is_checked_again(cdn: Cdn, place: str) -> None:
    def resolver(host: str, port: int) -> tuple[str, ...]:
        return (host,) if host[0] in ":12" else cdn.resolver(host, port)

    environment = Environment(timer=cdn.clock, resolver=resolver, tls=cdn.tls)
    cdn.server.expect_request("/a.png").respond_with_data(b"", status=302, headers={"Location": place})
    with pytest.raises(DownloadError, match="Expected ") as caught:
        cdn.fetch(cdn.url("/a.png"), environment=environment)
    assert "s3cret" not in str(caught.value)
    assert len(cdn.server.log) == 1


def test_a_redirect_to_nowhere_is_a_failure(cdn: Cdn) -> None:
    cdn.server.expect_request("/a.png").respond_with_data(b"", status=302)
    with pytest.raises(DownloadError, match="without saying where to"):
        cdn.fetch(cdn.url("/a.png"))


def test_more_bytes_than_allowed_are_not_read(cdn: Cdn) -> None:
    cdn.server.expect_request("/a.png").respond_with_data(bytes(5_000))
    with pytest.raises(DownloadError, match=r"Expected at most 4,999 bytes from pictures\.example, got more"):
        cdn.fetch(cdn.url("/a.png"), most_bytes=4_999)
    assert len(cdn.fetch(cdn.url("/a.png"), most_bytes=5_000)) == 5_000


def test_a_picture_in_a_compression_that_is_not_read_is_refused(cdn: Cdn) -> None:
    cdn.server.expect_request("/a.png").respond_with_data(b"\x0b\x80", headers={"Content-Encoding": "br"})
    with pytest.raises(DownloadError, match="got a compressed one") as caught:
        cdn.fetch(cdn.url("/a.png"))
    assert caught.value.body == b"\x0b\x80"


def test_a_passing_fault_is_tried_again_for_a_get_costs_nothing(cdn: Cdn) -> None:
    seen: list[str] = []

    def reply(request: Request) -> Response:
        seen.append(request.path)
        return Response(b"x", status=200 if len(seen) == 3 else 502)

    cdn.server.expect_request("/a.png").respond_with_handler(reply)
    assert cdn.fetch(cdn.url("/a.png")) == b"x"
    assert cdn.clock.waits == [0.5, 2.0]


@pytest.mark.parametrize("status", [404, 425, 202])
def test_a_picture_that_is_not_there_yet_is_waited_for(cdn: Cdn, status: int) -> None:
    for _ in range(4):
        cdn.server.expect_ordered_request("/a.png").respond_with_data(b"", status=status)
    cdn.server.expect_ordered_request("/a.png").respond_with_data(b"x")
    assert cdn.fetch(cdn.url("/a.png")) == b"x"
    assert cdn.clock.waits == [0.5, 1.0, 2.0, 4.0]


def test_only_kinds_that_are_read_are_asked_for(cdn: Cdn) -> None:
    cdn.server.expect_request("/a.png").respond_with_data(b"x")
    cdn.fetch(cdn.url("/a.png"))
    assert cdn.server.log[0][0].headers["Accept"] == "image/png, image/jpeg, image/webp, image/gif, image/avif"


@pytest.mark.parametrize(("status", "times"), [(404, 7), (403, 1), (500, 3)])
def test_a_status_that_is_no_picture_is_named(cdn: Cdn, status: int, times: int) -> None:
    cdn.server.expect_request("/a.png").respond_with_data(b"no", status=status)
    with pytest.raises(DownloadError, match=f"pictures.example answered {status} instead of a picture"):
        cdn.fetch(cdn.url("/a.png?sig=s3cret"))
    assert len(cdn.server.log) == times


def test_silence_ends_with_the_time_limit(raw_server: Any) -> None:
    server = raw_server(lambda connection: connection.recv(1))
    place = ("127.0.0.1", int(server.url.rsplit(":", 1)[1]))
    with pytest.raises(DownloadError, match=r"sent no whole picture within 0\.5 s") as caught:
        download(server.url + "/a.png", Fetching(allowed={place}, seconds=0.5))
    assert caught.value.timed_out


def test_dripping_ends_with_the_total_time(studio: Any, raw_server: Any) -> None:
    def drip(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        for _ in range(100_000):
            connection.sendall(b"x")

    server = raw_server(drip)
    place = ("127.0.0.1", int(server.url.rsplit(":", 1)[1]))
    studio.clock.step = 1.0
    with pytest.raises(DownloadError, match="no whole picture within 30 s"):
        download(
            server.url + "/a.png", Fetching(allowed={place}, seconds=30, environment=Environment(timer=studio.clock))
        )


def test_a_signed_url_is_logged_nowhere(cdn: Cdn, caplog: pytest.LogCaptureFixture) -> None:
    moved = {"Location": cdn.url("/b.png?sig=s3cret")}
    cdn.server.expect_request("/a.png").respond_with_data(b"", status=302, headers=moved)
    cdn.server.expect_request("/b.png").respond_with_data(b"x")
    with caplog.at_level("DEBUG"):
        cdn.fetch(cdn.url("/a.png?sig=s3cret"))
    ours = [record.getMessage() for record in caplog.records if record.name != "werkzeug"]
    assert "s3cret" not in "".join(ours)
