"""The table over HTTP, asked by a real client of a real server on loopback."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from contextlib import contextmanager
from pathlib import Path

import pytest
import uvicorn

from data.errors import ServiceError
from leaderboard.routing.revision import revision_of, sealed
from leaderboard.routing.serving.http import application, serve
from leaderboard.routing.serving.publish import publish as publish_table
from leaderboard.routing.table.model import RoutingTable

ROOT = Path(__file__).parents[4]
ID = "shapes.replayed"
LASTING = {"expires_at": "2199-01-01T00:00:00Z", "stale_after": "2198-01-01T00:00:00Z"}


def lasting(table):
    return sealed({**table, **LASTING, "not_before": "2026-01-01T00:00:00Z"})


def publish(content, folder):
    return publish_table(RoutingTable.model_validate(content), folder)


def following(table, before):
    return sealed(table | {"serial": before.serial + 1, "previous_revision": before.revision})


@contextmanager
def running(folder):
    """Serve a folder and yield a function that asks: method, path, headers → status, headers, body."""
    server = uvicorn.Server(uvicorn.Config(application(folder), log_level="warning", lifespan="off"))
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()

        def ask(path, method="GET", **headers):
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
            connection.request(method, path, headers={k.replace("_", "-"): v for k, v in headers.items()})
            reply = connection.getresponse()
            answer = reply.status, dict(reply.getheaders()), reply.read()
            connection.close()
            return answer

        try:
            yield ask
        finally:
            server.should_exit = True
            thread.join()


@pytest.fixture
def served(table, tmp_path):
    publish(lasting(table), tmp_path)
    with running(tmp_path) as ask:
        yield ask


def test_the_current_table_has_its_revision_as_a_strong_etag_and_a_lifetime(served, table):
    status, headers, body = served(f"/routing/{ID}/current.json")
    assert (status, headers["content-type"]) == (200, "application/json")
    assert json.loads(body) == lasting(table)
    assert headers["etag"] == f'"{lasting(table)["revision"]}"'
    assert headers["cache-control"] == f"max-age={table['poll_interval_s']}"


@pytest.mark.parametrize("form", ["{}", "W/{}", '"other", {}', "*"])
def test_who_has_it_already_is_told_so_without_the_table(served, form):
    etag = served(f"/routing/{ID}/current.json")[1]["etag"]
    status, headers, body = served(f"/routing/{ID}/current.json", if_none_match=form.format(etag))
    assert (status, headers["etag"], body) == (304, etag, b"")


def test_who_has_another_gets_this_one(served):
    assert served(f"/routing/{ID}/current.json", if_none_match='"sha256:0"')[0] == 200


def test_a_table_by_its_hash_never_changes(served, table):
    name = lasting(table)["revision"].removeprefix("sha256:")
    status, headers, body = served(f"/routing/{ID}/tables/{name}.json")
    assert (status, json.loads(body)["serial"]) == (200, 1)
    assert "immutable" in headers["cache-control"]


@pytest.mark.parametrize(
    "path",
    [
        f"/routing/{ID}/tables/0000.json",
        f"/routing/{ID}/tables/" + "0" * 64 + ".json",
        f"/routing/{ID}/tables/..%2fcurrent.json",
        f"/routing/{ID}/tables/%2e%2e%2f.publishing.lock",
        f"/routing/{ID}/current.sig",
        "/routing/current.sig",
        "/routing/other.live/current.json",
        "/routing/%2e%2e/current.json",
        f"/routing/..%2f{ID}/current.json",
        f"/routing/{ID}/.publishing.lock",
        "/routing/tables/" + "0" * 64 + ".json",
        "/",
    ],
)
def test_there_is_nothing_else_to_get(served, path):
    assert served(path)[0] == 404


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_nobody_can_write(served, method):
    for path in (f"/routing/{ID}/current.json", "/healthz", f"/routing/{ID}/tables/" + "0" * 64 + ".json"):
        assert served(path, method=method)[0] == 405


def test_head_says_what_get_would(served):
    status, headers, body = served(f"/routing/{ID}/current.json", method="HEAD")
    assert (status, body) == (200, b"")
    assert headers["etag"] == served(f"/routing/{ID}/current.json")[1]["etag"]


def test_health_says_what_is_served_and_how_old_it_is(served, table):
    status, _, body = served("/healthz")
    said = json.loads(body)
    assert (status, said["status"]) == (200, "fresh")
    assert (said["tables"][ID]["serial"], said["tables"][ID]["revision"]) == (1, lasting(table)["revision"])


def test_an_expired_table_is_served_and_health_says_so(table, tmp_path):
    publish(
        sealed(
            {
                **table,
                "not_before": "2019-01-01T00:00:00Z",
                "stale_after": "2020-01-01T00:00:00Z",
                "expires_at": "2020-01-01T00:00:00Z",
            }
        ),
        tmp_path,
    )
    with running(tmp_path) as ask:
        assert ask(f"/routing/{ID}/current.json")[0] == 200
        status, _, body = ask("/healthz")
    assert (status, json.loads(body)["status"]) == (503, "expired")


def test_before_the_first_table_there_is_none(tmp_path):
    with running(tmp_path) as ask:
        paths = ("/routing/current.json", f"/routing/{ID}/current.json", "/routing/current.sig", "/healthz")
        assert [ask(path)[0] for path in paths] == [404, 404, 404, 503]
        assert json.loads(ask("/routing/")[2]) == {"tables": []}
        assert "Run `halflife routes publish`" in json.loads(ask("/routing/current.json")[2])["error"]


def test_a_table_that_was_edited_is_not_served_and_the_last_whole_one_is(served, tmp_path):
    path = tmp_path / ID / "current.json"
    path.write_text(path.read_text().replace('"poll_interval_s": 300', '"poll_interval_s": 301'))
    status, _, body = served(f"/routing/{ID}/current.json")
    assert (status, json.loads(body)["poll_interval_s"]) == (200, 300)
    assert json.loads(served("/healthz")[2])["status"] == "broken"


def test_an_older_table_put_in_place_by_hand_is_not_served(served, table, tmp_path):
    first = (tmp_path / ID / "current.json").read_bytes()
    before = json.loads(first)
    publish(sealed(before | {"serial": 2, "previous_revision": before["revision"]}), tmp_path)
    assert json.loads(served(f"/routing/{ID}/current.json")[2])["serial"] == 2
    (tmp_path / ID / "current.json").write_bytes(first)
    assert json.loads(served(f"/routing/{ID}/current.json")[2])["serial"] == 2


def test_a_reader_that_polls_sees_whole_tables_that_never_grow_older(table, tmp_path):
    now, seen, wrong, done = publish(lasting(table), tmp_path), [], [], threading.Event()
    with running(tmp_path) as ask:

        def poll():
            etag = ""
            while not done.is_set():
                status, headers, body = ask(f"/routing/{ID}/current.json", if_none_match=etag)
                if status == 200:
                    content, etag = json.loads(body), headers["etag"]
                    (seen if content["revision"] == revision_of(content) else wrong).append(content["serial"])
                elif status != 304:
                    wrong.append(status)

        reader = threading.Thread(target=poll)
        reader.start()
        try:
            for _ in range(20):
                now = publish(following(lasting(table), now), tmp_path)
        finally:
            done.set()
            reader.join()
    assert wrong == []
    assert seen == sorted(seen)
    assert len(set(seen)) > 3


def test_the_only_table_is_also_the_current_one(served):
    assert served("/routing/current.json")[1:] == served(f"/routing/{ID}/current.json")[1:]


@pytest.fixture
def two(table, tmp_path):
    publish(lasting(table), tmp_path)
    publish(lasting(table | {"table_id": "others.live", "poll_interval_s": 60}), tmp_path)
    with running(tmp_path) as ask:
        yield ask


def test_each_of_two_tables_is_served_under_its_id(two, table):
    for name, interval in ((ID, 300), ("others.live", 60)):
        status, headers, body = two(f"/routing/{name}/current.json")
        content = json.loads(body)
        assert (status, content["table_id"], content["poll_interval_s"]) == (200, name, interval)
        assert headers["etag"] == f'"{content["revision"]}"'
        assert two(f"/routing/{name}/current.json", if_none_match=headers["etag"])[0] == 304


def test_of_two_tables_none_is_the_current_one_and_both_are_named(two):
    for path in ("/routing/current.json", "/routing/current.sig"):
        status, _, body = two(path)
        assert status == 404
        assert json.loads(body)["error"].endswith("Give /routing/<id>/: others.live, shapes.replayed.")


def test_the_index_lists_the_tables_with_tasks_serials_and_expiry(two):
    status, headers, body = two("/routing/")
    first, second = json.loads(body)["tables"]
    assert (status, headers["cache-control"]) == (200, "no-cache")
    assert (first["table_id"], second["table_id"]) == ("others.live", ID)
    assert (second["tasks"], second["serial"], second["problem"]) == (["text-to-image"], 1, None)
    assert second["expires_at"] == LASTING["expires_at"]
    assert f'"{second["revision"]}"' == two(second["current"])[1]["etag"]


def test_a_broken_table_does_not_keep_the_other_away(table, tmp_path):
    publish(lasting(table), tmp_path)
    (tmp_path / "others.live").mkdir()
    (tmp_path / "others.live" / "current.json").write_text("{")
    with running(tmp_path) as ask:
        assert ask(f"/routing/{ID}/current.json")[0] == 200
        assert ask("/routing/others.live/current.json")[0] == 503
        status, _, body = ask("/healthz")
    health = json.loads(body)
    assert (status, health["status"], health["tables"][ID]["status"]) == (503, "broken", "fresh")
    assert "Expected JSON in" in health["tables"]["others.live"]["problem"]


def test_a_table_of_another_id_in_a_folder_is_not_served(table, tmp_path):
    publish(lasting(table), tmp_path)
    (tmp_path / ID).rename(tmp_path / "others.live")
    with running(tmp_path) as ask:
        status, _, body = ask("/routing/others.live/current.json")
    assert (status, "Expected 'others.live', the name of its folder" in json.loads(body)["error"]) == (503, True)


def test_a_table_that_is_published_while_serving_is_found(served, table, tmp_path):
    publish(lasting(table | {"table_id": "others.live"}), tmp_path)
    assert served("/routing/others.live/current.json")[0] == 200


def test_a_port_in_use_is_said_in_one_sentence(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(ServiceError, match="Expected a free port on"):
        serve(tmp_path, port=taken.getsockname()[1])


def test_the_command_serves_on_loopback_until_it_is_stopped(table, tmp_path):
    publish(lasting(table), tmp_path / "routing")
    command = [sys.executable, "-m", "halflife", "routes", "serve", "--port", "0", "--home", str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT) as process:
        said = process.stdout.readline()
        port = int(said.partition("http://127.0.0.1:")[2].partition("/")[0])
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        connection.request("GET", "/healthz")
        assert connection.getresponse().status == 200
        connection.close()
        os.kill(process.pid, signal.SIGINT)
        assert "Traceback" not in process.stderr.read()
    assert process.returncode in (0, 130)
