"""A load test of a remote deployment on loopback: what it forecasts, sends, keeps, pays and says."""

import io
import json
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer
from rich.console import Console
from werkzeug import Request, Response

from data.errors import HalflifeError, SpendingError
from data.home import Home
from data.load_tests import load_tests
from data.store.control import Control
from halflife.output.load import print_load
from halflife.workflows.load import LoadSpec, load_forecast, offer_load
from harness.budget import SpendingLedger
from leaderboard.reports.load_curve import knee, read_objective
from tests.halflife.painter import PICTURE, painter_at

GOOD = (200, {"created": 1, "data": [{"b64_json": PICTURE}]})
BUSY = (429, {"error": {"code": "rate_limit_exceeded", "message": "slow down"}})
REFUSED = (400, {"error": {"code": "moderation_blocked", "message": "no"}})
OBJECTIVE = read_objective("p50<30s")


@pytest.fixture
def spec(tmp_path: Path, httpserver: HTTPServer) -> LoadSpec:
    """Five requests after the warm-up, one after the other."""
    (tmp_path / "models.toml").write_text(painter_at(httpserver.url_for("/v1")))
    return LoadSpec(
        model="painter",
        suite="shapes",
        rates=(50.0,),
        seconds=0.1,
        kind="constant",
        objective=OBJECTIVE,
        lanes=1,
        cap_usd=1.0,
        device="cpu",
        catalogue=(tmp_path / "models.toml",),
    )


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


def answering(server: HTTPServer, *answers: tuple[int, object]) -> list[str]:
    """Let the server give those answers in turn, and return what it is asked."""
    turn, asked = iter(answers), list[str]()

    def answer(request: Request) -> Response:
        asked.append(request.get_json()["prompt"])
        status, content = next(turn)
        return Response(json.dumps(content), status=status, mimetype="application/json")

    server.expect_request("/v1/images/generations").respond_with_handler(answer)
    return asked


def test_statuses_stand_apart_and_everything_is_kept_and_paid(
    spec: LoadSpec, home: Home, httpserver: HTTPServer
) -> None:
    asked = answering(httpserver, GOOD, GOOD, BUSY, REFUSED, GOOD, GOOD)
    [seen] = offer_load(home, spec, threading.Event())
    assert (seen.counts, len(asked)) == ({"ok": 3, "busy": 1, "refused": 1}, 6)
    [kept] = load_tests(home).records()
    assert kept == seen.step
    assert [each.status for each in kept.arrivals] == ["ok", "busy", "refused", "ok", "ok"]
    spent = SpendingLedger(Control(home.control), run=spec.name, cap_usd=1.0).spent_usd()
    assert spent == pytest.approx(5 * 0.04)


def test_the_cap_ends_the_test(spec: LoadSpec, home: Home, httpserver: HTTPServer) -> None:
    asked = answering(httpserver, *[GOOD] * 6)
    [seen] = offer_load(home, replace(spec, cap_usd=0.13), threading.Event())
    assert (seen.step.stopped, len(asked)) == ("money", 3)
    assert seen.counts["not-sent"] == 3


@pytest.mark.parametrize("cap", [None, 0.01])
def test_nothing_is_sent_without_a_cap_that_holds_a_request(
    spec: LoadSpec, home: Home, httpserver: HTTPServer, cap: float | None
) -> None:
    asked = answering(httpserver, GOOD)
    with pytest.raises(SpendingError, match="Expected"):
        offer_load(home, replace(spec, cap_usd=cap), threading.Event())
    assert not asked


def test_the_rate_that_misses_the_objective_is_the_last(spec: LoadSpec, home: Home, httpserver: HTTPServer) -> None:
    answering(httpserver, *[GOOD] * 6, *[BUSY] * 40)
    rates = replace(spec, rates=(50.0, 100.0, 200.0), seconds=0.2, objective=read_objective("p30<30s"))
    summaries = offer_load(home, rates, threading.Event())
    assert [each.verdict for each in summaries][-1] == "missed"
    assert knee(summaries).below == summaries[-1].step.rate < 200
    console = Console(file=io.StringIO(), width=200)
    print_load(console, summaries, rates.objective)
    assert "missed from" in console.file.getvalue()


def test_a_forecast_counts_the_warm_up_and_sends_nothing(spec: LoadSpec, home: Home) -> None:
    expected = load_forecast(spec)
    assert (expected.requests, expected.most_usd) == (6, pytest.approx(0.24))
    assert not home.path.exists()


def test_a_trace_needs_its_file(spec: LoadSpec) -> None:
    with pytest.raises(HalflifeError, match="--trace"):
        load_forecast(replace(spec, kind="trace"))
