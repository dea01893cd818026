"""A run against a server that does everything wrong: each sample has a status and a reason, and the run goes on."""

import base64
import json
import threading
from dataclasses import replace
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from data.errors import SpendingError
from data.home import Home
from data.media import MediaStore
from data.runs import RunFolder
from data.store.control import Control
from data.vocabulary import Machine, Prompt, Suite
from harness.execution import Assignment, ExecutionSummary, execute
from harness.plan import expand
from harness.remote.context import RemoteContext, SpendingTerms
from harness.remote.registry import open_adapter
from harness.remote.transport.environment import Environment
from harness.request_log import RequestLog

FAULTS = {
    "fine": "ok",
    "html": "failed",
    "wrong type": "failed",
    "bomb": "failed",
    "private redirect": "failed",
    "silence": "timed-out",
    "401": "failed",
    "404": "failed",
    "500": "unknown",
    "policy": "refused",
    "fine again": "ok",
}


class Provider:
    """Answers by the prompt's text, and counts."""

    def __init__(self, studio: Any, url: str) -> None:
        self.studio, self.url, self.asked = studio, url, list[str]()
        self.decline: tuple[int, str] | None = None

    def __call__(self, request: Request) -> Response:
        prompt = json.loads(request.data)["prompt"]
        self.asked.append(prompt)
        if self.decline is not None:
            return self._json({"error": {"message": self.decline[1]}}, self.decline[0])
        answer = getattr(self, "_" + prompt.split()[0], None)
        return answer() if answer else self._status(prompt)

    def _json(self, content: Any, status: int = 200) -> Response:
        return Response(json.dumps(content), status=status, content_type="application/json")

    def _picture(self, data: bytes) -> Response:
        return self._json({"created": 1, "data": [{"b64_json": base64.b64encode(data).decode()}]})

    def _fine(self) -> Response:
        return self._picture(self.studio.picture())

    def _html(self) -> Response:
        return Response("<html>hello</html>", content_type="text/html")

    def _wrong(self) -> Response:
        return self._picture(b"%PDF-1.7")

    def _bomb(self) -> Response:
        return self._picture(self.studio.bomb())

    def _private(self) -> Response:
        return self._json({"created": 1, "data": [{"url": self.url + "away"}]})

    def _silence(self) -> Response:
        """Forty seconds pass between each two reads of a reply that takes several."""
        self.studio.clock.step = 40.0
        return self._picture(self.studio.picture() + bytes(500_000))

    def _policy(self) -> Response:
        return self._json({"error": {"code": "moderation_blocked", "message": "no"}}, 400)

    def _status(self, prompt: str) -> Response:
        return self._json({"error": {"message": f"Bearer {self.studio.secret}"}}, int(prompt))


@pytest.fixture
def provider(studio: Any, httpserver: HTTPServer) -> Provider:
    made = Provider(studio, httpserver.url_for("/"))
    httpserver.expect_request("/v1/images/generations").respond_with_handler(made)
    moved = {"Location": "http://10.0.0.1/a.png"}
    httpserver.expect_request("/away").respond_with_data(b"", status=302, headers=moved)
    return made


@pytest.fixture
def remote_run(home: Home, suite: Suite, machine: Machine, studio: Any, provider: Provider) -> RunFolder:
    prompts = tuple(Prompt(id=f"p{i}", text=text, category="x") for i, text in enumerate(FAULTS))
    model = studio.contender(provider.url + "v1", timeout_s=60.0)
    day, now = model.released, studio.clock.now()
    suite = replace(suite, prompts=prompts)
    return RunFolder.create(
        home, expand(suite, [model], seeds=(0,), calendar="live", day=day, machine=machine, created_at=now)
    )


class Announcing(RequestLog):
    """A request log after which time stands still again."""

    def __init__(self, run: RunFolder, studio: Any) -> None:
        super().__init__(run)
        self._studio = studio

    def __call__(self, request: Any, request_digest: str) -> None:
        self._studio.clock.step = 0.0
        super().__call__(request, request_digest)


def carry_out(
    run: RunFolder,
    home: Home,
    studio: Any,
    progress: Any,
    *,
    cap: float = 1.0,
    terms: SpendingTerms | None = None,
    stop: threading.Event | None = None,
    **share: Any,
) -> ExecutionSummary:
    with Announcing(run, studio) as request_log:
        media = MediaStore(home.media)
        context = RemoteContext.of(
            run, Control(home.control), cap_usd=cap, media=media, request_log=request_log, terms=terms
        )
        stop = stop or threading.Event()
        environment = Environment(timer=studio.clock, environ=studio.environ, stop=stop)
        context = replace(context, environment=environment)
        return execute(
            run, media, lambda model: open_adapter(model, context), progress, stop=stop, assignment=Assignment(**share)
        )


def test_every_fault_is_a_status_and_a_reason_and_the_run_goes_on(
    remote_run: RunFolder, home: Home, studio: Any, progress: Any, provider: Provider
) -> None:
    summary = carry_out(remote_run, home, studio, progress)
    by_prompt = {request.id: request.text for request in remote_run.plan.requests}
    samples = {by_prompt[name]: sample for name, sample in remote_run.samples().items()}
    assert {text: sample.status for text, sample in samples.items()} == FAULTS
    assert all(sample.reason for text, sample in samples.items() if FAULTS[text] != "ok")
    assert summary.left == 0
    assert sum(sample.cost_usd or 0 for sample in samples.values()) == pytest.approx(9 * 0.04)


def test_no_billable_request_is_ever_sent_twice_however_often_the_run_is_resumed(
    remote_run: RunFolder, home: Home, studio: Any, progress: Any, provider: Provider
) -> None:
    every = frozenset({"unknown", "timed-out", "failed", "refused", "ok"})
    carry_out(remote_run, home, studio, progress)
    carry_out(remote_run, home, studio, progress)
    carry_out(remote_run, home, studio, progress, again=every)
    free = {"401", "404"}
    asked = [text for text in provider.asked if text not in free]
    assert sorted(asked) == sorted(set(FAULTS) - free)


def test_nothing_that_a_run_writes_holds_the_secret(
    remote_run: RunFolder, home: Home, studio: Any, progress: Any
) -> None:
    carry_out(remote_run, home, studio, progress)
    written = [path for path in home.path.rglob("*") if path.is_file()]
    assert len(written) > 4
    assert not [path for path in written if studio.secret.encode() in path.read_bytes()]


def test_the_cap_ends_the_command_and_a_higher_one_goes_on_from_there(
    remote_run: RunFolder, home: Home, studio: Any, progress: Any, provider: Provider
) -> None:
    with pytest.raises(SpendingError, match=r"Expected at most \$0.1 spent") as caught:
        carry_out(remote_run, home, studio, progress, cap=0.1)
    made = len(remote_run.samples())
    assert str(caught.value).endswith(f"Left of painter: {len(FAULTS) - made}.")
    assert 0 < made < len(FAULTS)
    assert len(remote_run.intents()) == made
    carry_out(remote_run, home, studio, progress, cap=1.0)
    assert len(remote_run.samples()) == len(FAULTS)


def test_an_intent_without_a_sample_is_unknown_until_the_user_says_so(
    remote_run: RunFolder, home: Home, studio: Any, progress: Any, provider: Provider
) -> None:
    crashed = next(request for request in remote_run.plan.requests if request.text == "fine")
    with RequestLog(remote_run) as request_log:
        request_log(crashed, "0" * 64)
    carry_out(remote_run, home, studio, progress)
    assert remote_run.samples()[crashed.id].status == "unknown"
    assert "fine" not in provider.asked
    again = frozenset({"unknown"})
    carry_out(remote_run, home, studio, progress, terms=SpendingTerms(resend_unknown=True), again=again)
    assert remote_run.samples()[crashed.id].status == "ok"
    assert provider.asked.count("fine") == 1


def test_an_empty_account_is_asked_three_times_and_the_rest_is_free(
    remote_run: RunFolder, home: Home, studio: Any, progress: Any, provider: Provider
) -> None:
    provider.decline = (402, "Insufficient credits")
    summary = carry_out(remote_run, home, studio, progress)
    samples = list(remote_run.samples().values())
    assert (len(provider.asked), len(samples), summary.left) == (3, len(FAULTS), 0)
    assert summary.declined == {"painter": "402: Insufficient credits"}
    assert {sample.cost_usd for sample in samples} == {0.0}
    assert sum("Not sent" in (sample.reason or "") for sample in samples) == len(FAULTS) - 3


def test_a_declined_request_stays_planned_when_the_run_is_stopped(
    remote_run: RunFolder, home: Home, studio: Any, progress: Any, provider: Provider
) -> None:
    stop = threading.Event()
    provider.decline, studio.clock.on_wait = (429, "Slow down."), stop.set
    summary = carry_out(remote_run, home, studio, progress, stop=stop)
    assert (summary.stopped, summary.left, remote_run.samples()) == (True, len(FAULTS), {})
    provider.decline, studio.clock.on_wait = None, lambda: None
    carry_out(remote_run, home, studio, progress)
    samples = {sample.prompt: sample.status for sample in remote_run.samples().values()}
    assert samples == {f"p{number}": status for number, status in enumerate(FAULTS.values())}


def test_a_declined_request_that_outlasts_its_tries_stays_planned_and_free(
    remote_run: RunFolder, home: Home, studio: Any, progress: Any, provider: Provider
) -> None:
    provider.decline = (429, "Slow down.")
    summary = carry_out(remote_run, home, studio, progress)
    assert (summary.left, len(provider.asked), remote_run.samples()) == (len(FAULTS), 4, {})
    assert summary.postponed["painter"].startswith("Declined 4 times, and planned as before. 429")
    provider.decline = None
    assert carry_out(remote_run, home, studio, progress).left == 0
    assert provider.asked.count(provider.asked[0]) == 5


def test_several_at_once_are_asked_once_each_and_stay_under_the_cap(
    home: Home, suite: Suite, machine: Machine, studio: Any, progress: Any, provider: Provider
) -> None:
    prompts = tuple(Prompt(id=f"p{i}", text=f"fine {i}", category="x") for i in range(9))
    model = studio.contender(provider.url + "v1", timeout_s=60.0, in_flight=3)
    expanded = expand(
        replace(suite, prompts=prompts),
        [model],
        seeds=(0,),
        calendar="live",
        day=model.released,
        machine=machine,
        created_at=studio.clock.now(),
    )
    run = RunFolder.create(home, expanded)
    with pytest.raises(SpendingError, match="Left of painter: 4"):
        carry_out(run, home, studio, progress, cap=0.2)
    assert len(provider.asked) == len(run.samples()) == 5
    assert carry_out(run, home, studio, progress, cap=0.36).left == 0
    assert sorted(provider.asked) == sorted(prompt.text for prompt in prompts)


def test_a_wait_of_hours_leaves_the_model_and_says_so(
    remote_run: RunFolder, home: Home, studio: Any, progress: Any, provider: Provider
) -> None:
    provider.decline = (429, "Daily limit. Please try again in 5h30m")
    summary = carry_out(remote_run, home, studio, progress)
    assert (summary.stopped, summary.left, len(provider.asked)) == (False, len(FAULTS), 1)
    assert summary.postponed["painter"].startswith("The provider asks to come back in 5 h 30 min. 429")
    assert studio.clock.waits == []
