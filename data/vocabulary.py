"""The records that every package passes on: frozen, typed, no behaviour beyond validation.

Seconds are wall-clock seconds, money is US dollars, sizes are pixels (width × height), times are UTC.
A missing value is None with a reason beside it, never 0 and never NaN.
"""

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal, Protocol

Task = Literal["text-to-image", "text-to-video", "image-to-video", "image-edit", "upscale"]
Modality = Literal["image", "video"]
VIDEO_TASKS: Final[frozenset[Task]] = frozenset({"text-to-video", "image-to-video"})
Status = Literal["ok", "refused", "failed", "timed-out", "unknown"]
Location = Literal["local", "remote"]
Calendar = Literal["live", "replayed"]
CallKind = Literal["first", "steady"]
PriceUnit = Literal["image", "second-of-video", "request"]
BillingUnit = Literal[
    "image",
    "megapixel",
    "second-of-video",
    "request",
    "token",
    "input-token",
    "input-text-token",
    "input-image-token",
    "output-token",
    "output-text-token",
    "output-image-token",
    "gpu-second",
    "credit",
]
CostSource = Literal["machine-seconds", "reported", "units-times-price", "bound", "estimate", "unknown"]
SeedSupport = Literal["none", "requested", "echoed"]
Dtype = Literal["float32", "float16", "bfloat16"]

ALL_CATEGORIES: Final = "*"
"""Stands for all categories of a suite together, in standings, ratings and policies."""

IDENTIFIER = re.compile(r"[a-z0-9][a-z0-9.-]{0,62}")

UNWRITTEN_DEFAULT = {"unwritten_default": True}
"""Marks a field that came later: at its default it is not written, so older records keep their bytes and hashes."""


def check_identifier(kind: str, value: str) -> str:
    """Return `value` where it is an id every reader of a routing table accepts (`[a-z0-9.-]`, 1 to 63 characters).

    Raises ValueError with the sentence that says so.
    """
    if not IDENTIFIER.fullmatch(value):
        raise ValueError(f"Expected a {kind} of 1 to 63 characters out of a-z, 0-9, '.' and '-', got {value!r}.")
    return value


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaInput:
    """A picture or video that a prompt comes with: the sha256 of its bytes, its type, and where the suite has it."""

    sha256: str
    media_type: str
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """One prompt: the statistical unit. `expectation` is what can be checked about its result, if anything.

    `inputs` are the pictures or videos that the task starts from, by their role ("image", "mask", "last-frame").
    """

    id: str
    text: str
    category: str
    tags: tuple[str, ...] = ()
    expectation: Mapping[str, Any] | None = None
    held_out: bool = False
    inputs: Mapping[str, MediaInput] = field(default_factory=dict, metadata=UNWRITTEN_DEFAULT)

    def __post_init__(self) -> None:
        if not self.text.strip():
            raise ValueError(f"Expected a text in prompt {self.id!r}, got an empty one.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Suite:
    """A named, versioned list of prompts. `digest` is the sha256 of its canonical content, and its identity."""

    name: str
    version: str
    task: Task
    title: str
    licence: str
    source: str
    primary_metric: str
    prompts: tuple[Prompt, ...]
    digest: str

    @property
    def categories(self) -> tuple[str, ...]:
        """The categories in the order in which the suite first names them."""
        return tuple(dict.fromkeys(prompt.category for prompt in self.prompts))

    @property
    def modality(self) -> Modality:
        """What its samples are."""
        return "video" if self.task.endswith("-video") else "image"


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """US dollars for one unit of what a request makes or uses.

    `when`: the charge applies where each of these facts of the request has the value, or one of the values in a tuple.
    `most`: the greatest quantity that one request is billed; None where it follows from what is asked. `at_least` is
    the smallest quantity billed, `beyond` what is not billed, `round_up` the step to which the rest is rounded up.
    `pixels` makes one megapixel: 1,000,000, or 1,048,576 where 1024 × 1024 is billed as one.
    """

    unit: BillingUnit
    usd: float
    when: Mapping[str, Any] = field(default_factory=dict)
    most: float | None = None
    at_least: float = 0.0
    beyond: float = 0.0
    round_up: float | None = None
    pixels: int = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """What an endpoint bills, as a source says on a day: `usd` for a `unit`, or the sum of the `charges` that apply.

    Of several charges for one unit the first that applies counts. `data.pricing` says what a request costs by it.
    """

    as_of: dt.date
    source: str
    unit: BillingUnit | None = None
    usd: float | None = None
    charges: tuple[Charge, ...] = field(default=(), metadata=UNWRITTEN_DEFAULT)

    def __post_init__(self) -> None:
        if (self.unit is None) != (self.usd is None) or (self.unit is None) == (not self.charges):
            raise ValueError("Expected a price of one unit in dollars or charges, got both or none.")

    @property
    def parts(self) -> tuple[Charge, ...]:
        """The charges; the one that a simple price stands for."""
        if self.unit is None or self.usd is None:
            return self.charges
        return (Charge(unit=self.unit, usd=self.usd),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What is asked of a model for each sample; another setting makes another model.

    `fps` is frames a second and `video_seconds` the length of a video; `audio` asks for a video with sound.
    """

    width: int
    height: int
    frames: int = 1
    fps: float | None = None
    steps: int | None = None
    guidance: float | None = None
    negative_prompt: str | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)
    video_seconds: float | None = field(default=None, metadata=UNWRITTEN_DEFAULT)
    audio: bool = field(default=False, metadata=UNWRITTEN_DEFAULT)


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalSource:
    """Where a local pipeline's weights come from: embedded in the project, a directory, or a hub repository."""

    kind: Literal["embedded", "directory", "hub"]
    pipeline: str
    repository: str
    revision: str
    variant: str | None = None
    dtype: Dtype = "float32"


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteSource:
    """A remote endpoint. `credential_env` is the name of an environment variable, never its value.

    The key goes in the header `key_header`, as "Bearer …" where that is authorization and as it is in another.
    `query` goes with each request, such as Azure's api-version. At most `in_flight` requests are on their way at once.

    `adapter` is a name of `data.catalogue.adapters`, which the catalogue and the opening of a model check. Here it is
    not checked: a run stays readable after its adapter is gone.
    """

    adapter: str
    base_url: str
    model: str
    credential_env: str | None = None
    seed_support: SeedSupport = "none"
    timeout_s: float = 120.0
    download_hosts: tuple[str, ...] = ()
    key_header: str = field(default="authorization", metadata=UNWRITTEN_DEFAULT)
    query: Mapping[str, str] = field(default_factory=dict, metadata=UNWRITTEN_DEFAULT)
    in_flight: int = field(default=4, metadata=UNWRITTEN_DEFAULT)


@dataclass(frozen=True, slots=True, kw_only=True)
class BroughtSource:
    """Media that were made elsewhere: where they come from, as whoever brought them says, and their day."""

    origin: str
    day: dt.date


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """One model of the catalogue. Another provider, revision, quantisation or setting makes another model."""

    id: str
    title: str
    family: str
    task: Task
    provider: str
    source: LocalSource | RemoteSource | BroughtSource
    settings: Settings
    revision: str
    revision_pinned: bool
    licence: str
    released: dt.date
    retired: dt.date | None = None
    successor: str | None = None
    price: Price | None = None

    def __post_init__(self) -> None:
        check_identifier("model id", self.id)

    @property
    def location(self) -> Location | Literal["brought"]:
        """Where it runs; "brought" where that is not known, as its media were made elsewhere."""
        if isinstance(self.source, BroughtSource):
            return "brought"
        return "local" if isinstance(self.source, LocalSource) else "remote"


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """The machine that a run was made on, with its declared price (declared, not billed)."""

    name: str
    device: str
    cpu: str
    cores: int
    memory_bytes: int
    gpu: str | None
    usd_per_hour: float
    price_source: str
    software: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One planned sample. `id` is the content hash of model, revision, prompt, seed, settings and suite."""

    id: str
    model: str
    prompt: str
    text: str
    category: str
    seed: int
    settings: Settings
    inputs: Mapping[str, MediaInput] = field(default_factory=dict, metadata=UNWRITTEN_DEFAULT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a run wants: prompts × models × seeds, expanded. The same plan always has the same `run_id`.

    `brought` says where the media come from that were made elsewhere, None where the run makes them.
    """

    run_id: str
    suite: Suite
    models: tuple[Model, ...]
    seeds: tuple[int, ...]
    calendar: Calendar
    day: dt.date
    machine: Machine
    created_at: dt.datetime
    requests: tuple[Request, ...]
    brought: BroughtSource | None = field(default=None, metadata=UNWRITTEN_DEFAULT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """Where one call's wall-clock seconds went; a phase that was not seen is None."""

    seconds: float
    cpu_seconds: float | None = None
    text_seconds: float | None = None
    step_seconds: tuple[float, ...] = ()
    decode_seconds: float | None = None
    submit_seconds: float | None = None
    download_seconds: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One attempt, as acknowledged in a journal: what was asked, what came, how long it took, what it cost.

    `media` is the sha256 of the bytes that are scored. Of media that were brought, nothing is known to have been asked:
    `width_asked` and `height_asked` are None. Of a video, `fps` is frames a second, `video_seconds` its length
    and `audio` whether it has sound, each None where it is not known, and `delivery` the sha256 of the file that
    browsers play, None where that is `media` itself. All are None for an image.
    """

    id: str
    run_id: str
    model: str
    prompt: str
    category: str
    seed: int
    status: Status
    reason: str | None
    started_at: dt.datetime
    call: CallKind
    timing: Timing | None
    width_asked: int | None
    height_asked: int | None
    frames_asked: int = 1
    width: int | None = None
    height: int | None = None
    frames: int | None = None
    media: str | None = None
    media_type: str | None = None
    media_bytes: int | None = None
    cost_usd: float | None = None
    cost_source: CostSource = "unknown"
    seed_support: SeedSupport = "echoed"
    request_id: str | None = None
    revised_prompt: str | None = None
    provider_timings: Mapping[str, Any] | None = None
    fps_asked: float | None = field(default=None, metadata=UNWRITTEN_DEFAULT)
    video_seconds_asked: float | None = field(default=None, metadata=UNWRITTEN_DEFAULT)
    audio_asked: bool = field(default=False, metadata=UNWRITTEN_DEFAULT)
    fps: float | None = field(default=None, metadata=UNWRITTEN_DEFAULT)
    video_seconds: float | None = field(default=None, metadata=UNWRITTEN_DEFAULT)
    audio: bool | None = field(default=None, metadata=UNWRITTEN_DEFAULT)
    delivery: str | None = field(default=None, metadata=UNWRITTEN_DEFAULT)
    delivery_type: str | None = field(default=None, metadata=UNWRITTEN_DEFAULT)
    delivery_bytes: int | None = field(default=None, metadata=UNWRITTEN_DEFAULT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """How long bringing a model into memory took; never part of a sample's latency."""

    run_id: str
    model: str
    at: dt.datetime
    import_seconds: float
    load_seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """One metric's number for one sample, or the reason why there is none."""

    sample: str
    metric: str
    value: float | None
    reason: str | None
    evaluator: str
    version: str
    fingerprint: str
    detail: Mapping[str, Any] | None = None

    def __post_init__(self) -> None:
        if (self.value is None) == (self.reason is None):
            raise ValueError(
                f"Expected a value or a reason for {self.metric!r} of sample {self.sample!r}, got both or none."
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """What a metric is, declared as data. `kind`: quality ranks models, gate finds faults, sensor watches drift.

    `neutral`: neither more nor less of it is better, whatever `higher_is_better` says. `beside`: the metric without
    which this one misleads, and beside which alone it is shown or ranked.
    """

    name: str
    title: str
    evaluator: str
    unit: str
    higher_is_better: bool
    bounds: tuple[float | None, float | None]
    kind: Literal["quality", "gate", "sensor"]
    neutral: bool = field(default=False, metadata=UNWRITTEN_DEFAULT)
    beside: str | None = field(default=None, metadata=UNWRITTEN_DEFAULT)


class Progress(Protocol):
    """How long work reports what is running; the command line draws it, tests count it."""

    def begin(self, name: str, total: int) -> None:
        """A phase of `total` steps begins (done steps included, reported at once by `advance`)."""

    def advance(self, steps: int = 1) -> None:
        """`steps` more steps of the phase are done."""

    def end(self) -> None:
        """The phase is over."""
