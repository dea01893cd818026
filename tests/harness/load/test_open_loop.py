"""The open loop against a server of c lanes on loopback (M/M/c), by queueing theory; and how it ends."""

import datetime as dt
import http.client
import http.server
import math
import queue
import random
import threading
import time
from collections.abc import Iterator
from types import SimpleNamespace

import pytest
from scipy import optimize

from data.errors import SpendingError
from data.load_tests import LoadStep
from harness.generator import LeftError, Outcome
from harness.load.arrivals import poisson
from harness.load.open_loop import OpenLoop
from leaderboard.reports.load_curve import read_objective, summary

SERVERS, SERVICE, RATE, SECONDS = 3, 0.05, 30.0, 10.0


@pytest.fixture
def queueing_server() -> Iterator[tuple[int, list[float]]]:
    """A loopback server: c servers take requests first come, first served, each for an exponential time.

    Its port, and the seconds that each request really took to serve.
    """
    served: list[float] = []
    waiting: queue.SimpleQueue[threading.Event | None] = queue.SimpleQueue()
    draw = random.Random(11)

    def serve() -> None:
        while (done := waiting.get()) is not None:
            began = time.perf_counter()
            time.sleep(draw.expovariate(1 / SERVICE))
            served.append(time.perf_counter() - began)
            done.set()

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            done = threading.Event()
            waiting.put(done)
            done.wait()
            self.send_response(200)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    workers = [threading.Thread(target=serve) for _ in range(SERVERS)]
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threads = [*workers, threading.Thread(target=server.serve_forever)]
    for thread in threads:
        thread.start()
    yield server.server_address[1], served
    server.shutdown()
    for _ in workers:
        waiting.put(None)
    for thread in threads:
        thread.join()
    server.server_close()


class Asking:
    """A generator that asks the loopback server over one connection."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port)

    def generate(self, request: object) -> Outcome:
        self._connection.request("GET", "/")
        self._connection.getresponse().read()
        return Outcome(status="ok", data=b"picture", cost_usd=0.0)

    def close(self) -> None:
        self._connection.close()


class Scripted:
    """A generator that does what it is told, once a request."""

    def __init__(self, *acts: object) -> None:
        self._acts = iter(acts)

    def generate(self, request: object) -> Outcome:
        act = next(self._acts)
        if isinstance(act, BaseException):
            raise act
        if isinstance(act, float):
            time.sleep(act)
            return Outcome(status="ok", data=b"picture")
        return Outcome(status="refused", reason=str(act))


def loop(model, generators, **options):
    return OpenLoop(model=model, generators=generators, stop=options.pop("stop", threading.Event()), **options)


def step_of(model, planned, offered, rate, seconds):
    facts = {"test": "t", "model": model.id, "revision": "1", "settings": model.settings, "suite_digest": "d"}
    return LoadStep(
        **facts,
        machine="box",
        began_at=dt.datetime(2026, 1, 1, tzinfo=dt.UTC),
        arrivals_kind="poisson",
        rate=rate,
        seconds=seconds,
        seed=1,
        lanes=64,
        arrivals=offered.arrivals,
        stopped=offered.stopped,
    )


def erlang_c(servers: int, load: float) -> float:
    """The chance to wait in an M/M/c queue (Erlang 1917)."""
    full = load**servers / math.factorial(servers) * servers / (servers - load)
    return full / (sum(load**k / math.factorial(k) for k in range(servers)) + full)


def slower_than(t: float, service: float, rate: float) -> float:
    """The chance that a response of the M/M/c queue takes longer than t seconds."""
    pace, load = 1 / service, rate * service
    spare = SERVERS - 1 - load
    return math.exp(-pace * t) * (1 + erlang_c(SERVERS, load) * (1 - math.exp(-pace * t * spare)) / spare)


def test_percentiles_are_those_of_queueing_theory(model, queueing_server):
    port, served = queueing_server
    planned = poisson(RATE, SECONDS, seed=2)
    lanes = [Asking(port) for _ in range(32)]
    offered = loop(model, lanes).offer(planned, [SimpleNamespace()] * len(planned))
    for lane in lanes:
        lane.close()
    seen = summary(step_of(model, planned, offered, RATE, SECONDS), read_objective("p50<1s"))
    assert seen.counts == {"ok": len(planned)}
    service, rate, overhead = sum(served) / len(served), len(planned) / SECONDS, 0.01
    for percentile in seen.percentiles[:2]:
        true = optimize.brentq(lambda t, q=percentile.q: slower_than(t, service, rate) - (1 - q), 0, 10)
        assert percentile.low - overhead <= true <= (percentile.high or math.inf)
    assert seen.verdict == "met"


def test_latency_counts_from_the_planned_arrival(model):
    offered = loop(model, [Scripted(0.2, 0.0, 0.0)]).offer((0.0, 0.01, 0.02), [SimpleNamespace()] * 3)
    assert [each.latency > 0.15 for each in offered.arrivals] == [True, True, True]
    assert all(each.sent >= 0.2 for each in offered.arrivals[1:])


def test_refusals_and_declined_requests_stand_apart(model):
    acts = ("no", LeftError("429, still busy"), RuntimeError("broke"), 0.0)
    offered = loop(model, [Scripted(*acts)]).offer((0.0,) * 4, [SimpleNamespace()] * 4)
    assert [each.status for each in offered.arrivals] == ["refused", "busy", "failed", "ok"]
    seen = summary(step_of(model, (0.0,) * 4, offered, 4.0, 1.0), read_objective("p50<1s"))
    assert (seen.percentiles[0].n, seen.within.n, seen.within.estimate) == (1, 3, pytest.approx(1 / 3))


@pytest.mark.parametrize(
    ("generator", "options", "stopped"),
    [
        (Scripted(0.0, SpendingError("over the cap"), 0.0), {}, "money"),
        (Scripted(0.3, 0.0, 0.0), {"deadline": 0.0}, "time"),
        (Scripted(0.0, 0.0, 0.0), {"stop": threading.Event()}, "stopped"),
    ],
)
def test_what_ends_it_leaves_the_rest_unsent(model, generator, options, stopped):
    if "stop" in options:
        options["stop"].set()
    offered = loop(model, [generator], **options).offer((0.0, 0.0, 60.0), [SimpleNamespace()] * 3)
    assert offered.stopped == stopped
    assert offered.arrivals[-1].status == "not-sent"
