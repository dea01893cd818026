"""What every maker of samples offers, local or remote, and what it hands back for one request.

A `Generator` answers a request in one call. A `JobGenerator` is a provider that takes minutes: it gives a job's id at
once and is asked about the job later; `harness.remote.jobs` makes a `Generator` of it, so the runner knows only one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, Protocol

from data.vocabulary import CallKind, CostSource, Model, Request, SeedSupport, Status, Timing

RequestErrorKind = Literal["not-delivered", "busy", "timed-out", "unknown", "refused", "failed"]
JobProgress = Literal["queued", "running", "unreachable", "lost", "completed", "refused", "failed", "cancelled"]
JobStep = Literal["planned", "submitting", "submitted", "completed", "downloaded", "settled"]
"""How far a request is that a provider makes as a job; what each step means after a crash: `harness.remote.jobs`."""


class LeftError(Exception):
    """A request that this execution leaves as it is, for another one to go on with: planned, or submitted as a job.

    Nothing more is asked of its model now. `reason` is for people.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Loading(NamedTuple):
    """Seconds that bringing a model into memory took: importing its code, then reading and placing its weights."""

    import_seconds: float
    load_seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of one request. `data` is the original bytes of the media, there if and only if status is "ok".

    A status other than "ok" has a reason of one sentence without secrets. `width` and `height` are pixels as
    delivered; of a video, `fps` is frames a second, `video_seconds` its length and `audio` whether it has sound, each
    None where it is not known, and `delivery` the file that browsers play, None where `data` is that file too.
    `unread`: bytes that were paid for and are no media of this sample; they are kept beside it.
    `lasting`: each further request of the model would end alike, until somebody mends it (see RequestError). `call`
    is "first" for the first call after `open`, else "steady". For local generators `cost_usd` stays None: the runner
    knows the machine's price and fills it from `timing`.
    """

    status: Status
    reason: str | None = None
    lasting: bool = False
    data: bytes | None = None
    unread: bytes | None = None
    media_type: str | None = None
    delivery: bytes | None = None
    timing: Timing | None = None
    call: CallKind = "steady"
    width: int | None = None
    height: int | None = None
    frames: int | None = None
    fps: float | None = None
    video_seconds: float | None = None
    audio: bool | None = None
    cost_usd: float | None = None
    cost_source: CostSource = "unknown"
    seed_support: SeedSupport = "echoed"
    request_id: str | None = None
    revised_prompt: str | None = None
    provider_timings: Mapping[str, Any] | None = None

    def __post_init__(self) -> None:
        if (self.status == "ok") != (self.data is not None):
            raise ValueError(f"Expected media with status 'ok' and only with it, got status {self.status!r}.")
        if self.delivery is not None and self.data is None:
            raise ValueError("Expected a delivery file with media and only with them, got one alone.")
        if (self.status == "ok") != (self.reason is None):
            raise ValueError(f"Expected a reason with each status but 'ok', got {self.status!r} and {self.reason!r}.")


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestError:
    """Why there is no media. `free`: there is evidence that nothing was made, so nothing is charged.

    `lasting`: each further request of the model would be declined alike, until somebody mends it. `wait_seconds` is
    what the provider asked for, None where it named nothing. `unread` is what came and cannot be read.
    """

    kind: RequestErrorKind
    reason: str
    free: bool = False
    lasting: bool = False
    wait_seconds: float | None = None
    request_id: str | None = None
    unread: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A request that a provider accepted: its id there, and the URLs that it named for it, None where it named none.

    They are written to the request log, so a URL must not hold a key.
    """

    id: str
    status_url: str | None = None
    result_url: str | None = None
    cancel_url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class JobState:
    """What a provider says about a job; "unreachable" where it could not be asked, "lost" where it will not be.

    `reason` is what it said, or why it could not be asked: of a job that goes on, what is worth telling.
    `job` is the job with what the provider has named since, such as the result's URL. `wait_seconds` is how long to
    wait before asking again, None where the provider named nothing. `free`: there is evidence that nothing is charged.
    """

    progress: JobProgress
    reason: str | None = None
    job: Job | None = None
    wait_seconds: float | None = None
    free: bool = False

    def __post_init__(self) -> None:
        if self.progress in ("refused", "failed", "lost") and self.reason is None:
            raise ValueError(f"Expected a reason with a job that is {self.progress}, got none.")


class Generator(Protocol):
    """Makes the samples of one model at a time: `preflight`, `open`, `generate` for each request, `close`.

    Each method may raise a HalflifeError for what the user must mend; it ends the command, and what is journalled
    stays. Any other exception of `open` fails all requests of the model, one of `generate` that request only; the
    runner records them. A remote generator returns an Outcome for whatever the provider does (401, HTML, a timeout),
    and raises only what must stop the run, such as a SpendingError, and only when nothing was submitted; or LeftError.
    """

    def preflight(self, model: Model) -> None:
        """Check, before anything is generated and without loading, what can be known: files, device, key, cap."""

    def open(self, model: Model) -> Loading | None:
        """Bring the model into memory; None where there is nothing to load."""

    def generate(self, request: Request) -> Outcome:
        """Make one sample of the opened model."""

    def close(self) -> None:
        """Free what `open` took; harmless when nothing is open."""


class JobSource(Protocol):
    """A provider that is asked about jobs it accepted: `poll` until one ends, `fetch` or `cancel`.

    Whatever the provider does ends in a value; waiting, the log, the budget and the time limit are not its business.
    """

    def poll(self, job: Job) -> JobState:
        """Ask how far the job is; costs nothing."""

    def fetch(self, request: Request, job: Job) -> Outcome:
        """Return what a completed job made; costs nothing. `cost_usd` None means that the provider named no cost.

        Status "unknown" where it cannot be had: its reservation stays.
        """

    def cancel(self, job: Job) -> JobState:
        """Ask the provider to give the job up, and return what it says; it may have completed meanwhile."""


class JobGenerator(JobSource, Protocol):
    """A provider that makes each sample as a job: `submit` once, then as any `JobSource`.

    `preflight`, `open` and `close` are those of a `Generator`.
    """

    def preflight(self, model: Model) -> None:
        """Check, before anything is submitted, what can be known: the extra, the key, the settings."""

    def open(self, model: Model) -> None:
        """Make what requests of the model need; nothing is sent."""

    def request_digest(self, request: Request) -> str:
        """Return the sha256 of what `submit` would send, for the request log."""

    def submit(self, request: Request) -> Job | RequestError:
        """Send the request once, and return its job. It may cost money; only what was never delivered is sent again."""

    def close(self) -> None:
        """Free what `open` took; harmless when nothing is open."""
