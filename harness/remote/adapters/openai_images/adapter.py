"""Pictures from OpenAI-compatible image endpoints: `POST {base_url}/images/generations`, one picture a request.

Serves what speaks that protocol: OpenAI, xAI, Together, vLLM-Omni, SGLang, the LiteLLM proxy and others. Written from
the providers' documents and the official SDK's behaviour against servers on 127.0.0.1; no live provider was called.

A synchronous call has no id before its answer: a request whose reply was lost can never be asked about again. So before
each request the money is reserved in the ledger and the intent is journalled, and a request that was submitted and
never answered stays "unknown", counts as spent, and is sent again only when the user says so.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from typing import NamedTuple

from data.runs import RunFolder
from data.store.control import Control
from data.vocabulary import CallKind, Model, RemoteSource, Request
from harness.budget import Reservation, SpendingLedger, SubmittedBeforeError, upper_bound
from harness.generator import Outcome
from harness.remote.adapters.openai_images.client import DownloadLimits, HTTPReply, OpenAIClient, require_sdk
from harness.remote.adapters.openai_images.request import ImageRequest, asked, check_settings, remote_source
from harness.remote.adapters.openai_images.response import PolicyError, Reply, ReplyError, read_reply
from harness.remote.credential import Credential
from harness.remote.outcomes import BilledCost, Made, echoed_seed, from_bad_reply, from_fault, from_picture, scrubbed
from harness.remote.retries import RequestError, RetryRule
from harness.remote.transport.download import DownloadError, Fetching, download
from harness.remote.transport.environment import Environment
from harness.remote.transport.image_header import PictureRefusedError, read_picture
from harness.remote.transport.ssrf import read_origin, read_place

Intend = Callable[[Request, str], None]

UNKNOWN = (
    "Submitted before in this run and its picture never kept: it counts as spent and was not sent again. "
    "Resume with unknown requests allowed to send it again, and perhaps pay twice."
)


class _Opened(NamedTuple):
    model: Model
    source: RemoteSource
    credential: Credential
    client: OpenAIClient
    fetching: Fetching
    bound: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SpendingTerms:
    """What the user allows beyond the cap.

    `assumed_usd`: the dollars to reserve for a picture where the catalogue has no price; without it that is refused.
    `submitted`: ids of requests that were announced by an earlier process and never answered.
    `resend_unknown`: send such requests once more, and others that this run submitted before, and perhaps pay twice.
    """

    assumed_usd: float | None = None
    submitted: Collection[str] = ()
    resend_unknown: bool = False


class OpenAIImages:
    """The generator (see `harness.generator.Generator`) of one OpenAI-compatible image endpoint.

    `intend(request, digest)` must have journalled durably when it returns; it is called before the first POST of a
    request with the sha256 of what is sent.
    """

    def __init__(
        self,
        ledger: SpendingLedger,
        *,
        intend: Intend,
        terms: SpendingTerms | None = None,
        outside: Environment | None = None,
        limits: DownloadLimits | None = None,
    ) -> None:
        self._ledger, self._intend, self._terms = ledger, intend, terms or SpendingTerms()
        self._outside, self._limits = outside or Environment(), limits or DownloadLimits()
        self._rule, self._fresh = RetryRule(), True
        self._session: _Opened | None = None

    def preflight(self, model: Model) -> None:
        """Check what can be known without a request: the SDK, the key's variable, settings, price, room under the cap.

        Raises MissingExtraError, ServiceError, SpendingError or HalflifeError.
        """
        require_sdk()
        Credential(remote_source(model).credential_env, self._outside.environ)
        check_settings(model)
        self._ledger.require_room(upper_bound(model, self._terms.assumed_usd), model.id)

    def open(self, model: Model) -> None:
        """Read the key and make the client; nothing is sent: a remote model has no loading to measure."""
        self.close()
        self.preflight(model)
        source = remote_source(model)
        credential = Credential(source.credential_env, self._outside.environ)
        client = OpenAIClient(source, credential, outside=self._outside, limits=self._limits)
        bound = upper_bound(model, self._terms.assumed_usd)
        self._session = _Opened(model, source, credential, client, self._fetching(source), bound)
        self._fresh = True

    def close(self) -> None:
        """Close the connection and forget the key; harmless when nothing is open."""
        if self._session is not None:
            self._session.client.close()
            self._session = None

    def generate(self, request: Request) -> Outcome:
        """Make one picture, or say why there is none: whatever the provider does ends in an Outcome.

        Raises SpendingError, with nothing sent, where the request would go over the cap.
        """
        if self._session is None:
            raise RuntimeError("Expected an opened generator, got a closed one.")
        session, again = self._session, self._terms.resend_unknown
        try:
            reservation = self._ledger.reserve(request.id, session.model.id, usd=session.bound, again=again)
        except SubmittedBeforeError as before:
            return from_fault(RequestError(kind="unknown", reason=UNKNOWN), before.usd)
        if request.id in self._terms.submitted and not again:
            return from_fault(RequestError(kind="unknown", reason=UNKNOWN), reservation.usd)
        call: CallKind = "first" if self._fresh else "steady"
        self._fresh = False
        outcome = self._attempt(session, request, reservation)
        return replace(scrubbed(outcome, session.credential), call=call)

    def _attempt(self, session: _Opened, request: Request, reservation: Reservation) -> Outcome:
        sent = asked(request, session.source)
        try:
            self._intend(request, sent.digest(session.source))
        except BaseException:
            self._ledger.release(reservation)
            raise
        answer, waits = self._send(session.client, sent)
        if isinstance(answer, RequestError):
            self._close_books(reservation, answer)
            return from_fault(answer, reservation.usd)
        outcome = self._read(session, sent, answer, reservation)
        if waits and outcome.status == "ok":
            tries = {"tries": len(waits) + 1, "waited_s": sum(waits)}
            outcome = replace(outcome, provider_timings={**(outcome.provider_timings or {}), **tries})
        return outcome

    def _send(self, client: OpenAIClient, sent: ImageRequest) -> tuple[HTTPReply | RequestError, list[float]]:
        waits: list[float] = []
        while True:
            answer = client.post(sent)
            wait = self._rule.wait(answer, len(waits)) if isinstance(answer, RequestError) else None
            if wait is None:
                return answer, waits
            waits.append(wait)
            self._outside.clock.sleep(wait)

    def _close_books(self, reservation: Reservation, fault: RequestError) -> None:
        """What is known to be free is released, what is unknown stays reserved, the rest is charged."""
        if fault.free:
            self._ledger.release(reservation)
        elif fault.kind in ("refused", "failed"):
            self._ledger.settle(reservation, reservation.usd, "estimate")

    def _read(self, session: _Opened, sent: ImageRequest, answer: HTTPReply, reservation: Reservation) -> Outcome:
        cost = BilledCost(reservation.usd, "estimate")
        try:
            reply = read_reply(answer.body, answer.headers, self._limits.picture_bytes)
            cost = self._cost(session.model, reply, reservation)
            made = self._fetch(session, reply)
            support = echoed_seed(sent.extra, reply)
            outcome = from_picture(made, answer, reply, cost=cost, seed_support=support)
        except (PolicyError, ReplyError, DownloadError, PictureRefusedError) as error:
            outcome = from_bad_reply(error, answer, cost)
        self._ledger.settle(reservation, cost.usd, cost.source)
        return outcome

    def _cost(self, model: Model, reply: Reply, reservation: Reservation) -> BilledCost:
        if reply.cost_usd is not None:
            return BilledCost(reply.cost_usd, "reported")
        return BilledCost(reservation.usd, "units-times-price" if model.price else "estimate")

    def _fetch(self, session: _Opened, reply: Reply) -> Made:
        clock = self._outside.clock
        began = clock.monotonic()
        data = reply.data if reply.data is not None else download(reply.url or "", session.fetching)
        seconds = 0.0 if reply.data is not None else clock.monotonic() - began
        return Made(data=data, picture=read_picture(data, self._limits.pixels), fetch_seconds=seconds)

    def _fetching(self, source: RemoteSource) -> Fetching:
        """Public https hosts, the hosts that the catalogue names, and the configured server itself where it is http."""
        local = [read_origin(source.base_url)] if source.base_url.startswith("http:") else []
        return Fetching(
            allowed=frozenset([*map(read_place, source.download_hosts), *local]),
            most_bytes=self._limits.picture_bytes,
            seconds=self._limits.download_seconds,
            outside=self._outside,
        )


def generator_for(
    run: RunFolder,
    control: Control,
    *,
    cap_usd: float | None,
    intend: Intend,
    terms: SpendingTerms | None = None,
    outside: Environment | None = None,
) -> OpenAIImages:
    """Return the generator of a run's models: the run is its own budget, and its journals say what is unanswered.

    `intend` is the run's `harness.request_log.IntentJournal`. Raises SpendingError without a cap.
    """
    unanswered = frozenset(str(intent["sample"]) for intent in run.intents()) - run.samples().keys()
    terms = terms or SpendingTerms()
    terms = replace(terms, submitted=unanswered.union(terms.submitted))
    ledger = SpendingLedger(control, run=run.run_id, cap_usd=cap_usd)
    return OpenAIImages(ledger, intend=intend, terms=terms, outside=outside)
