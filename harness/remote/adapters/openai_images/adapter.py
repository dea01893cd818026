"""Pictures from OpenAI-compatible image endpoints: `POST {base_url}/images/generations`, one picture a request.

Serves what speaks that protocol: OpenAI, xAI, Together, vLLM-Omni, SGLang, the LiteLLM proxy and others. Written from
the providers' documents and the official SDK's behaviour against servers on 127.0.0.1; no live provider was called.

A synchronous call has no id before its answer: a request whose reply was lost can never be asked about again. So before
each request the money is reserved in the ledger and the intent is journalled, and a request that was submitted and
never answered stays "unknown", counts as spent, and is sent again only when the user says so.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

from data.vocabulary import CallKind, Model, RemoteSource, Request
from harness.budget import Reservation, SpendingLedger, SubmittedBeforeError, upper_bound
from harness.credential import Credential
from harness.generator import Outcome, RequestError
from harness.remote.adapters.openai_images.client import DownloadLimits, OpenAIClient, require_sdk
from harness.remote.adapters.openai_images.request import ImageRequest, check_settings, image_request, remote_source
from harness.remote.adapters.openai_images.response import read_reply
from harness.remote.context import SUBMITTED_BEFORE, RemoteContext, SpendingTerms
from harness.remote.outcomes import (
    BilledCost,
    Delivery,
    echoed_seed,
    from_bad_reply,
    from_error,
    from_picture,
    request_id,
    scrubbed,
)
from harness.remote.reply import DeclinedError, HTTPReply, MediaReply, ReplyError
from harness.remote.retries import RetryRule, send
from harness.remote.transport.download import DownloadError, Fetching, download
from harness.remote.transport.environment import Environment
from harness.remote.transport.image_header import PictureRefusedError, read_picture
from harness.remote.transport.ssrf import read_host_port, read_origin

Announce = Callable[[Request, str], None]


class _Opened(NamedTuple):
    model: Model
    source: RemoteSource
    credential: Credential
    client: OpenAIClient
    fetching: Fetching
    bound: float


class OpenAIImages:
    """The generator (see `harness.generator.Generator`) of one OpenAI-compatible image endpoint.

    `announce(request, digest)` must have journalled durably when it returns; it is called before the first POST of a
    request with the sha256 of what is sent.
    """

    def __init__(
        self,
        ledger: SpendingLedger,
        *,
        announce: Announce,
        terms: SpendingTerms | None = None,
        environment: Environment | None = None,
        limits: DownloadLimits | None = None,
    ) -> None:
        self._ledger, self._announce, self._terms = ledger, announce, terms or SpendingTerms()
        self._environment, self._limits = environment or Environment(), limits or DownloadLimits()
        self._rule, self._fresh = RetryRule(), True
        self._session: _Opened | None = None

    def preflight(self, model: Model) -> None:
        """Check what can be known without a request: the SDK, the key's variable, settings, price, room under the cap.

        Raises MissingExtraError, ServiceError, SpendingError or HalflifeError.
        """
        require_sdk()
        Credential(remote_source(model).credential_env, self._environment.environ)
        check_settings(model)
        self._ledger.require_room(upper_bound(model, self._terms.assumed_usd), model.id)

    def open(self, model: Model) -> None:
        """Read the key and make the client; nothing is sent: a remote model has no loading to measure."""
        self.close()
        self.preflight(model)
        source = remote_source(model)
        credential = Credential(source.credential_env, self._environment.environ)
        client = OpenAIClient(source, credential, environment=self._environment, limits=self._limits)
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
            return from_error(RequestError(kind="unknown", reason=SUBMITTED_BEFORE), before.usd)
        if request.id in self._terms.submitted and not again:
            return from_error(RequestError(kind="unknown", reason=SUBMITTED_BEFORE), reservation.usd)
        call: CallKind = "first" if self._fresh else "steady"
        self._fresh = False
        outcome = self._attempt(session, request, reservation)
        return replace(scrubbed(outcome, session.credential), call=call)

    def _attempt(self, session: _Opened, request: Request, reservation: Reservation) -> Outcome:
        payload = image_request(request, session.source)
        try:
            self._announce(request, payload.digest(session.source))
        except BaseException:
            self._ledger.release(reservation)
            raise
        answer, waits = send(lambda: session.client.post(payload), self._rule, self._environment.timer.sleep)
        if isinstance(answer, RequestError):
            self._ledger.close(reservation, answer)
            return from_error(answer, reservation.usd)
        outcome = self._read(session, payload, answer, reservation)
        if waits and outcome.status == "ok":
            tries = {"tries": len(waits) + 1, "waited_s": sum(waits)}
            outcome = replace(outcome, provider_timings={**(outcome.provider_timings or {}), **tries})
        return outcome

    def _read(self, session: _Opened, payload: ImageRequest, http: HTTPReply, reservation: Reservation) -> Outcome:
        cost = BilledCost(reservation.usd, "estimate")
        try:
            reply = read_reply(http.body, http.headers, self._limits.picture_bytes)
            cost = self._cost(session.model, reply, reservation)
            delivery = self._fetch(session, reply)
            support = echoed_seed(payload.extra, reply)
            outcome = from_picture(delivery, http, reply, cost=cost, seed_support=support)
        except DeclinedError as declined:
            self._ledger.close(reservation, declined.error)
            return replace(from_error(declined.error, reservation.usd), request_id=request_id(http))
        except (ReplyError, DownloadError, PictureRefusedError) as error:
            outcome = from_bad_reply(error, http, cost)
        self._ledger.settle(reservation, cost.usd, cost.source)
        return outcome

    def _cost(self, model: Model, reply: MediaReply, reservation: Reservation) -> BilledCost:
        if reply.cost_usd is not None:
            return BilledCost(reply.cost_usd, "reported")
        return BilledCost(reservation.usd, "units-times-price" if model.price else "estimate")

    def _fetch(self, session: _Opened, reply: MediaReply) -> Delivery:
        timer = self._environment.timer
        began = timer.monotonic()
        data = reply.data if reply.data is not None else download(reply.url or "", session.fetching)
        seconds = 0.0 if reply.data is not None else timer.monotonic() - began
        return Delivery(data=data, picture=read_picture(data, self._limits.pixels), fetch_seconds=seconds)

    def _fetching(self, source: RemoteSource) -> Fetching:
        """Public https hosts, the hosts that the catalogue names, and the configured server itself where it is http."""
        local = [read_origin(source.base_url)] if source.base_url.startswith("http:") else []
        return Fetching(
            allowed=frozenset([*map(read_host_port, source.download_hosts), *local]),
            most_bytes=self._limits.picture_bytes,
            seconds=self._limits.download_seconds,
            environment=self._environment,
        )


def generator_for(context: RemoteContext) -> OpenAIImages:
    """Return the generator of a run's models."""
    return OpenAIImages(
        context.ledger, announce=context.request_log, terms=context.terms, environment=context.environment
    )
