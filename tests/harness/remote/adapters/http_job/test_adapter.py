"""What the adapter does over several jobs, and to which hosts the key goes."""

from functools import partial
from typing import Any

import pytest

from benchmarks.provider_faults import contender, shipped
from benchmarks.provider_loopback import Fault, Loopback, reply
from data.vocabulary import Request
from harness.credential import Credential
from harness.generator import Job, RequestError
from harness.remote.adapters.http_job.adapter import HTTPJobs
from harness.remote.adapters.http_job.client import JobClient
from harness.remote.adapters.http_job.request import remote_source
from harness.remote.transport.environment import Environment

BFL = shipped()["bfl"]


class Surroundings:
    """All that the adapter takes of a run's context."""

    environment = Environment(environ={"BFL_API_KEY": "sk-planted-4711-Zebra"})


@pytest.fixture
def jobs() -> HTTPJobs:
    context: Any = Surroundings()
    return HTTPJobs(context, BFL)


def test_a_job_that_was_lost_makes_the_next_one_no_more_lost(jobs: HTTPJobs) -> None:
    with Loopback(BFL, Fault("vanished", "poll", lambda _: reply({}, 404))) as server:
        jobs.open(contender(BFL, server.base_url))
        lost, other = (Job(id=name, status_url=f"{server.origin}/named/status") for name in "ab")
        assert [jobs.poll(lost).progress for _ in range(5)] == [*["unreachable"] * 4, "lost"]
        assert jobs.poll(other).progress == "unreachable"
        jobs.close()


@pytest.mark.parametrize(
    ("named", "goes"),
    [
        ("https://api.us1.bfl.ai/v1/get_result?id=1", True),
        ("https://api.bfl.ai/v1/get_result?id=1", True),
        ("/v1/get_result?id=1", True),
        ("https://bfl.ai.evil.example/v1", False),
        ("https://evilbfl.ai/v1", False),
        ("http://api.us1.bfl.ai/v1", False),
        ("https://user@api.us1.bfl.ai/v1", False),
        ("https://api.us1.bfl.ai:8443/v1", False),
        ("http://169.254.169.254/latest", False),
        ("https://api.us1.bfl.ai/?key=sk-planted-4711-Zebra", False),
        (None, False),
    ],
)
def test_the_key_goes_to_the_provider_and_the_hosts_of_its_spec_alone(named: str | None, goes: bool) -> None:
    source, environment = remote_source(contender(BFL, "https://api.bfl.ai")), Surroundings.environment
    client = JobClient(BFL, source, Credential("BFL_API_KEY", environment.environ), environment)
    assert (client.trusted(named) is not None) == goes
    client.close()


def test_a_job_that_is_to_be_asked_about_elsewhere_is_unknown_and_gets_no_key(jobs: HTTPJobs) -> None:
    named = {"id": "j1", "polling_url": "https://evil.example/steal"}
    with Loopback(BFL, Fault("elsewhere", "submit", partial(lambda content, _: reply(content), named))) as server:
        model = contender(BFL, server.base_url)
        jobs.open(model)
        request = Request(
            id="r1", model=model.id, prompt="p1", text="a fox", category="one", seed=7, settings=model.settings
        )
        made = jobs.submit(request)
        jobs.close()
    assert isinstance(made, RequestError)
    assert (made.kind, made.request_id) == ("unknown", "j1")
    assert "at evil.example, which gets no key" in made.reason
