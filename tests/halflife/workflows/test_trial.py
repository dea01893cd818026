"""`halflife run --trial`: one request to each remote model, told in full, in no run and in no standings."""

import datetime as dt
import io
import threading
from pathlib import Path
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from rich.console import Console

from data.errors import HalflifeError, SpendingError
from data.home import Home
from data.runs import runs
from data.store.control import Control
from halflife.output.trial import show
from halflife.workflows.run_spec import RunSpec
from halflife.workflows.trial import Trial, trials
from tests.halflife.painter import PICTURE, painter_at

DAY = dt.date(2026, 11, 20)
ENVIRON = {"STUDIO_KEY": "sk-planted-4711", "HTTP_PROXY": "http://me:s3cret@proxy:3128"}


class Bench:
    """A home, a catalogue with one model at a server, and what its trial came to."""

    def __init__(self, folder: Path, server: HTTPServer) -> None:
        self.home, self.server, self.file = Home(folder / "home"), server, folder / "models.toml"

    def tried(self, *, base: str | None = None, model: str = "painter", cap: float | None = 1.0) -> Trial:
        self.file.write_text(painter_at(base or self.server.url_for("/v1"), credential_env="STUDIO_KEY"))
        spec = RunSpec(suite="shapes", models=(model,), day=DAY, cap_usd=cap, catalogue=(self.file,))
        [trial] = trials(self.home, spec, threading.Event(), environ=ENVIRON)
        return trial

    @property
    def reservations(self) -> list[tuple[str, float]]:
        with Control(self.home.control).reading() as db:
            rows = db.execute("SELECT state, settled_ticks / 1e10 AS usd FROM reservations").fetchall()
        return [(row["state"], row["usd"]) for row in rows]


@pytest.fixture
def bench(tmp_path: Path, httpserver: HTTPServer) -> Bench:
    return Bench(tmp_path, httpserver)


def printed(trial: Trial) -> str:
    console = Console(width=200, record=True, file=io.StringIO())
    show(console, [trial])
    return console.export_text()


def answering(bench: Bench, content: Any, status: int = 200) -> None:
    bench.server.expect_request("/v1/images/generations").respond_with_json(content, status=status)


def test_a_picture_is_told_with_url_status_cost_and_size_and_is_in_no_run(bench: Bench) -> None:
    answering(bench, {"data": [{"b64_json": PICTURE}]})
    trial = bench.tried()
    text = printed(trial)
    assert trial.good
    assert (trial.url, trial.status) == (bench.server.url_for("/v1/images/generations"), 200)
    for words in (trial.url or "", "200", "$0.040 (units-times-price)", "1 × 1, asked for 64 × 64"):
        assert words in text
    assert (runs(bench.home), bench.reservations) == ([], [("settled", 0.04)])


@pytest.mark.parametrize(
    ("status", "content", "words"),
    [
        (401, {"error": {"message": "Incorrect API key"}}, "environment variable STUDIO_KEY: Incorrect API key"),
        (404, {"detail": "Not Found"}, "404: Not Found (asked: http"),
        (429, {"error": {"message": "Slow down"}}, "429, still busy: Slow down"),
        (402, {"error": {"message": "Insufficient credits"}}, "402: Insufficient credits"),
    ],
)
def test_what_a_server_declines_is_told_in_its_words_after_one_request_and_is_free(
    bench: Bench, status: int, content: Any, words: str
) -> None:
    answering(bench, content, status)
    trial = bench.tried()
    assert (trial.good, trial.status, len(bench.server.log)) == (False, status, 1)
    assert words in printed(trial)
    assert bench.reservations == [("released", 0.0)]


def test_no_reply_and_an_unused_proxy_are_told_without_its_password(bench: Bench) -> None:
    trial = bench.tried(base="http://127.0.0.1:1/v1")
    text = printed(trial)
    assert "status  no reply" in text
    assert "The proxy of HTTP_PROXY is not used" in text
    assert "s3cret" not in text


def test_a_trial_needs_a_cap_and_a_remote_model(bench: Bench) -> None:
    with pytest.raises(SpendingError, match="Expected a cap"):
        bench.tried(cap=None)
    with pytest.raises(SpendingError, match="Expected at most"):
        bench.tried(cap=0.01)
    with pytest.raises(HalflifeError, match="Expected a remote model to try"):
        bench.tried(model="shapes-flash")


def test_two_trials_may_follow_each_other(bench: Bench) -> None:
    answering(bench, {"data": [{"b64_json": PICTURE}]})
    assert bench.tried().good
    assert bench.tried().good
    assert len(bench.reservations) == 2
