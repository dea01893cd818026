import contextlib
import datetime as dt
import json
import os
import signal
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from data.errors import RoutingError
from leaderboard.routing.revision import revision_of, sealed
from leaderboard.routing.serving.publish import current, history, publish, read_object, read_table, roll_back
from leaderboard.routing.table.build import build, predecessor
from leaderboard.routing.table.model import RoutingTable

ROOT = Path(__file__).parents[4]
PUBLISHER = """
import json, sys
from pathlib import Path
from leaderboard.routing.serving.publish import current, publish
from leaderboard.routing.revision import sealed
from leaderboard.routing.table.model import RoutingTable
table, folder = json.loads(Path(sys.argv[1]).read_bytes()), Path(sys.argv[2])
print("ready", flush=True)
while True:
    now = current(folder, table["table_id"])
    following = {"serial": now.serial + 1, "previous_revision": now.revision} if now else {}
    print(publish(RoutingTable.model_validate(sealed(table | following)), folder).serial, flush=True)
"""


typed = RoutingTable.model_validate
ID = "shapes.replayed"


def following(table, before):
    return typed(sealed(table | {"serial": before.serial + 1, "previous_revision": before.revision}))


def test_nothing_is_current_before_the_first(tmp_path):
    assert current(tmp_path / "routing", ID) is None
    assert history(tmp_path / "routing", ID) == []


def test_the_table_lies_under_its_hash_and_is_current(table, tmp_path):
    published = publish(typed(table), tmp_path)
    assert published.path.name == table["revision"].removeprefix("sha256:") + ".json"
    assert (tmp_path / ID / "current.json").read_bytes() == published.path.read_bytes()
    assert current(tmp_path, ID).content.to_json() == table


def test_two_tables_have_their_own_folders_serials_and_histories(table, tmp_path, now):
    first = publish(typed(table), tmp_path)
    second = publish(following(table, first), tmp_path)
    other = publish(typed(sealed(table | {"table_id": "others.live"})), tmp_path)
    assert (second.serial, other.serial) == (2, 1)
    assert other.path.parent == tmp_path / "others.live" / "tables"
    assert [len(history(tmp_path, name)) for name in (ID, "others.live")] == [2, 1]
    before = (tmp_path / "others.live" / "current.json").read_bytes()
    roll_back(tmp_path, ID, first.revision, at=now)
    assert (tmp_path / "others.live" / "current.json").read_bytes() == before
    with pytest.raises(RoutingError, match=f"Known: {other.revision}"):
        roll_back(tmp_path, "others.live", first.revision, at=now)


@pytest.mark.parametrize(
    "name", ["", ".", "..", "../../etc", "/etc", "a/b", "a\\b", "A.live", "a\n", ".hidden", "a" * 64]
)
def test_a_table_id_that_is_no_safe_folder_name_is_refused(name, tmp_path, now):
    for ask in (current, history, lambda routing, name: roll_back(routing, name, "sha256:" + "0" * 64, at=now)):
        with pytest.raises(RoutingError, match="Expected a table id of 1 to 63 characters"):
            ask(tmp_path / "routing", name)
    assert list(tmp_path.iterdir()) == []


def test_a_table_in_another_ones_folder_is_not_current(table, tmp_path):
    publish(typed(table), tmp_path)
    (tmp_path / ID).rename(tmp_path / "others.live")
    with pytest.raises(RoutingError, match=r"Expected 'others\.live', the name of its folder, got 'shapes\.replayed'"):
        current(tmp_path, "others.live")


def test_every_reader_may_read_it(table, tmp_path):
    publish(typed(table), tmp_path)
    assert stat.S_IMODE((tmp_path / ID / "current.json").stat().st_mode) == 0o644


def test_publishing_the_same_again_changes_nothing(table, tmp_path):
    publish(typed(table), tmp_path)
    assert publish(typed(table), tmp_path).changed is False
    assert len(history(tmp_path, ID)) == 1


def test_a_lower_or_equal_serial_is_refused(table, tmp_path):
    second = following(table, publish(typed(table), tmp_path))
    publish(second, tmp_path)
    with pytest.raises(RoutingError, match="Expected a serial above 2, which is current, got 1"):
        publish(typed(sealed(table | {"poll_interval_s": 60})), tmp_path)
    assert current(tmp_path, ID).serial == 2


def test_a_table_with_a_problem_is_not_published(table, tmp_path):
    with pytest.raises(RoutingError, match="Expected a routing table that holds, got revision"):
        publish(typed({**table, "poll_interval_s": 1}), tmp_path)
    assert current(tmp_path, ID) is None


def test_rolling_back_points_back_with_a_higher_serial(season, table, tmp_path, now):
    first = publish(typed(table), tmp_path)
    publish(build(season, generated_at=now + dt.timedelta(days=1), previous=predecessor(typed(table))), tmp_path)
    back = roll_back(tmp_path, ID, first.revision, at=now + dt.timedelta(days=2))
    assert (back.serial, current(tmp_path, ID).content.routes) == (3, typed(table).routes)
    assert [one.serial for one in history(tmp_path, ID)] == [3, 2, 1]


def test_rolling_back_to_an_unknown_revision_names_the_known_ones(table, tmp_path, now):
    publish(typed(table), tmp_path)
    with pytest.raises(RoutingError, match=f"Known: {table['revision']}"):
        roll_back(tmp_path, ID, "sha256:" + "0" * 64, at=now)


def test_a_path_is_no_revision(table, tmp_path, now):
    publish(typed(table), tmp_path)
    with pytest.raises(RoutingError, match="Expected a revision such as"):
        roll_back(tmp_path, ID, "../../etc/passwd", at=now)


def test_a_current_table_that_was_edited_is_not_whole(table, tmp_path):
    publish(typed(table), tmp_path)
    path = tmp_path / ID / "current.json"
    path.write_text(path.read_text().replace('"poll_interval_s": 300', '"poll_interval_s": 301'))
    with pytest.raises(RoutingError, match="Expected a whole routing table"):
        current(tmp_path, ID)


def test_what_is_no_json_is_named(tmp_path):
    (tmp_path / "broken.json").write_text("{")
    with pytest.raises(RoutingError, match=r"Expected JSON in .*broken\.json"):
        read_object(tmp_path / "broken.json")


@pytest.mark.parametrize("number", ["NaN", "-Infinity", "1e999", "9007199254740993", "1" + "0" * 5000, "[" * 100_000])
def test_a_number_that_json_does_not_hold_is_named(number, tmp_path):
    (tmp_path / "broken.json").write_text(f'{{"serial": {number}}}')
    with pytest.raises(RoutingError, match=r"Expected JSON in .*broken\.json, got: "):
        read_object(tmp_path / "broken.json")


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b'{"serial": 1, "routes": {"a": 1, "a": 2}}', "the key 'a' twice in one object"),
        (b'{"title": "\\ud800"}', "half a surrogate pair"),
        (b'\xef\xbb\xbf{"serial": 1}', "BOM"),
        ('{"serial": 1}'.encode("utf-16"), "utf-8"),
    ],
)
def test_what_two_parsers_may_read_differently_is_refused(data, problem, tmp_path):
    (tmp_path / "table.json").write_bytes(data)
    with pytest.raises(RoutingError, match=problem):
        read_object(tmp_path / "table.json")
    (tmp_path / "table.json").write_bytes(b'{"title": "\\ud83d\\ude00"}')
    assert read_object(tmp_path / "table.json") == {"title": "\N{GRINNING FACE}"}


def test_a_damaged_current_table_is_followed_by_the_next_serial(table, tmp_path, now):
    first = publish(typed(table), tmp_path)
    second = publish(following(table, first), tmp_path)
    (tmp_path / ID / "current.json").write_text("{")
    with pytest.raises(RoutingError, match="Expected JSON"):
        current(tmp_path, ID)
    back = roll_back(tmp_path, ID, first.revision, at=now)
    assert back.serial == second.serial + 1
    (tmp_path / ID / "current.json").write_text("{")
    again = publish(read_table(back.path), tmp_path)
    assert (again.revision, current(tmp_path, ID).revision) == (back.revision, back.revision)


def test_what_is_not_there_is_named(tmp_path):
    with pytest.raises(RoutingError, match="got no file"):
        read_object(tmp_path / "missing.json")


def test_a_dead_publishers_half_file_is_swept_away(table, tmp_path):
    (tmp_path / ID).mkdir()
    (tmp_path / ID / ".current.json.0123.tmp").write_text("{")
    publish(typed(table), tmp_path)
    assert list(tmp_path.rglob("*.tmp")) == []


def test_a_reader_never_sees_a_broken_or_an_older_table(table, tmp_path):
    path, done, seen, wrong = tmp_path / ID / "current.json", threading.Event(), [], []

    def read():
        while not done.is_set():
            with contextlib.suppress(FileNotFoundError):
                content = json.loads(path.read_bytes())
                (seen if content["revision"] == revision_of(content) else wrong).append(content["serial"])

    reader = threading.Thread(target=read)
    reader.start()
    try:
        now = publish(typed(table), tmp_path)
        for _ in range(12):
            now = publish(following(table, now), tmp_path)
    finally:
        done.set()
        reader.join()
    assert wrong == []
    assert seen == sorted(seen)
    assert len(set(seen)) > 3


def killed_after(lines, table_path, folder):
    """Run a publisher and kill it with no warning once it has printed so many lines."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", PUBLISHER, str(table_path), str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment, cwd=ROOT) as process:
        said = [process.stdout.readline().strip() for _ in range(lines)]
        os.kill(process.pid, signal.SIGKILL)
        said += process.stdout.read().split()
    return [int(serial) for serial in said if serial.isdigit()]


def test_a_publisher_killed_in_the_middle_leaves_the_last_table_whole(table, tmp_path):
    source, folder, acknowledged = tmp_path / "table.json", tmp_path / "routing", 0
    source.write_text(json.dumps(table))
    for lines in (1, 2, 5):
        acknowledged = max([acknowledged, *killed_after(lines, source, folder)])
        now = current(folder, ID)
        assert (now.serial if now else 0) in (acknowledged, acknowledged + 1)
    assert [one.serial for one in history(folder, ID)] == list(range(now.serial, 0, -1))


def test_two_publishers_at_once_each_get_their_own_serial(table, tmp_path):
    source, folder = tmp_path / "table.json", tmp_path / "routing"
    source.write_text(json.dumps(table))
    publish(typed(table), folder)
    tables = [following(table | {"poll_interval_s": n}, current(folder, ID)) for n in (60, 61, 62)]
    outcomes = []

    def attempt(one):
        try:
            outcomes.append(publish(one, folder).serial)
        except RoutingError:
            outcomes.append(None)

    threads = [threading.Thread(target=attempt, args=(one,)) for one in tables]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes, key=str) == [2, None, None]
    assert len(history(folder, ID)) == 2
