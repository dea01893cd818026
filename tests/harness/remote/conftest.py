"""A studio on 127.0.0.1: the real SDK's client, a ledger on disk, a clock turned by hand, servers that misbehave."""

import datetime as dt
import io
import socket
import threading
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from PIL import Image

from data.media import MediaStore
from data.runs import RunFolder
from data.store.control import Control
from data.vocabulary import Model, Price, RemoteSource, Request, Settings
from harness.budget import TICKS_PER_USD, SpendingLedger
from harness.remote.adapters.openai_images.adapter import OpenAIImages
from harness.remote.adapters.openai_images.client import DownloadLimits
from harness.remote.context import RemoteContext, SpendingTerms
from harness.remote.transport.environment import Environment
from harness.request_log import RequestLog
from tests.bombs import png_bomb

SECRET = "sk-planted-4711-Zebra"
VARIABLE = "STUDIO_API_KEY"
FREE = Price(unit="image", usd=0.0, as_of=dt.date(2026, 11, 1), source="a server of our own")
FOUR_CENTS = Price(unit="image", usd=0.04, as_of=dt.date(2026, 11, 1), source="a price list")


class TurnedClock:
    """Time passes when somebody waits, and by `step` seconds each time somebody looks."""

    def __init__(self, step: float = 0.0) -> None:
        self.seconds, self.step, self.waits = 0.0, step, list[float]()
        self.on_wait: Callable[[], None] = lambda: None

    def monotonic(self) -> float:
        self.seconds += self.step
        return self.seconds

    def now(self) -> dt.datetime:
        return dt.datetime(2026, 11, 20, 12, 0, tzinfo=dt.UTC) + dt.timedelta(seconds=sum(self.waits))

    def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.seconds += seconds
        self.on_wait()


class Spending(NamedTuple):
    """Dollars of one budget."""

    settled: float
    reserved: float


class Studio:
    """Generators that share one ledger and one journal of intents, and what they are asked and given."""

    secret, variable, free, clock_of, stop_event = SECRET, VARIABLE, FREE, TurnedClock, threading.Event

    def __init__(self, folder: Path) -> None:
        self.folder, self.clock = folder, TurnedClock()
        self.environ = {VARIABLE: SECRET}
        self.run, self.logs = RunFolder(folder / "run"), list[RequestLog]()
        self.media = MediaStore(folder / "media")
        self.environment: dict[str, Any] = {}
        self.opened: list[OpenAIImages] = []

    @property
    def intents(self) -> list[tuple[str, str]]:
        """Id and digest of each request that was announced."""
        return [(line["sample"], line["request_digest"]) for line in self.run.intents() if "request_digest" in line]

    @property
    def withdrawn(self) -> list[str]:
        """Ids of the requests that are planned again."""
        return [line["sample"] for line in self.run.intents() if line["state"] == "planned"]

    @staticmethod
    def picture(width: int = 64, height: int = 48, kind: str = "PNG") -> bytes:
        """A real picture, drawn by Pillow."""
        file = io.BytesIO()
        Image.new("RGB", (width, height), (200, 30, 90)).save(file, kind)
        return file.getvalue()

    bomb = staticmethod(png_bomb)

    @staticmethod
    def contender(base_url: str, *, price: Price | None = FOUR_CENTS, extra: Any = None, **source: Any) -> Model:
        """A remote model at `base_url`."""
        fields = {
            "adapter": "openai_images",
            "model": "painter-1",
            "credential_env": VARIABLE,
            "timeout_s": 5.0,
            "in_flight": 1,
        }
        return Model(
            id="painter",
            title="Painter",
            family="painter",
            task="text-to-image",
            provider="studio",
            source=RemoteSource(base_url=base_url, **{**fields, **source}),
            settings=Settings(width=64, height=48, extra=extra or {}),
            revision="painter-1",
            revision_pinned=True,
            licence="proprietary",
            released=dt.date(2026, 1, 1),
            price=price,
        )

    @staticmethod
    def wanted(model: Model, name: str = "r1", seed: int = 7) -> Request:
        """One request for a picture of `model`."""
        return Request(
            id=name,
            model=model.id,
            prompt="p1",
            text="a red fox",
            category="single",
            seed=seed,
            settings=model.settings,
        )

    def ledger(self, cap: float | None = 1.0, run: str = "run-1") -> SpendingLedger:
        return SpendingLedger(Control(self.folder / "control.sqlite"), run=run, cap_usd=cap)

    def spending(self, run: str = "run-1") -> Spending:
        """What a run has settled and reserved, as it stands in the control database."""
        query = (
            "SELECT coalesce(sum(settled_ticks), 0), "
            "coalesce(sum(CASE state WHEN 'reserved' THEN reserved_ticks END), 0) FROM reservations WHERE budget = ?"
        )
        with Control(self.folder / "control.sqlite").reading() as connection:
            settled, reserved = connection.execute(query, [run]).fetchone()
        return Spending(settled / TICKS_PER_USD, reserved / TICKS_PER_USD)

    def generator(
        self,
        *,
        cap: float | None = 1.0,
        limits: DownloadLimits | None = None,
        terms: SpendingTerms | None = None,
        log_type: type[RequestLog] = RequestLog,
        finished: Collection[str] = (),
    ) -> OpenAIImages:
        self.logs.append(log_type(self.run))
        context = RemoteContext(
            ledger=self.ledger(cap),
            request_log=self.logs[-1],
            media=self.media,
            finished=finished,
            terms=terms or SpendingTerms(),
            environment=Environment(timer=self.clock, environ=self.environ, **self.environment),
        )
        self.opened.append(OpenAIImages(context, limits=limits))
        return self.opened[-1]

    def make(self, model: Model, request: Request | None = None, **options: Any) -> Any:
        """The outcome of one request on a fresh generator."""
        generator = self.generator(**options)
        generator.open(model)
        return generator.generate(request or self.wanted(model))


class RawServer:
    """Speaks bytes: calls `behave(connection, bytes received)` once a connection, and keeps what it received."""

    def __init__(self, behave: Callable[[socket.socket], None]) -> None:
        self.received: list[bytes] = []
        self._behave, self._closing = behave, threading.Event()
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._socket.settimeout(0.05)
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        while not self._closing.is_set():
            try:
                connection, _ = self._socket.accept()
            except TimeoutError:
                continue
            with connection:
                connection.settimeout(2.0)
                try:
                    self.received.append(self._request(connection))
                    self._behave(connection)
                except OSError:
                    continue

    def _request(self, connection: socket.socket) -> bytes:
        data = b""
        while b"\r\n\r\n" not in data:
            data += connection.recv(65_536)
        head, _, body = data.partition(b"\r\n\r\n")
        length = next(
            (int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")), 0
        )
        while len(body) < length:
            body += connection.recv(65_536)
        return head + b"\r\n\r\n" + body

    @property
    def posts(self) -> int:
        return sum(request.startswith(b"POST") for request in self.received)

    def close(self) -> None:
        self._closing.set()
        self._thread.join()
        self._socket.close()


@pytest.fixture
def studio(tmp_path: Path) -> Iterator[Studio]:
    made = Studio(tmp_path)
    yield made
    for generator in made.opened:
        generator.close()
    for log in made.logs:
        log.__exit__(None, None, None)


@pytest.fixture
def raw_server() -> Iterator[Callable[[Callable[[socket.socket], None]], RawServer]]:
    servers: list[RawServer] = []

    def start(behave: Callable[[socket.socket], None]) -> RawServer:
        servers.append(RawServer(behave))
        return servers[-1]

    yield start
    for server in servers:
        server.close()
