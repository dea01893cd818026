"""LiteLLM's proxy and Portkey's gateway, each as a server of its own on our exports; `make test-gateways` runs them."""

import json
import os
import re
import secrets
import socket
import subprocess
import threading
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import pytest
from scipy.stats import binom

from leaderboard.routing.exports.litellm import litellm as litellm_config
from leaderboard.routing.exports.portkey import portkey as portkey_configs
from leaderboard.routing.table.model import RoutingTable

ROOT = Path(__file__).resolve().parents[2]
ENVIRONMENT = ROOT / ".venv-gateways"
PORTKEY = ENVIRONMENT / "node" / "node_modules" / "@portkey-ai" / "gateway" / "build" / "start-server.js"
MASTER = f"sk-{secrets.token_hex(16)}"
ALLOWED = {"authorization": f"Bearer {MASTER}"}
HERO, WORKHORSE = "image.photoreal.hero", "image.photoreal.workhorse"
pytestmark = pytest.mark.skipif(not os.environ.get("HALFLIFE_GATEWAYS"), reason="asked for by `make test-gateways`")


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


def ask(url, body=None, **headers):
    """Return the status and the JSON that a server answers (None for anything else), or None where nobody listens."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"content-type": "application/json", **headers})
    try:
        with urllib.request.urlopen(request, timeout=60) as reply:
            kind = reply.headers.get_content_type()
            return reply.status, json.loads(reply.read()) if kind == "application/json" else None
    except urllib.error.HTTPError as error:
        with error:
            return error.code, None
    except (urllib.error.URLError, ConnectionError):
        return None


@contextmanager
def running(command, ready, environment, log):
    """Run a server until the block ends; the block begins once it answers."""
    bare = {key: value for key, value in os.environ.items() if not key.lower().endswith("_proxy")}
    pause = threading.Event()
    with (
        log.open("w") as said,
        subprocess.Popen(
            command, stdout=said, stderr=subprocess.STDOUT, env=bare | environment, cwd=log.parent
        ) as process,
    ):
        try:
            for _ in range(600):
                if ask(ready) is not None:
                    break
                assert process.poll() is None, log.read_text()[-2000:]
                pause.wait(0.2)
            yield
        finally:
            process.kill()


@pytest.fixture(scope="module")
def proxy(table, environment, tmp_path_factory):
    """LiteLLM's proxy on an operator's own config that includes our export; the address."""
    folder = tmp_path_factory.mktemp("proxy")
    (folder / "config.yaml").write_text(litellm_config(RoutingTable.model_validate(table)).files["config.yaml"])
    (folder / "operator.yaml").write_text("include: [config.yaml]\n")
    port = free_port()
    command = [
        str(ENVIRONMENT / "bin" / "litellm"),
        "--config",
        str(folder / "operator.yaml"),
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
        "--telemetry",
        "False",
    ]
    url = f"http://127.0.0.1:{port}"
    more = {
        "LITELLM_MASTER_KEY": MASTER,
        "LITELLM_LOCAL_MODEL_COST_MAP": "True",
        "PATH": f"{ENVIRONMENT / 'bin'}{os.pathsep}{os.environ['PATH']}",
    }
    with running(command, f"{url}/health/liveliness", environment | more, folder / "log"):
        yield url


@pytest.fixture(scope="module")
def portkey(tmp_path_factory):
    """Portkey's gateway; the address."""
    port = free_port()
    url, command = f"http://127.0.0.1:{port}", ["node", str(PORTKEY), f"--port={port}", "--headless"]
    trusted = {"TRUSTED_CUSTOM_HOSTS": "127.0.0.1,localhost"}
    with running(command, url, trusted, tmp_path_factory.mktemp("portkey") / "log"):
        yield url


def config_of(table, alias, environment):
    """Return the header's value: the config of an alias with the variables put in, as a reader does."""
    content = json.loads(portkey_configs(RoutingTable.model_validate(table)).files[f"portkey/{alias}.json"])
    assert set(content["variables"]) <= set(environment)
    text = json.dumps(content["config"])
    return re.sub(r"\$\{(\w+)\}", lambda found: environment[found[1]], text)


def pictures(url, model, **headers):
    answer = ask(f"{url}/v1/images/generations", {"model": model, "prompt": "a house"}, **headers)
    assert answer is not None
    status, content = answer
    return status, len(content["data"]) if status == 200 else None


def test_litellms_proxy_says_revision_and_expiry(proxy, upstream, table):
    _, content = ask(f"{proxy}/model/info", **ALLOWED)
    found = {one["model_name"]: one["model_info"]["routing"] for one in content["data"]}
    assert found[HERO]["revision"] == table["revision"]
    assert found[HERO]["expires_at"] == table["expires_at"]


def test_litellms_proxy_shares_by_weight_and_falls_back(proxy, upstream):
    assert {pictures(proxy, HERO, **ALLOWED) for _ in range(60)} == {(200, 1)}
    assert binom.ppf(5e-7, 60, 0.3) <= upstream.asked["big-2"] <= binom.ppf(1 - 5e-7, 60, 0.3)
    upstream.failing.update({"big-1": 503, "big-2": 503})
    assert pictures(proxy, HERO, **ALLOWED) == (200, 1)
    assert upstream.asked["quick-1"] == 1


def test_portkey_shares_by_weight(portkey, upstream, table, environment):
    header = {"x-portkey-config": config_of(table, HERO, environment)}
    assert {pictures(portkey, HERO, **header) for _ in range(60)} == {(200, 1)}
    assert binom.ppf(5e-7, 60, 0.3) <= upstream.asked["big-2"] <= binom.ppf(1 - 5e-7, 60, 0.3)
    assert upstream.keys["big-1"] == f"Bearer {environment['BIG_KEY']}"


def test_portkey_falls_back_on_the_tables_status_codes_and_on_no_other(portkey, upstream, table, environment):
    header = {"x-portkey-config": config_of(table, WORKHORSE, environment)}
    upstream.failing["quick-1"] = 503
    assert pictures(portkey, WORKHORSE, **header) == (200, 1)
    assert upstream.asked["house-1"] == 1
    upstream.failing["quick-1"] = 400
    assert pictures(portkey, WORKHORSE, **header) == (400, None)
    assert upstream.asked["house-1"] == 1
