"""Real processes on one control database: kills, takeovers, and a stop in good order."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from data.store.control import Control
from schedules.slots import history

HERE, ROOT = Path(__file__).parent, Path(__file__).parents[2]
ENVIRONMENT = os.environ | {"PYTHONPATH": str(ROOT)}


@pytest.mark.parametrize("seed", [1, 2])
def test_three_schedulers_with_kills_do_each_slot_once(tmp_path: Path, seed: int) -> None:
    (tmp_path / "samples").mkdir()
    command = [sys.executable, str(HERE / "three_schedulers.py"), str(tmp_path), str(seed)]
    subprocess.run(command, env=ENVIRONMENT, check=True, timeout=120)
    control = Control(tmp_path / "control.sqlite")
    slots = history(control, limit=1_000)
    with control.reading() as db:
        done = db.execute(
            "SELECT schedule, due, count(*) FROM attempts WHERE outcome = 'done' GROUP BY 1, 2"
        ).fetchall()
        attempts = db.execute("SELECT count(*) FROM attempts").fetchone()[0]
    assert len(slots) == 15
    assert {slot.state for slot in slots} == {"done"}
    assert sorted(slot.run_id or "" for slot in slots) == sorted(f"{s.schedule}-{s.due:%H%M}" for s in slots)
    assert [row[2] for row in done] == [1] * 15
    assert attempts > 15
    assert len(list((tmp_path / "samples").iterdir())) == 15 * 4


def test_sigterm_releases_the_slot_and_ends_with_code_0(tmp_path: Path) -> None:
    command = [sys.executable, str(HERE / "one_scheduler.py"), str(tmp_path)]
    with subprocess.Popen(command, env=ENVIRONMENT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "working\n"
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=60) == 0
    control = Control(tmp_path / "control.sqlite")
    assert history(control)[0].state == "due"
    with control.reading() as db:
        assert [row["outcome"] for row in db.execute("SELECT outcome FROM attempts")] == ["released"]
