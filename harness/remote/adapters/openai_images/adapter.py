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
from urllib.parse import urljoin

from data.vocabulary import CallKind, Model, RemoteSource, Request
from harness.budget import Reservation, SpendingLedger, SubmittedBeforeError, upper_bound
from harness.credential import Credential
from harness.generator import LeftError, Outcome, RequestError
from harness.remote.adapters.openai_images.client import DownloadLimits, OpenAIClient, require_sdk
from harness.remote.adapters.openai_images.request import ImageRequest, check_settings, image_request, remote_source
from harness.remote.adapters.openai_images.response import read_reply, status_url
from harness.remote.context import SUBMITTED_BEFORE, RemoteContext, SpendingTerms
from harness.remote.outcomes import (
    BilledCost,
    Delivery,
    echoed_seed,
    from_bad_reply,
    from_error,
    from_flagged,
    from_picture,
    request_id,
    scrubbed,
)
from harness.remote.reply import DeclinedError, HTTPReply, MediaReply, ReplyError, TaskReplyError
from harness.remote.retries import RetryRule, send
from harness.remote.transport.download import DownloadError, Fetching, download
from harness.remote.transport.environment import Environment
from harness.remote.transport.image_header import PictureRefusedError, read_picture
from harness.remote.transport.ssrf import read_host_port, read_origin

FIRST_POLL_SECONDS, LONGEST_POLL_SECONDS = 1.0, 10.0

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
    request with the sha256 of what is sent. `withdraw(request)` takes that back: it was declined, and nothing was made.
    """

    def __init__(
        self,
        ledger: SpendingLedger,
        *,
        announce: Announce,
        withdraw: Callable[[Request], None],
        terms: SpendingTerms | None = None,
        environment: Environment | None = None,
        limits: DownloadLimits | None = None,
        rule: RetryRule | None = None,
    ) -> None:
        self._ledger, self._announce, self._withdraw = ledger, announce, withdraw
        self._terms = terms or SpendingTerms()
        self._environment, self._limits = environment or Environment(), limits or DownloadLimits()
        self._rule, self._fresh = rule or RetryRule(), True
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
        try:
            answer, waits = send(lambda: session.client.post(payload), self._rule, self._environment)
        except LeftError as left:
            self._withdraw(request)
            self._ledger.release(reservation)
            raise LeftError(session.credential.scrub(left.reason)) from None
        if isinstance(answer, RequestError):
            self._ledger.close(reservation, answer)
            return from_error(answer, reservation.usd)
        outcome = self._read(session, payload, answer, reservation)
        if waits and outcome.status == "ok":
            tries = {"tries": len(waits) + 1, "waited_s": sum(waits)}
            outcome = replace(outcome, provider_timings={**(outcome.provider_timings or {}), **tries})
        return outcome

    def _read(self, session: _Opened, payload: ImageRequest, http: HTTPReply, reservation: Reservation) -> Outcome:
        try:
            reply = self._reply(session, http)
        except DeclinedError as declined:
            self._ledger.close(reservation, declined.error)
            return replace(from_error(declined.error, reservation.usd), request_id=request_id(http))
        except TaskReplyError as accepted:
            return from_error(
                RequestError(kind="unknown", reason=str(accepted), request_id=accepted.task), reservation.usd
            )
        except ReplyError as error:
            cost = BilledCost(reservation.usd, "estimate")
            self._ledger.settle(reservation, cost.usd, cost.source)
            return from_bad_reply(error, http, cost, http.body)
        cost = self._cost(session.model, reply, reservation)
        outcome = self._delivered(session, payload, http, reply, cost=cost)
        self._ledger.settle(reservation, cost.usd, cost.source)
        return outcome

    def _reply(self, session: _Opened, http: HTTPReply) -> MediaReply:
        """Read the reply; where it names a task whose status can be asked for, what the task made."""
        try:
            return read_reply(http.body, http.headers, self._limits.picture_bytes)
        except TaskReplyError as accepted:
            url = status_url(http, session.source.base_url)
            if url is None:
                raise
            return self._awaited(session, accepted, url)

    def _awaited(self, session: _Opened, accepted: TaskReplyError, url: str) -> MediaReply:
        """Ask for a task until it ends or the model's time limit is over; TaskReplyError where it made no picture."""
        timer, wait = self._environment.timer, FIRST_POLL_SECONDS
        ends = timer.monotonic() + session.source.timeout_s
        while timer.monotonic() < ends:
            status = session.client.get(url)
            if status is None:
                break
            try:
                return read_reply(status.body, status.headers, self._limits.picture_bytes)
            except TaskReplyError:
                pass
            except ReplyError:
                break
            timer.sleep(min(wait, LONGEST_POLL_SECONDS))
            if self._environment.stop.is_set():
                break
            wait *= 2
        raise accepted

    def _delivered(
        self, session: _Opened, payload: ImageRequest, http: HTTPReply, reply: MediaReply, *, cost: BilledCost
    ) -> Outcome:
        try:
            data, seconds = self._fetch(session, reply)
        except DownloadError as error:
            return from_bad_reply(error, http, cost, None)
        if reply.refusal is not None:
            return from_flagged(reply.refusal, data, http, cost)
        try:
            picture = read_picture(data, self._limits.pixels)
        except PictureRefusedError as error:
            return from_bad_reply(error, http, cost, data)
        delivery = Delivery(data=data, picture=picture, fetch_seconds=seconds)
        return from_picture(delivery, http, reply, cost=cost, seed_support=echoed_seed(payload.extra, reply))

    def _cost(self, model: Model, reply: MediaReply, reservation: Reservation) -> BilledCost:
        """What the provider reports, else units × price; gateways that do not know a price report 0 (LiteLLM)."""
        price = model.price
        if reply.cost_usd is not None and (reply.cost_usd > 0 or price is None or price.usd == 0):
            return BilledCost(reply.cost_usd, "reported")
        if price is None:
            return BilledCost(reservation.usd, "estimate")
        units = reply.billed_units if reply.billed_units is not None and price.unit == "image" else 1.0
        return BilledCost(price.usd * units, "units-times-price")

    def _fetch(self, session: _Opened, reply: MediaReply) -> tuple[bytes, float]:
        """The picture's bytes and the seconds that their download took; a URL may be relative to `base_url`."""
        if reply.data is not None:
            return reply.data, 0.0
        timer = self._environment.timer
        began = timer.monotonic()
        url = urljoin(f"{session.source.base_url.rstrip('/')}/", reply.url or "")
        return download(url, session.fetching), timer.monotonic() - began

    def _fetching(self, source: RemoteSource) -> Fetching:
        """Public https hosts, the hosts that the catalogue names, and the configured server itself."""
        return Fetching(
            allowed=frozenset([*map(read_host_port, source.download_hosts), read_origin(source.base_url)]),
            most_bytes=self._limits.picture_bytes,
            seconds=self._limits.download_seconds,
            environment=self._environment,
        )


def generator_for(context: RemoteContext) -> OpenAIImages:
    """Return the generator of a run's models."""
    log = context.request_log
    return OpenAIImages(
        context.ledger,
        announce=log,
        withdraw=log.planned,
        terms=context.terms,
        environment=context.environment,
        rule=context.rule,
    )
