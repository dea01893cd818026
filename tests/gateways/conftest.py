"""Real readers of our exports in an environment of their own, and a server on loopback that they call."""

import copy
import json
import os
import subprocess
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from leaderboard.routing.revision import sealed

ROOT = Path(__file__).resolve().parents[2]
PYTHON = ROOT / ".venv-gateways" / "bin" / "python"
READERS = Path(__file__).parent / "readers"
TABLE = ROOT / "tests" / "leaderboard" / "routing" / "golden" / "table.json"
KEYS = {"BIG_KEY": "the-value-of-big", "QUICK_KEY": "the-value-of-quick"}
PICTURE = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC"


class Upstream:
    """A server that speaks as much of OpenAI's protocol as the readers ask, and counts who was asked."""

    def __init__(self) -> None:
        self.asked: Counter[str] = Counter()
        self.keys: dict[str, str] = {}
        self.failing: dict[str, int] = {}
        self.asks_for_no_retry = True
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length", 0)))
                model = outer.model_in(body)
                outer.asked[model] += 1
                outer.keys[model] = self.headers.get("authorization", "")
                code = outer.failing.get(model, outer.failing.get("*", 200))
                self.reply(code, outer.answer(self.path) if code == 200 else {"error": {"message": "out of order"}})

            def reply(self, code: int, content: Any) -> None:
                data = json.dumps(content).encode()
                self.send_response(code)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(data)))
                if code != 200 and outer.asks_for_no_retry:
                    # OpenAI's client obeys; without it each failure costs seconds of its waiting.
                    self.send_header("x-should-retry", "false")
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self.thread.start()

    @staticmethod
    def model_in(body: bytes) -> str:
        """Return which model a body asks for: JSON, or a form's part."""
        if body.startswith(b"{"):
            return str(json.loads(body).get("model", "?"))
        after = body.partition(b'name="model"')[2].split(b"\r\n")
        return after[2].decode() if len(after) > 2 else "?"

    @staticmethod
    def answer(path: str) -> dict[str, Any]:
        """Return a video's job or one picture."""
        if path.endswith("/videos"):
            return {"id": "video_1", "object": "video", "status": "queued", "created_at": 1, "model": "m"}
        return {"created": 1, "data": [{"b64_json": PICTURE}]}

    def forget(self) -> None:
        """Begin anew: nobody was asked, nobody fails."""
        self.asked.clear()
        self.keys.clear()
        self.failing.clear()
        self.asks_for_no_retry = True


class Reader:
    """A reader in its own process; `ask` sends it a command and returns the answer."""

    def __init__(self, script: str, folder: Path, environment: dict[str, str]) -> None:
        if not PYTHON.exists():
            pytest.fail(f"Expected the gateways' environment in {PYTHON.parents[1]}, got none. Run: make gateways")
        self.said = (folder / f"{script}.log").open("w+")
        bare = {key: value for key, value in os.environ.items() if not key.lower().endswith("_proxy")}
        self.process = subprocess.Popen(
            [str(PYTHON), "-W", "ignore", str(READERS / script)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.said,
            text=True,
            env=bare | environment,
            cwd=READERS,
        )

    def ask(self, do: str, **arguments: Any) -> Any:
        """Return the answer to a command; the test fails, with what it said last, where the reader ended."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        print(json.dumps({"do": do, **arguments}), file=self.process.stdin, flush=True)
        line = self.process.stdout.readline()
        if not line:
            self.said.seek(0)
            pytest.fail(f"The reader ended. {self.said.read()[-1000:]}")
        return json.loads(line)

    def end(self) -> None:
        """End the process."""
        with self.said, self.process:
            self.process.kill()


@pytest.fixture(scope="session")
def server() -> Iterator[Upstream]:
    upstream = Upstream()
    yield upstream
    upstream.server.shutdown()
    upstream.server.server_close()
    upstream.thread.join()


@pytest.fixture
def upstream(server: Upstream) -> Upstream:
    """The server that every deployment of the table leads to."""
    server.forget()
    return server


@pytest.fixture(scope="session")
def table(server: Upstream) -> dict[str, Any]:
    """The table of the golden tests, its endpoints on loopback."""
    text = TABLE.read_text()
    for name in ("images.example", "pictures.example/api"):
        text = text.replace(f"https://{name}", server.url)
    return sealed(json.loads(text))


@pytest.fixture
def changed(table: dict[str, Any]) -> Callable[[Callable[[dict[str, Any]], Any]], dict[str, Any]]:
    """Return the table after a change, sealed again."""

    def change(how: Callable[[dict[str, Any]], Any]) -> dict[str, Any]:
        other = copy.deepcopy(table)
        how(other)
        return sealed(other)

    return change


@pytest.fixture(scope="session")
def environment(server: Upstream) -> dict[str, str]:
    """What an operator sets: the keys, and where local models are served."""
    return KEYS | {"HALFLIFE_LOCAL_BASE_URL": f"{server.url}/v1"}


@pytest.fixture(scope="session")
def litellm(tmp_path_factory: pytest.TempPathFactory, environment: dict[str, str]) -> Iterator[Reader]:
    """LiteLLM's Router, started once."""
    reader = Reader("litellm_router.py", tmp_path_factory.mktemp("litellm"), environment)
    yield reader
    reader.end()


@pytest.fixture(scope="session")
def flagd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    """flagd's in-process provider, started once."""
    reader = Reader("flagd_provider.py", tmp_path_factory.mktemp("flagd"), {})
    yield reader
    reader.end()
