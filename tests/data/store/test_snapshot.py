"""Claims about snapshots: readers see whole ones only, publishing never waits for them, three are kept."""

import contextlib
import os
import random
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

import data
from data.errors import HomeError
from data.home import Home
from data.store import snapshot
from data.store.rebuild import rebuild
from data.store.snapshot import current, snapshots
from data.store.warehouse import Warehouse

ROOT = Path(data.__file__).parent.parent
GENERATIONS = 6
KILLS = 6

# A reader ends when it has seen the last generation; each look is held against what a whole snapshot must hold.
READER = """
import sys
from pathlib import Path
from data.home import Home
from data.store.snapshot import current
home, last, seen, before = Home(Path(sys.argv[1])), int(sys.argv[2]), set(), 0
while before < last:
    snapshot = current(home)
    if snapshot is None:
        continue
    assert snapshot.generation >= before, "went back"
    before = snapshot.generation
    seen.add(before)
    connection = snapshot.connect()
    runs = connection.execute("SELECT count(*) FROM runs").fetchone()[0]
    halves = connection.execute(
        "SELECT run_id FROM runs WHERE (SELECT count(*) FROM samples WHERE samples.run_id = runs.run_id) <> 6 "
        "OR (SELECT count(*) FROM scores WHERE scores.run_id = runs.run_id) <> 6").fetchall()
    assert runs == before and not halves, (runs, before, halves)
    assert connection.execute("SELECT count(*) FROM daily_prompt_means").fetchone()[0] == 3 * runs
    connection.close()
print("saw", len(seen))
"""
PUBLISHER = """
import os, sys
from pathlib import Path
from data.home import Home
from data.store.warehouse import Warehouse
with Warehouse.own(Home(Path(sys.argv[1]))) as warehouse:
    os.write(1, b"owned\\n")
    warehouse.ingest_all()
    os.write(1, b"ingested\\n")
    warehouse.publish()
    os.write(1, b"published\\n")
    warehouse.publish()
    os.write(1, b"published again\\n")
"""


def day_run(observatory: Any, number: int) -> None:
    """One run a day, each of another day."""
    day = observatory.plan().day.replace(day=number)
    observatory.sealed(observatory.plan(f"202603{number:02}-shapes-{number:02}", day=day))


def test_there_is_no_snapshot_before_the_first(observatory: Any, tmp_path: Path) -> None:
    assert current(observatory.home) is None
    assert snapshots(Home(tmp_path / "none")) == []


def test_a_snapshot_holds_what_was_in_and_never_changes(observatory: Any) -> None:
    day_run(observatory, 1)
    with Warehouse.own(observatory.home) as warehouse:
        warehouse.ingest_all()
        assert warehouse.publish() == 1
        first = current(observatory.home)
        assert first is not None
        day_run(observatory, 2)
        warehouse.ingest_all()
        assert warehouse.publish() == 2
    with contextlib.closing(first.connect()) as connection:
        assert connection.execute("SELECT count(*) FROM runs").fetchall() == [(1,)]
    second = current(observatory.home)
    assert second is not None
    assert (second.generation, second.path.name) == (2, "board-2.duckdb")


def test_a_snapshot_is_opened_to_read_only(observatory: Any) -> None:
    with Warehouse.own(observatory.home) as warehouse:
        warehouse.publish()
    newest = current(observatory.home)
    assert newest is not None
    with (
        contextlib.closing(newest.connect()) as connection,
        pytest.raises(duckdb.InvalidInputException, match="read-only"),
    ):
        connection.execute("DELETE FROM runs")


def test_three_generations_are_kept_when_their_grace_is_over(observatory: Any) -> None:
    with Warehouse.own(observatory.home) as warehouse:
        for _ in range(5):
            warehouse.publish()
        assert [snapshot.generation for snapshot in snapshots(observatory.home)] == [1, 2, 3, 4, 5]
        for snapshot in snapshots(observatory.home):
            os.utime(snapshot.path, (0, 0))
        left = observatory.home.published / ".board-6.duckdb.0123.tmp"
        left.write_bytes(b"")
        os.utime(left, (0, 0))
        warehouse.publish()
    assert [snapshot.generation for snapshot in snapshots(observatory.home)] == [4, 5, 6]
    assert not left.exists()


def test_a_generation_is_never_used_twice_even_after_a_crash_before_current(observatory: Any) -> None:
    with Warehouse.own(observatory.home) as warehouse:
        warehouse.publish()
        (observatory.home.published / "board-7.duckdb").write_bytes(b"half")
        assert warehouse.publish() == 8
    newest = current(observatory.home)
    assert newest is not None
    assert newest.generation == 8


@pytest.mark.parametrize("text", ["", "../store/warehouse.duckdb", "board-9.duckdb", "board-x.duckdb", "bö"])
def test_a_current_that_names_no_snapshot_of_ours_is_none(observatory: Any, text: str) -> None:
    (observatory.home.published / "CURRENT").write_text(text)
    assert current(observatory.home) is None


def test_a_snapshot_that_cannot_be_written_leaves_the_former_one(observatory: Any) -> None:
    with Warehouse.own(observatory.home) as warehouse:
        warehouse.publish()
        with pytest.raises(HomeError, match=r"Expected to write .*board-2\.duckdb, got: No such file"):
            snapshot.publish(observatory.home, warehouse.path.with_name("none"))
    assert [path.name for path in observatory.home.published.glob("*board*")] == ["board-1.duckdb"]
    assert current(observatory.home).generation == 1


def test_readers_see_only_whole_snapshots_while_runs_go_on(observatory: Any) -> None:
    command = [sys.executable, "-c", READER, str(observatory.home.path), str(GENERATIONS)]
    with contextlib.ExitStack() as stack:
        readers = [
            stack.enter_context(subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE))
            for _ in range(2)
        ]
        failures: list[str] = []
        thread = threading.Thread(target=lambda: failures.extend(look(observatory.home)))
        thread.start()
        with Warehouse.own(observatory.home) as warehouse:
            for number in range(1, GENERATIONS + 1):
                day_run(observatory, number)
                warehouse.ingest_all()
                warehouse.publish()
        thread.join()
        outputs = [reader.communicate() for reader in readers]
    assert not failures
    assert all(out.startswith(b"saw") for out, _ in outputs), outputs


def look(home: Home) -> list[str]:
    """Look at the current snapshot until the last generation is there, and return what was not whole."""
    failures, generation = [], 0
    while generation < GENERATIONS:
        newest = current(home)
        if newest is None or newest.generation == generation:
            continue
        generation = newest.generation
        with contextlib.closing(newest.connect()) as connection:
            counts = connection.cursor().execute("SELECT run_id, count(*) FROM scores GROUP BY ALL").fetchall()
        if len(counts) != generation or any(count != 6 for _, count in counts):
            failures.append(f"{generation}: {counts}")
    return failures


def test_a_publisher_killed_at_random_moments_leaves_whole_snapshots_and_ends_like_a_rebuild(
    observatory: Any, content: Callable[[Path], dict[str, Any]]
) -> None:
    dice = random.Random(3)
    for number in range(1, KILLS + 1):
        day_run(observatory, number)
        publish_until_killed(observatory.home, dice.randrange(4))
        newest = current(observatory.home)
        assert newest is None or {len(content(newest.path)[name]) % 6 for name in ("samples", "scores")} == {0}
    publish_until_killed(observatory.home, None)
    incremental = current(observatory.home)
    assert incremental is not None
    assert len(content(incremental.path)["runs"]) == KILLS
    rebuild(observatory.home)
    again = current(observatory.home)
    assert again is not None
    assert again.generation > incremental.generation
    assert content(again.path) == content(incremental.path)


def publish_until_killed(home: Home, stages: int | None) -> None:
    """Let a publisher work, and kill it after it outputs so many stages."""
    command = [sys.executable, "-c", PUBLISHER, str(home.path)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as publisher:
        assert publisher.stdout is not None
        if stages is None:
            assert publisher.stdout.read().endswith(b"published again\n")
            return
        for _ in range(stages):
            publisher.stdout.readline()
        os.kill(publisher.pid, signal.SIGKILL)


def test_a_snapshot_of_an_earlier_version_is_answered_with_what_to_run(observatory: Any) -> None:
    day_run(observatory, 1)
    with Warehouse.own(observatory.home) as warehouse:
        warehouse.ingest_all()
        with warehouse.cursor() as cursor:
            cursor.execute("DELETE FROM schema_migrations WHERE number = (SELECT max(number) FROM schema_migrations)")
        warehouse.publish()
    snapshot = current(observatory.home)
    assert snapshot is not None
    with pytest.raises(HomeError, match=r"got what an earlier one did\. Run `halflife rebuild`"):
        snapshot.connect()
