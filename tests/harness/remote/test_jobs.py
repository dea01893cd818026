"""A provider that works on jobs: submitted once, asked about, fetched and paid for, whenever the process dies."""

import datetime as dt
import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from data.errors import SpendingError
from data.home import Home
from data.media import MediaStore
from data.runs import RunFolder
from data.store.control import Control
from data.video.encode import delivery
from data.vocabulary import Charge, Machine, Model, Price, Request, Sample, Suite
from harness.execution import Assignment, execute
from harness.generator import Job, JobState, Outcome, RequestError
from harness.plan import expand
from harness.remote.context import RemoteContext, SpendingTerms
from harness.remote.jobs import JobLimits, JobRunner
from harness.remote.transport.environment import Environment
from harness.request_log import RequestLog

RUNNING, COMPLETED = JobState(progress="running"), JobState(progress="completed")


class RunningTimer:
    """Time passes when somebody waits."""

    def __init__(self) -> None:
        self.seconds, self.waits = 0.0, list[float]()
        self.on_wait: Callable[[], None] = lambda: None

    def monotonic(self) -> float:
        return self.seconds

    def now(self) -> dt.datetime:
        return dt.datetime.now(dt.UTC) + dt.timedelta(seconds=self.seconds)

    def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.seconds += seconds
        self.on_wait()


class Provider:
    """A provider in this process: a job goes through `states`, one a poll; `crash` dies at the named call."""

    def __init__(self, picture: Callable[[], bytes]) -> None:
        self.calls: list[str] = []
        self.states, self.picture = [RUNNING, RUNNING, COMPLETED], picture
        self.answers: list[RequestError] = []
        self.cancelled = JobState(progress="cancelled", free=True)
        self.cost: float | None = None
        self.words: str | None = None
        self.crash: str | None = None

    def preflight(self, model: Model) -> None:
        pass

    def open(self, model: Model) -> None:
        pass

    def close(self) -> None:
        pass

    def request_digest(self, request: Request) -> str:
        return "d" * 64

    def submit(self, request: Request) -> Job | RequestError:
        self._call("submit")
        return self.answers.pop(0) if self.answers else Job(id=f"job-{request.prompt}", status_url="https://a/1")

    def poll(self, job: Job) -> JobState:
        self._call("poll")
        return self.states.pop(0) if len(self.states) > 1 else self.states[0]

    def fetch(self, request: Request, job: Job) -> Outcome:
        self._call("fetch")
        data, cost = self.picture(), self.cost
        return Outcome(
            status="ok",
            data=data,
            width=64,
            height=48,
            cost_usd=cost,
            cost_source="reported",
            revised_prompt=self.words,
        )

    def cancel(self, job: Job) -> JobState:
        self._call("cancel")
        return self.cancelled

    def _call(self, name: str) -> None:
        self.calls.append(name)
        if self.crash == name:
            raise KeyboardInterrupt


class Theatre:
    """One run of one remote request, carried out as often as a test wants."""

    def __init__(self, run: RunFolder, home: Home, studio: Any, progress: Any) -> None:
        self.run, self.home, self.studio, self.progress = run, home, studio, progress
        self.timer, self.log_type, self.stop = RunningTimer(), RequestLog, threading.Event()

    def carry_out(
        self,
        provider: Provider,
        *,
        cap: float = 1.0,
        resend: bool = False,
        limits: JobLimits | None = None,
        **share: Any,
    ) -> Sample | None:
        media = MediaStore(self.home.media)
        with self.log_type(self.run) as log:
            context = RemoteContext.of(
                self.run,
                Control(self.home.control),
                cap_usd=cap,
                media=media,
                request_log=log,
                terms=SpendingTerms(resend_unknown=resend),
            )
            self.stop.clear()
            environment = Environment(timer=self.timer, environ=self.studio.environ, stop=self.stop)
            runner = JobRunner(provider, replace(context, environment=environment), limits=limits)
            try:
                execute(
                    self.run, media, lambda model: runner, self.progress, stop=self.stop, assignment=Assignment(**share)
                )
            except KeyboardInterrupt:
                return None
        return next(iter(self.run.samples().values()), None)

    @property
    def steps(self) -> list[str]:
        return [intent["state"] for intent in self.run.intents()]

    @property
    def reservations(self) -> list[tuple[str, float | None]]:
        with Control(self.home.control).reading() as connection:
            rows = connection.execute("SELECT state, settled_ticks FROM reservations").fetchall()
        return [(row[0], None if row[1] is None else row[1] / 1e10) for row in rows]


@pytest.fixture
def price(studio: Any) -> Price:
    return Price(unit="image", usd=0.04, as_of=studio.free.as_of, source="a price list")


@pytest.fixture
def theatre(home: Home, suite: Suite, machine: Machine, studio: Any, progress: Any, price: Price) -> Theatre:
    model = studio.contender("https://studio.example/v1", price=price)
    plan = expand(
        replace(suite, prompts=suite.prompts[:1]),
        [model],
        seeds=(0,),
        calendar="live",
        day=model.released,
        machine=machine,
        created_at=dt.datetime(2026, 3, 1, tzinfo=dt.UTC),
    )
    return Theatre(RunFolder.create(home, plan), home, studio, progress)


@pytest.fixture
def provider(studio: Any) -> Provider:
    return Provider(studio.picture)


def test_a_job_is_submitted_once_polled_fetched_and_settled(theatre: Theatre, provider: Provider) -> None:
    sample = theatre.carry_out(provider)
    assert sample is not None
    assert provider.calls == ["submit", "poll", "poll", "poll", "fetch"]
    assert theatre.steps == ["submitting", "submitted", "completed", "downloaded", "settled"]
    assert (sample.status, sample.cost_usd, sample.cost_source) == ("ok", 0.04, "units-times-price")
    assert theatre.reservations == [("settled", 0.04)]
    assert sample.timing is not None
    assert sample.timing.submit_seconds == sum(theatre.timer.waits)


def test_a_delivered_video_is_kept_as_it_came_and_described_by_what_its_file_holds(
    theatre: Theatre, provider: Provider
) -> None:
    frames = [np.full((24, 32, 3), 10 * number, np.uint8) for number in range(6)]
    video = delivery(frames, frames_per_second=12)
    provider.picture = lambda: video
    sample = theatre.carry_out(provider)
    assert sample is not None
    assert MediaStore(theatre.home.media).path(sample.media or "").read_bytes() == video
    assert (sample.media_type, sample.delivery) == ("video/mp4", None)
    assert (sample.width, sample.height, sample.frames) == (256, 192, 6)
    assert (sample.fps, sample.video_seconds, sample.audio) == (12.0, 0.5, False)


def test_a_video_that_cannot_be_read_keeps_its_bytes(theatre: Theatre, provider: Provider) -> None:
    provider.picture = lambda: bytes(4) + b"ftypisom" + bytes(400)
    sample = theatre.carry_out(provider)
    assert sample is not None
    assert (sample.status, sample.media_type, sample.frames, sample.fps) == ("ok", "video/mp4", None, None)


def test_the_job_is_in_the_log_before_it_is_polled(theatre: Theatre, provider: Provider) -> None:
    provider.crash = "poll"
    assert theatre.carry_out(provider) is None
    assert theatre.run.intents()[-1]["job"]["id"] == "job-p0"
    assert theatre.steps == ["submitting", "submitted"]


@pytest.mark.parametrize("crash", ["poll", "fetch"])
def test_after_a_crash_a_submitted_job_is_polled_and_never_submitted_again(
    theatre: Theatre, provider: Provider, crash: str
) -> None:
    provider.crash = crash
    assert theatre.carry_out(provider) is None
    provider.crash, provider.calls = None, []
    sample = theatre.carry_out(provider)
    assert sample is not None
    assert sample.status == "ok"
    assert "submit" not in provider.calls
    assert provider.calls[-1] == "fetch"
    assert theatre.reservations == [("settled", 0.04)]


@pytest.mark.parametrize("step", ["downloaded", "settled"])
def test_after_a_crash_what_was_downloaded_comes_from_the_disk(theatre: Theatre, provider: Provider, step: str) -> None:
    class Dying(RequestLog):
        def outcome(self, request: Any, at: Any, outcome: Any, media: Any) -> None:
            super().outcome(request, at, outcome, media)
            if at == step:
                raise KeyboardInterrupt

    theatre.log_type = Dying
    assert theatre.carry_out(provider) is None
    theatre.log_type, provider.calls = RequestLog, []
    sample = theatre.carry_out(provider)
    assert sample is not None
    assert (sample.status, sample.cost_usd, provider.calls) == ("ok", 0.04, [])
    assert theatre.reservations == [("settled", 0.04)]


def test_a_crash_while_submitting_is_unknown_until_the_user_says_so(theatre: Theatre, provider: Provider) -> None:
    provider.crash = "submit"
    assert theatre.carry_out(provider) is None
    provider.crash, provider.calls = None, []
    sample = theatre.carry_out(provider)
    assert sample is not None
    assert (sample.status, sample.cost_usd, provider.calls) == ("unknown", 0.04, [])
    again = theatre.carry_out(provider, resend=True, again=frozenset({"unknown"}))
    assert again is not None
    assert (again.status, provider.calls[0]) == ("ok", "submit")
    assert [state for state, _ in theatre.reservations] == ["reserved", "settled"]


def test_a_job_over_its_time_is_cancelled(theatre: Theatre, provider: Provider) -> None:
    provider.states = [RUNNING]
    sample = theatre.carry_out(provider, limits=JobLimits(job_seconds=100.0))
    assert sample is not None
    assert (sample.status, sample.reason, sample.cost_usd) == ("timed-out", "Not done within 100 s; cancelled.", 0.0)
    assert provider.calls[-1] == "cancel"
    assert sum(theatre.timer.waits) == pytest.approx(100.0, abs=1.0)
    assert theatre.reservations == [("released", 0.0)]


def test_a_job_that_completes_while_it_is_cancelled_is_fetched(theatre: Theatre, provider: Provider) -> None:
    provider.states, provider.cancelled = [RUNNING], COMPLETED
    sample = theatre.carry_out(provider, limits=JobLimits(job_seconds=10.0))
    assert sample is not None
    assert sample.status == "ok"


def test_a_provider_that_cannot_be_reached_leaves_the_money_reserved(theatre: Theatre, provider: Provider) -> None:
    gone = JobState(progress="unreachable")
    provider.states, provider.cancelled = [gone], gone
    sample = theatre.carry_out(provider, limits=JobLimits(job_seconds=10.0))
    assert sample is not None
    assert (sample.status, sample.cost_usd) == ("unknown", 0.04)
    assert theatre.reservations == [("reserved", None)]


@pytest.mark.parametrize("ended", ["refused", "failed"])
def test_a_job_that_ends_without_media_is_a_status_with_its_reason(
    theatre: Theatre, provider: Provider, ended: Any
) -> None:
    provider.states = [JobState(progress=ended, reason=f"no: {theatre.studio.secret}")]
    sample = theatre.carry_out(provider)
    assert sample is not None
    assert (sample.status, sample.reason) == (ended, "no: [secret]")
    assert theatre.reservations == [("settled", 0.04)]


def test_a_busy_provider_is_asked_again_after_the_wait_that_it_named(theatre: Theatre, provider: Provider) -> None:
    provider.answers = [RequestError(kind="busy", reason="later", free=True, wait_seconds=7.0)]
    sample = theatre.carry_out(provider)
    assert sample is not None
    assert sample.status == "ok"
    assert theatre.timer.waits[0] == 7.0


def test_waits_between_polls_double_up_to_a_limit_or_are_the_providers(theatre: Theatre, provider: Provider) -> None:
    provider.states = [*[RUNNING] * 6, JobState(progress="queued", wait_seconds=5.0), COMPLETED]
    theatre.carry_out(provider)
    assert theatre.timer.waits == [2.0, 4.0, 8.0, 16.0, 30.0, 30.0, 5.0]


def test_a_reported_cost_is_what_is_settled(theatre: Theatre, provider: Provider) -> None:
    provider.cost = 0.01
    sample = theatre.carry_out(provider)
    assert sample is not None
    assert (sample.cost_usd, sample.cost_source) == (0.01, "reported")
    assert theatre.reservations == [("settled", 0.01)]


def test_a_claim_far_over_the_price_is_kept_and_the_price_settled(theatre: Theatre, provider: Provider) -> None:
    provider.cost = 10_000.0
    sample = theatre.carry_out(provider)
    assert sample is not None
    assert (sample.cost_usd, sample.cost_source) == (0.04, "units-times-price")
    assert sample.provider_timings == {"cost_claim": "10000.0"}
    assert theatre.reservations == [("settled", 0.04)]


CHARGE = Charge(unit="second-of-video", usd=0.1, most=5.0, when={"audio": False})


@pytest.mark.parametrize("price", [Price(charges=(CHARGE,), as_of=dt.date(2026, 11, 1), source="a price list")])
@pytest.mark.parametrize(("frames", "billed"), [(24, (0.2, "units-times-price")), (0, (0.5, "bound"))])
def test_a_clip_is_charged_by_the_seconds_that_came_or_its_bound(
    theatre: Theatre, provider: Provider, frames: int, billed: Any
) -> None:
    clip = [np.full((24, 32, 3), 10 * number, np.uint8) for number in range(frames)]
    video = delivery(clip, frames_per_second=12) if clip else bytes(4) + b"ftypisom" + bytes(400)
    provider.picture = lambda: video
    sample = theatre.carry_out(provider)
    assert sample is not None
    assert (sample.cost_usd, sample.cost_source) == (pytest.approx(billed[0]), billed[1])


def test_the_log_of_a_job_never_holds_the_key(theatre: Theatre, provider: Provider, studio: Any) -> None:
    provider.words = f"a fox, {studio.secret}"
    assert theatre.carry_out(provider) is not None
    written = [path.read_bytes() for path in theatre.home.path.rglob("*") if path.is_file()]
    assert any(b"a fox" in content for content in written)
    assert not any(studio.secret.encode() in content for content in written)


def test_over_the_cap_nothing_is_submitted(theatre: Theatre, provider: Provider) -> None:
    with pytest.raises(SpendingError, match=r"Expected at most \$0.01 spent"):
        theatre.carry_out(provider, cap=0.01)
    assert provider.calls == []


def test_a_failed_sample_is_not_submitted_again_unless_that_is_allowed(theatre: Theatre, provider: Provider) -> None:
    provider.states = [JobState(progress="failed", reason="out of memory")]
    theatre.carry_out(provider)
    failed = frozenset({"failed"})
    theatre.carry_out(provider, again=failed)
    assert provider.calls.count("submit") == 1
    provider.states = [COMPLETED]
    again = theatre.carry_out(provider, resend=True, again=failed)
    assert again is not None
    assert (again.status, provider.calls.count("submit")) == ("ok", 2)


def test_a_stop_ends_the_wait_for_a_job_which_is_asked_about_afterwards(theatre: Theatre, studio: Any) -> None:
    provider = Provider(studio.picture)
    theatre.timer.on_wait = theatre.stop.set
    assert theatre.carry_out(provider) is None
    theatre.timer.on_wait = lambda: None
    sample = theatre.carry_out(provider)
    assert sample is not None
    assert (sample.status, provider.calls.count("submit")) == ("ok", 1)
    assert theatre.reservations == [("settled", 0.04)]


def test_a_job_that_was_declined_while_the_run_ends_is_submitted_afterwards(theatre: Theatre, studio: Any) -> None:
    provider = Provider(studio.picture)
    provider.answers = [RequestError(kind="busy", reason="429", free=True)]
    theatre.timer.on_wait = theatre.stop.set
    assert theatre.carry_out(provider) is None
    assert (theatre.steps, theatre.reservations) == (["submitting", "planned"], [("released", 0.0)])
    theatre.timer.on_wait = lambda: None
    sample = theatre.carry_out(provider)
    assert sample is not None
    assert sample.status == "ok"
