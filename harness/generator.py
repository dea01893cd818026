"""What every maker of samples offers, local or remote, and what it hands back for one request."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from data.vocabulary import CallKind, CostSource, Model, Request, SeedSupport, Status, Timing


class Loading(NamedTuple):
    """Seconds that bringing a model into memory took: importing its code, then reading and placing its weights."""

    import_seconds: float
    load_seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of one request. `data` is the original bytes of the media, there if and only if status is "ok".

    A status other than "ok" has a reason of one sentence without secrets. `width` and `height` are pixels as
    delivered. `call` is "first" for the first call after `open`, else "steady". For local generators `cost_usd`
    stays None: the runner knows the machine's price and fills it from `timing`.
    """

    status: Status
    reason: str | None = None
    data: bytes | None = None
    media_type: str | None = None
    timing: Timing | None = None
    call: CallKind = "steady"
    width: int | None = None
    height: int | None = None
    frames: int | None = None
    cost_usd: float | None = None
    cost_source: CostSource = "unknown"
    seed_support: SeedSupport = "echoed"
    request_id: str | None = None
    revised_prompt: str | None = None
    provider_timings: Mapping[str, Any] | None = None

    def __post_init__(self) -> None:
        if (self.status == "ok") != (self.data is not None):
            raise ValueError(f"Expected media with status 'ok' and only with it, got status {self.status!r}.")
        if (self.status == "ok") != (self.reason is None):
            raise ValueError(f"Expected a reason with each status but 'ok', got {self.status!r} and {self.reason!r}.")


class Generator(Protocol):
    """Makes the samples of one model at a time: `preflight`, `open`, `generate` for each request, `close`.

    Each method may raise a HalflifeError for what the user must mend; it ends the command, and what is journalled
    stays. Any other exception of `open` fails all requests of the model, one of `generate` that request only; the
    runner records them. A remote generator returns an Outcome for whatever the provider does (401, HTML, a timeout),
    and raises only what must stop the run, such as a SpendingError, and only when nothing was submitted.
    """

    def preflight(self, model: Model) -> None:
        """Check, before anything is generated and without loading, what can be known: files, device, key, cap."""

    def open(self, model: Model) -> Loading | None:
        """Bring the model into memory; None where there is nothing to load."""

    def generate(self, request: Request) -> Outcome:
        """Make one sample of the opened model."""

    def close(self) -> None:
        """Free what `open` took; harmless when nothing is open."""
