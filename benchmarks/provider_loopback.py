"""A server on 127.0.0.1 that speaks a provider's spec: every path and key of its answers is read from there."""

import base64
import contextlib
import io
import json
import socket
import struct
import threading
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Literal
from urllib.parse import unquote, urlsplit

import numpy as np
from PIL import Image

from data.catalogue.provider_spec import ProviderSpec
from data.video.encode import delivery

Stage = Literal["submit", "poll", "result", "media", "cancel"]
JOB, MODEL, WORDS = "job-4711", "studio/painter", "the studio is on fire"
HANG_SECONDS: Final = 0.6
REASONS: Final = {200: "OK", 302: "Found"}


@dataclass(frozen=True, slots=True)
class Fault:
    """What goes wrong at a stage: `answer` is sent instead of the right reply; None drops the connection unanswered."""

    name: str
    stage: Stage
    answer: "Callable[[Loopback], bytes | None] | None" = None


class Loopback:
    """The server of one spec. `submissions` counts the POSTs that made a job, or were to."""

    def __init__(self, spec: ProviderSpec, fault: Fault | None = None) -> None:
        self.spec, self.fault = spec, fault
        self.submissions = self._polls = 0
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._socket.settimeout(0.05)
        self.origin = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self.base_url = self.origin + urlsplit(spec.base_url).path
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop listening."""
        self._closing.set()
        self._thread.join()
        self._socket.close()

    def __enter__(self) -> "Loopback":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def media(self) -> bytes:
        """A picture or a clip, as the provider's first task asks."""
        return clip() if self.spec.tasks[0].endswith("video") else picture()

    def accepted(self) -> dict[str, Any]:
        """The reply to a submission."""
        submit, content = self.spec.submit, dict[str, Any]()
        for path in submit.id[:1]:
            _place(content, path, JOB)
        for path, name in ((submit.status_url, "status"), (submit.result_url, "result"), (submit.cancel_url, "cancel")):
            if path is not None:
                _place(content, path, f"{self.origin}/named/{name}")
        return self.completed(content) if self.spec.status is None else self._good(content)

    def state(self, word: str) -> dict[str, Any]:
        """The reply to a question about a job whose status is `word`."""
        content = dict[str, Any]()
        if self.spec.status is not None:
            _place(content, self.spec.status.at, word)
        return self._good(content)

    def completed(self, content: dict[str, Any], media: bytes | None = None) -> dict[str, Any]:
        """A reply with the media: their URL, or their base64 where the spec knows no URL or `media` are given."""
        result = self.spec.result
        if result.base64 and (not result.url or media is not None):
            _place(content, result.base64[0], base64.b64encode(media or self.media()).decode())
        else:
            _place(content, result.url[-1], f"{self.origin}/media")
        return self._good(content)

    def _good(self, content: dict[str, Any]) -> dict[str, Any]:
        """The reply with the mark that the spec wants of one without an error."""
        for mark in self.spec.reply.failed:
            if mark.other_than and mark.other_than != ["none"]:
                _place(content, mark.at, mark.other_than[0])
        return content

    def _serve(self) -> None:
        while not self._closing.is_set():
            try:
                connection, _ = self._socket.accept()
            except TimeoutError:
                continue
            threading.Thread(target=self._answer, args=(connection,), daemon=True).start()

    def _answer(self, connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            connection.settimeout(5.0)
            method, path = _received(connection)
            stage = self._stage(method, path)
            self.submissions += stage == "submit"
            answer = self._faulty() if self.fault and self.fault.stage == stage else self._right(stage)
            if answer is not None:
                connection.sendall(answer)

    def _faulty(self) -> bytes | None:
        return self.fault.answer(self) if self.fault and self.fault.answer else None

    def _stage(self, method: str, path: str) -> Stage:
        """What a request is, by the paths of the spec."""
        spec, base = self.spec, urlsplit(self.base_url).path
        if path == "/media":
            return "media"
        if path == "/named/result":
            return "result"
        cancelled = [base + spec.cancel.path.replace("{id}", JOB)] if spec.cancel and spec.cancel.path else []
        if spec.cancel and method == spec.cancel.method and path in ["/named/cancel", *cancelled]:
            return "cancel"
        if method == "POST" and path == base + spec.submit.path.replace("{model}", MODEL):
            return "submit"
        status = spec.status.path if spec.status else None
        if method == "GET" and path in ["/named/status", base + (status or "").replace("{id}", JOB)]:
            return "poll"
        raise OSError(f"no such path: {method} {path}")

    def _right(self, stage: Stage) -> bytes:
        if stage == "media":
            return reply(self.media(), kind="application/octet-stream")
        if stage == "submit":
            return reply(self.accepted())
        if stage == "result":
            return reply(self.completed({}))
        if stage == "cancel" or self.spec.status is None:
            return reply({})
        self._polls += 1
        words = self.spec.status.words
        if self._polls == 1:
            return reply(self.state((words.running or words.queued)[0]))
        content = self.state(words.completed[0])
        return reply(content if self.spec.submit.result_url else self.completed(content))


def reply(content: Any, status: int = 200, *, kind: str = "application/json", head: str = "") -> bytes:
    """Return the bytes of a reply: JSON of `content`, or bytes as they are; `head` are more lines of its head."""
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    line = f"HTTP/1.1 {status} {REASONS.get(status, 'Error')}\r\n"
    return (
        f"{line}Content-Type: {kind}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n{head}\r\n".encode() + body
    )


def hang(_: Loopback) -> None:
    """Say nothing for longer than anybody waits."""
    time.sleep(HANG_SECONDS)


def picture(kind: str = "PNG") -> bytes:
    """A small real picture."""
    file = io.BytesIO()
    Image.new("RGB", (64, 48), (200, 30, 90)).save(file, kind)
    return file.getvalue()


def clip() -> bytes:
    """A small real clip."""
    return delivery([np.full((24, 32, 3), 10 * number, np.uint8) for number in range(6)], frames_per_second=12)


def bomb() -> bytes:
    """A PNG whose header announces more pixels than anybody should decode."""
    header = struct.pack(">IIBBBBB", 30_000, 30_000, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(bytes(100))), (b"IEND", b"")]
    made = [
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(made)


def _received(connection: socket.socket) -> tuple[str, str]:
    data = b""
    while b"\r\n\r\n" not in data:
        chunk = connection.recv(65_536)
        if not chunk:
            raise OSError("no request")
        data += chunk
    head, _, body = data.partition(b"\r\n\r\n")
    lengths = [int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    while len(body) < sum(lengths):
        body += connection.recv(65_536)
    method, target, _ = head.split(b"\r\n")[0].decode("ascii").split(" ")
    return method, unquote(urlsplit(target).path)


def _place(content: dict[str, Any], path: str, value: Any) -> None:
    """Put a value where a path of the notation says, making the objects and lists on the way."""
    here: Any = content
    names = path.split(".")
    for name, following in zip(names, [*names[1:], None], strict=True):
        inner: Any = value if following is None else [] if following.isdecimal() else {}
        if isinstance(here, list):
            if len(here) <= int(name):
                here.append(inner)
            elif following is None:
                here[int(name)] = value
            here = here[int(name)]
        else:
            here[name] = value if following is None else here.get(name, inner)
            here = here[name]
