"""Runs that are killed at random moments lose nothing, repeat nothing, and leave every media file whole."""

import random
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

from data.home import Home
from data.journal import read_journal
from data.media import MediaStore
from data.runs import RunFolder
from data.serialization import bytes_digest
from harness.execution import execute

KILLS = 24
ROOT = Path(__file__).parents[2]
PROGRAM = Path(__file__).with_name("painting.py")


def start(home: Home, *arguments: str) -> subprocess.Popen[str]:
    command = [
        sys.executable,
        "-c",
        f"import runpy, sys; sys.argv[0] = {str(PROGRAM)!r}; "
        f"sys.path.insert(0, {str(ROOT)!r}); runpy.run_path({str(PROGRAM)!r}, run_name='__main__')",
    ]
    return subprocess.Popen(
        [*command, str(home.path), *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def kill_somewhere(child: subprocess.Popen[str], chance: random.Random) -> int:
    """Kill the child after some acknowledged lines, or some milliseconds later; return the lines that it printed."""
    with child:
        assert child.stdout is not None
        seen = ""
        for _ in range(1 + chance.randint(0, 4)):
            seen += child.stdout.readline()
        try:
            child.wait(chance.random() * 0.03)
        except subprocess.TimeoutExpired:
            child.kill()
        return (seen + child.stdout.read()).count("acknowledged")


def journalled(run: RunFolder) -> list[str]:
    entries = [entry for path in sorted((run.path / "journal").glob("*.jsonl")) for entry in read_journal(path)]
    return [entry.record["id"] for entry in entries if entry.kind == "sample"]


def check_whole(run: RunFolder, media: MediaStore) -> None:
    assert sorted(journalled(run)) == sorted(request.id for request in run.plan.requests)
    files = list(media.folder.rglob("*.png"))
    assert all(bytes_digest(path.read_bytes()) == path.stem for path in files)
    assert {sample.media for sample in run.samples().values()} <= {path.stem for path in files}


def test_a_run_killed_at_random_moments_loses_and_repeats_nothing(
    home: Home, painting: ModuleType, progress: Any
) -> None:
    chance = random.Random(20260301)
    run, media = RunFolder.create(home, painting.big_plan()), MediaStore(home.media)
    killed = 0
    for _ in range(KILLS):
        before = len(journalled(run))
        child = start(home)
        acknowledged = kill_somewhere(child, chance)
        killed += child.returncode == -9
        after = journalled(run)
        assert len(after) == len(set(after)) >= before + acknowledged
    assert killed >= 20
    assert 0 < len(journalled(run)) < len(run.plan.requests)
    execute(run, media, lambda model: painting.Painter(), progress)
    check_whole(run, media)


def test_two_workers_share_a_run(home: Home, painting: ModuleType) -> None:
    workers = [start(home, str(index), "2") for index in range(2)]
    for worker in workers:
        _, errors = worker.communicate(timeout=120)
        assert (worker.returncode, errors) == (0, "")
    check_whole(RunFolder.create(home, painting.big_plan()), MediaStore(home.media))


def test_a_full_disk_ends_the_run_with_a_sentence_and_what_is_committed_stays(
    home: Home, painting: ModuleType, progress: Any
) -> None:
    run, media = RunFolder.create(home, painting.big_plan()), MediaStore(home.media)
    child = start(home, "0", "1", "9000")
    output, errors = child.communicate(timeout=120)
    assert child.returncode == 2
    assert errors.startswith("Expected to write")
    assert errors.count("\n") == 1
    kept = journalled(run)
    assert 0 < output.count("acknowledged") <= len(kept) < len(run.plan.requests)
    execute(run, media, lambda model: painting.Painter(), progress)
    assert journalled(run)[: len(kept)] == kept
    check_whole(run, media)


def test_a_torn_last_line_is_made_again(run: RunFolder, media: MediaStore, painting: ModuleType, progress: Any) -> None:
    execute(run, media, lambda model: painting.Painter(), progress)
    journal = run.path / "journal" / "worker-1.jsonl"
    journal.write_bytes(journal.read_bytes()[:-7])
    summary = execute(run, media, lambda model: painting.Painter(), progress)
    assert summary.made == {"ok": 1}
    check_whole(run, media)


def test_a_run_that_is_not_sealed_is_in_progress(
    run: RunFolder, media: MediaStore, painting: ModuleType, progress: Any
) -> None:
    execute(run, media, lambda model: painting.Painter(), progress)
    assert (run.committed, run.missing()) == (False, [])
