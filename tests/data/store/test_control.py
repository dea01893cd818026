"""Claims about the control database: short transactions of many processes, each on the disk when it returns."""

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

import data
from data.errors import HomeError
from data.store.control import Control

ROOT = Path(data.__file__).parent.parent

COUNT = """
import sys
from pathlib import Path
from data.store.control import Control
control = Control(Path(sys.argv[1]))
for _ in range(25):
    with control.transaction() as connection:
        (done,) = connection.execute("SELECT done FROM progress").fetchone()
        connection.execute("UPDATE progress SET done = ?", [done + 1])
"""
FILL = """
import resource, sys
from pathlib import Path
from data.errors import HomeError
from data.store.control import Control
control = Control(Path(sys.argv[1]))
resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
done = 0
try:
    for number in range(1000):
        with control.transaction() as connection:
            connection.execute("UPDATE progress SET done = ?, phase = ?", [number, "x" * 10_000])
        done = number
except HomeError as error:
    print(done, error)
"""


def insert(control: Control, done: int = 0) -> None:
    with control.transaction() as connection:
        connection.execute("INSERT INTO progress VALUES ('r', 'shapes', 'generating', ?, 9, 7, 't')", [done])


def done(control: Control) -> list[int]:
    with control.reading() as connection:
        return [number for (number,) in connection.execute("SELECT done FROM progress")]


def test_a_transaction_that_fails_is_undone(tmp_path: Path) -> None:
    control = Control(tmp_path / "control.sqlite")
    rows = [(run_id, suite, "p", 1, 2, 3, "t") for run_id, suite in (("r", "s"), ("q", None))]
    with pytest.raises(sqlite3.IntegrityError, match="NOT NULL"), control.transaction() as connection:
        connection.executemany("INSERT INTO progress VALUES (?, ?, ?, ?, ?, ?, ?)", rows)
    assert done(control) == []


def test_what_a_transaction_returned_from_survives_a_crash(tmp_path: Path) -> None:
    with Control(tmp_path / "control.sqlite").transaction() as connection:
        modes = [connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous")]
    assert modes == ["wal", 2]


def test_many_processes_count_without_losing_one(tmp_path: Path) -> None:
    path = tmp_path / "control.sqlite"
    insert(Control(path))
    workers = [subprocess.Popen([sys.executable, "-c", COUNT, str(path)], cwd=ROOT) for _ in range(4)]
    assert [worker.wait() for worker in workers] == [0, 0, 0, 0]
    assert done(Control(path)) == [100]


def test_a_slot_is_one_row_for_a_schedule_and_a_nominal_time(tmp_path: Path) -> None:
    control = Control(tmp_path / "control.sqlite")
    insert = (
        "INSERT INTO slots (schedule, due, created_at, updated_at) VALUES ('nightly', '2026-03-01T02:30:00Z', ?, ?)"
    )
    with control.transaction() as connection:
        connection.execute(insert, ["t", "t"])
    with pytest.raises(sqlite3.IntegrityError, match="UNIQUE"), control.transaction() as connection:
        connection.execute(insert, ["t", "t"])


def test_a_full_disk_is_told_and_keeps_what_was_committed(tmp_path: Path) -> None:
    path = tmp_path / "control.sqlite"
    insert(Control(path))
    output = subprocess.run(
        [sys.executable, "-c", FILL, str(path)], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout
    last, sentence = output.split(" ", 1)
    assert sentence.startswith("Expected to write ")
    assert done(Control(path)) == [int(last)]


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(HomeError, match="Expected to write"):
        Control(tmp_path / "file" / "control.sqlite")
    with pytest.raises(HomeError, match=r"Expected to write .*unable to open database file"):
        Control(tmp_path)


def test_a_file_that_is_no_database_is_told(tmp_path: Path) -> None:
    (tmp_path / "control.sqlite").write_bytes(b"garbage" * 1000)
    with pytest.raises(HomeError, match=r"Expected a control database of ours in .*, got: file is not a database"):
        Control(tmp_path / "control.sqlite")


def test_a_closed_control_may_be_closed_again_and_still_serves(tmp_path: Path) -> None:
    control = Control(tmp_path / "control.sqlite")
    control.close()
    control.close()
    insert(control, done=3)
    assert done(control) == [3]
