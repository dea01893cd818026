"""Every shipped provider spec against every fault: what a sample becomes, and what the ledger holds.

A loopback server that is made from the spec answers the real adapter and the real runner; no live provider is called.
A cell is the sample's status and, after it, `=` settled, `+` reserved (counts as spent) or `-` released (nothing is
charged); "planned" is a request that goes out again when the run goes on. `python -m benchmarks.provider_faults`
"""

import argparse
import datetime as dt
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Final, NamedTuple

from rich.console import Console
from rich.table import Table

from benchmarks.provider_loopback import HANG_SECONDS, MODEL, WORDS, Fault, Loopback, bomb, hang, reply
from data.catalogue import load_catalogue
from data.catalogue.provider_spec import ProviderSpec, StatusTable
from data.media import MediaStore
from data.runs import RunFolder
from data.store.control import Control
from data.vocabulary import Model, Price, RemoteSource, Request, Settings
from harness.budget import SpendingLedger
from harness.generator import LeftError
from harness.remote.adapters.http_job.adapter import generator_for
from harness.remote.context import RemoteContext
from harness.remote.retries import RetryRule
from harness.remote.transport.environment import Environment
from harness.request_log import RequestLog

SECRET: Final = "sk-planted-4711-Zebra"
STEPS: Final = ("submitting", "submitted", "completed", "downloaded", "settled")
MARKS: Final = {"settled": "=", "reserved": "+", "released": "-"}
PAGE: Final = f"<html><head><title>{WORDS}</title></head><body>later</body></html>".encode()
STATUSES: Final = (400, 401, 402, 403, 404, 409, 422, 429, 500, 502, 503)


def _status(status: int, _: Loopback) -> bytes:
    return reply({"error": {"message": WORDS}}, status)


def _page(_: Loopback) -> bytes:
    return reply(PAGE, kind="text/html")


def _half(server: Loopback) -> bytes:
    whole = reply(server.accepted())
    return whole[: whole.index(b"\r\n\r\n") + 5]


def _redirect(_: Loopback) -> bytes:
    return reply(b"", 302, head="Location: http://169.254.169.254/latest\r\n")


def _state(word: str, server: Loopback) -> bytes:
    return reply(server.state(word))


def _media(data: bytes, server: Loopback) -> bytes:
    """Wrong media: behind the URL, or inside the reply of a provider that sends base64."""
    return reply(data, kind="image/png") if server.spec.result.url else reply(server.completed({}, data))


FAULTS: Final[tuple[Fault, ...]] = (
    Fault("dropped before the reply", "submit"),
    Fault("dropped in the reply", "submit", _half),
    Fault("hang", "submit", hang),
    *(Fault(str(status), "submit", partial(_status, status)) for status in STATUSES),
    Fault("garbage", "submit", lambda _: reply(bytes(range(128, 256)), kind="application/octet-stream")),
    Fault("HTML", "submit", _page),
    Fault("wrong type", "submit", lambda _: reply([1, 2])),
    Fault("redirect", "submit", _redirect),
    Fault("poll: dropped", "poll"),
    Fault("poll: hang", "poll", hang),
    Fault("poll: 401", "poll", partial(_status, 401)),
    Fault("poll: 500", "poll", partial(_status, 500)),
    Fault("poll: HTML", "poll", _page),
    Fault("poll: redirect", "poll", _redirect),
    Fault("poll: unknown status", "poll", partial(_state, "PONDERING")),
    Fault("poll: vanished", "poll", partial(_status, 404)),
    Fault("result: 422", "result", partial(_status, 422)),
    Fault("result: 500", "result", partial(_status, 500)),
    Fault("media: dead URL", "media", partial(_status, 404)),
    Fault("media: forbidden", "media", partial(_status, 403)),
    Fault("media: dropped", "media"),
    Fault("media: bomb", "media", lambda server: _media(bomb(), server)),
    Fault("media: HTML", "media", lambda server: _media(PAGE, server)),
    Fault("media: wrong type", "media", lambda server: _media(b"RIFF" + bytes(4) + b"WAVE" + bytes(99), server)),
    Fault("media: redirect inwards", "media", _redirect),
)
"""All but the connection that is refused, for which there is no server, and the crashes."""


class Cell(NamedTuple):
    """What became of one request: the sample's status and reason, POSTs that arrived, the state of its reservation."""

    status: str
    reason: str
    submissions: int
    ledger: str


class WaitingTimer:
    """The machine's clock, ahead by what was waited for: nobody really waits."""

    def __init__(self) -> None:
        self.waited = 0.0

    def monotonic(self) -> float:
        return time.perf_counter() + self.waited

    def now(self) -> dt.datetime:
        return dt.datetime.now(dt.UTC) + dt.timedelta(seconds=self.waited)

    def sleep(self, seconds: float) -> None:
        self.waited += seconds


def shipped() -> Mapping[str, ProviderSpec]:
    """Return the shipped specs by name, with less patience: a job may take ten seconds, which nobody really waits."""
    specs = {name: entry.spec for name, entry in load_catalogue().adapters.items() if entry.spec is not None}
    return {name: spec.model_copy(update={"status": _short(spec.status)}) for name, spec in specs.items()}


def _short(status: StatusTable | None) -> StatusTable | None:
    times = {"first_wait_s": 1.0, "longest_wait_s": 4.0, "limit_s": 10.0}
    return status.model_copy(update=times) if status is not None else None


def concerns(spec: ProviderSpec, fault: Fault) -> bool:
    """Return whether a fault can happen to a provider: one without jobs is not polled, base64 has no dead URL."""
    if fault.stage in ("poll", "result"):
        return spec.status is not None and (fault.stage == "poll" or spec.submit.result_url is not None)
    return fault.stage != "media" or bool(spec.result.url)


def contender(spec: ProviderSpec, base_url: str, *, timeout_s: float = 20.0) -> Model:
    """Return a model of the provider whose server is at `base_url`."""
    source = RemoteSource(adapter=spec.name, model=MODEL, **{**spec.remote_defaults(), "base_url": base_url})
    is_video = spec.tasks[0].endswith("video")
    settings = Settings(width=1280, height=720) if is_video else Settings(width=64, height=64)
    return Model(
        id="painter",
        title="Painter",
        family="painter",
        task=spec.tasks[0],
        provider=spec.name,
        source=replace(source, timeout_s=timeout_s),
        settings=replace(settings, video_seconds=5.0 if is_video else None),
        revision="painter-1",
        revision_pinned=True,
        licence="proprietary",
        released=dt.date(2026, 1, 1),
        price=Price(unit="request", usd=0.04, as_of=dt.date(2026, 11, 1), source="a price list"),
    )


def attempt(
    spec: ProviderSpec,
    base_url: str,
    home: Path,
    name: str,
    *,
    log_type: type[RequestLog] = RequestLog,
    timeout_s: float = 20.0,
) -> Cell:
    """Make the sample `name` of the provider at `base_url`, or go on with it; samples of one home share its ledger."""
    model, control = contender(spec, base_url, timeout_s=timeout_s), Control(home / "control.sqlite")
    request = Request(
        id=name, model=model.id, prompt="p1", text="a red fox", category="one", seed=7, settings=model.settings
    )
    environ = {spec.key.environment: SECRET} if spec.key else {}
    environ |= {spec.key.issuer: "studio-access"} if spec.key and spec.key.issuer else {}
    with log_type(RunFolder(home / re.sub("[^a-z0-9]+", "-", name.lower()))) as log:
        context = RemoteContext(
            ledger=SpendingLedger(control, run="run-1", cap_usd=1000.0),
            request_log=log,
            media=MediaStore(home / "media"),
            rule=RetryRule(again=0),
            environment=Environment(timer=WaitingTimer(), environ=environ),
        )
        generator = generator_for(context, spec)
        generator.open(model)
        try:
            outcome = generator.generate(request)
        except LeftError as left:
            return Cell("planned", left.reason, 0, _ledger(control, name))
        finally:
            generator.close()
    return Cell(outcome.status, outcome.reason or "", 0, _ledger(control, name))


def cell(spec: ProviderSpec, fault: Fault | None, home: Path) -> Cell:
    """Make one sample of a provider whose server has a fault, or none."""
    with Loopback(spec, fault) as server:
        hangs = fault is not None and fault.answer is hang
        name = f"{spec.name} {fault.name if fault else 'well'}"
        made = attempt(spec, server.base_url, home, name, timeout_s=HANG_SECONDS / 2 if hangs else 20.0)
        return made._replace(submissions=server.submissions)


def refused_connection(spec: ProviderSpec, home: Path) -> Cell:
    """Make one sample of a provider whose server does not listen."""
    with Loopback(spec) as server:
        base_url = server.base_url
    return attempt(spec, base_url, home, f"{spec.name} refused")


def crashed(spec: ProviderSpec, step: str, home: Path) -> Cell:
    """Kill a process (SIGKILL) once `step` is in its request log, and go on in this one."""
    with Loopback(spec) as server:
        given = [spec.name, server.base_url, str(home), step]
        command = [sys.executable, "-m", "benchmarks.provider_faults", "--die", *given]
        died = subprocess.run(command, check=False, capture_output=True)
        if died.returncode != -signal.SIGKILL:
            raise RuntimeError(f"Expected a killed process, got code {died.returncode}: {died.stderr.decode()[-500:]}")
        made = attempt(spec, server.base_url, home, f"{spec.name} {step}")
        return made._replace(submissions=server.submissions)


def die(name: str, base_url: str, home: Path, step: str) -> None:
    """Make one sample, and kill this process once `step` is in the request log."""

    class Dying(RequestLog):
        def _append(self, request: Request, at: Any, facts: Mapping[str, Any]) -> None:
            super()._append(request, at, facts)
            if at == step:
                os.kill(os.getpid(), signal.SIGKILL)

    attempt(shipped()[name], base_url, home, f"{name} {step}", log_type=Dying)


def _ledger(control: Control, request: str) -> str:
    with control.reading() as connection:
        rows = connection.execute("SELECT state FROM reservations WHERE request = ?", [request]).fetchall()
    return ", ".join(row[0] for row in rows)


def _text(made: Cell) -> str:
    return f"{made.status} {MARKS.get(made.ledger, made.ledger)}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table, and return 1 where a POST was sent twice."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--die", nargs=4, help=argparse.SUPPRESS)
    parser.add_argument("--kills", action="store_true", help="also kill a process after each step of each provider")
    parser.add_argument("--small", action="store_true", help="two providers and some faults only")
    options = parser.parse_args(arguments)
    if options.die:
        name, url, home, step = options.die
        die(name, url, Path(home), step)
        return 0
    with tempfile.TemporaryDirectory() as folder:
        return _measured(Path(folder), kills=options.kills, small=options.small)


def _measured(home: Path, *, kills: bool, small: bool = False) -> int:
    specs, made = dict(list(shipped().items())[: 2 if small else None]), list[Cell]()
    table = Table(title="Faults × providers")
    for name in ("fault", *specs):
        table.add_column(name)

    def row(name: str, cells: list[Cell | None]) -> None:
        made.extend(one for one in cells if one is not None)
        table.add_row(name, *("" if one is None else _text(one) for one in cells))

    row("none", [cell(spec, None, home) for spec in specs.values()])
    row("refused connection", [refused_connection(spec, home) for spec in specs.values()])
    for fault in FAULTS[:: 6 if small else 1]:
        row(fault.name, [cell(spec, fault, home) if concerns(spec, fault) else None for spec in specs.values()])
    for step in STEPS if kills else ():
        row(f"killed after {step}", [crashed(spec, step, home) for spec in specs.values()])
    Console(width=max(200, 18 * len(specs))).print(table)
    twice = sum(one.submissions > 1 for one in made)
    print(f"{len(made)} requests: {twice} sent twice.")
    return int(twice > 0)


if __name__ == "__main__":
    sys.exit(main())
