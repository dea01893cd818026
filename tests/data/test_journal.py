"""Claims about journals: what was acknowledged stays, what was not leaves no trace, damage is named."""

import json
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import data
from data.errors import HomeError, JournalError
from data.journal import JournalWriter, inspect_journal, line, read_journal

ROOT = Path(data.__file__).parent.parent
RECORDS = [{"id": "one", "text": "äöü €"}, {"id": "two", "value": 0.1}, {"id": "three", "list": [1, None, True]}]

FILL = """
import resource, sys
from pathlib import Path
from data.errors import HomeError
from data.journal import JournalWriter
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
acknowledged, sentences = 0, []
with JournalWriter(Path(sys.argv[1])) as journal:
    for _ in range(200):
        try:
            journal.append("sample", {"number": acknowledged, "text": "x" * 37})
            acknowledged += 1
        except HomeError as error:
            sentences.append(str(error))
print(acknowledged, len(sentences), sentences[0])
"""


def written(path: Path, records: list[dict[str, Any]]) -> bytes:
    with JournalWriter(path) as journal:
        for record in records:
            journal.append("sample", record)
    return path.read_bytes()


def test_what_was_appended_is_read_in_order(tmp_path: Path) -> None:
    written(tmp_path / "w-1.jsonl", RECORDS)
    entries = read_journal(tmp_path / "w-1.jsonl")
    assert [(entry.kind, entry.record, entry.line) for entry in entries] == [
        ("sample", record, number) for number, record in enumerate(RECORDS, start=1)
    ]


def test_a_line_is_a_checksum_and_canonical_json() -> None:
    assert line("score", {"b": 1.0, "a": "x"}) == b'b3f75e0f97061ef1 {"kind":"score","record":{"a":"x","b":1}}\n'


def test_several_records_are_acknowledged_together(tmp_path: Path) -> None:
    with JournalWriter(tmp_path / "w-1.jsonl") as journal:
        journal.append_many("sample", RECORDS)
        journal.append_many("sample", [])
        assert [entry.record for entry in read_journal(tmp_path / "w-1.jsonl")] == RECORDS


def test_a_tail_torn_at_any_byte_is_passed_over_and_cut_on_reopening(tmp_path: Path) -> None:
    whole = written(tmp_path / "whole-1.jsonl", RECORDS)
    ends = [place + 1 for place, byte in enumerate(whole) if byte == ord("\n")]
    path = tmp_path / "torn-1.jsonl"
    for size in range(len(whole) + 1):
        path.write_bytes(whole[:size])
        kept = sum(end <= size for end in ends)
        assert [entry.record for entry in read_journal(path)] == RECORDS[:kept]
        assert written(path, [{"id": "new"}]) == whole[: max([0, *ends[:kept]])] + line("sample", {"id": "new"})
        assert [entry.record for entry in read_journal(path)] == [*RECORDS[:kept], {"id": "new"}]


def test_zeros_after_a_power_cut_are_a_torn_tail(tmp_path: Path) -> None:
    path = tmp_path / "w-1.jsonl"
    path.write_bytes(written(path, RECORDS) + b"\0" * 200_000)
    assert [entry.record for entry in read_journal(path)] == RECORDS
    written(path, [{"id": "new"}])
    assert [entry.record for entry in read_journal(path)] == [*RECORDS, {"id": "new"}]


def test_a_damaged_line_in_the_middle_is_named_and_the_rest_kept(tmp_path: Path) -> None:
    path = tmp_path / "w-1.jsonl"
    path.write_bytes(written(path, RECORDS).replace(b"two", b"owt"))
    with pytest.raises(
        JournalError, match=r"w-1\.jsonl, line 2: expected a line that fits its checksum, got a damaged"
    ):
        read_journal(path)
    assert [entry.record for entry in read_journal(path, skip_damaged=True)] == [RECORDS[0], RECORDS[2]]
    assert [(damage.path, damage.line) for damage in inspect_journal(path).damaged] == [(path, 2)]


def test_damage_does_not_stop_the_next_line(tmp_path: Path) -> None:
    path = tmp_path / "w-1.jsonl"
    path.write_bytes(written(path, RECORDS).replace(b"two", b"owt"))
    written(path, [{"id": "new"}])
    assert [entry.line for entry in read_journal(path, skip_damaged=True)] == [1, 3, 4]


@given(place=st.integers(0, 10_000), flip=st.integers(1, 255))
def test_no_flipped_byte_is_ever_read_as_a_record(place: int, flip: int, tmp_path_factory: Any) -> None:
    path = tmp_path_factory.getbasetemp() / "flipped-1.jsonl"
    content = bytearray(b"".join(line("sample", record) for record in RECORDS))
    content[place % len(content)] ^= flip
    path.write_bytes(content)
    records = [entry.record for entry in read_journal(path, skip_damaged=True)]
    assert all(record in RECORDS for record in records)
    assert len(records) >= len(RECORDS) - 2


def test_a_line_with_a_good_checksum_and_no_entry_is_damaged(tmp_path: Path) -> None:
    path = tmp_path / "w-1.jsonl"
    path.write_bytes(line("sample", {}).replace(b"sample", b"sampl3"))
    assert len(inspect_journal(path).damaged) == 1


def test_a_journal_that_holds_nothing_is_not_left_behind(tmp_path: Path) -> None:
    JournalWriter(tmp_path / "w-1.jsonl").close()
    assert os.listdir(tmp_path) == []


def test_a_closed_journal_takes_nothing(tmp_path: Path) -> None:
    journal = JournalWriter(tmp_path / "w-1.jsonl")
    journal.append("sample", {})
    journal.close()
    journal.close()
    with pytest.raises(ValueError, match="Expected an open journal"):
        journal.append("sample", {})


def test_threads_may_share_a_writer(tmp_path: Path) -> None:
    path = tmp_path / "w-1.jsonl"
    with JournalWriter(path) as journal:
        threads = [
            threading.Thread(target=lambda t=t: [journal.append("sample", {"t": t, "n": n}) for n in range(5)])
            for t in range(4)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    records = [(entry.record["t"], entry.record["n"]) for entry in read_journal(path)]
    assert sorted(records) == [(t, n) for t in range(4) for n in range(5)]


def test_a_folder_that_is_not_there_is_told_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(HomeError, match=r"Expected to write .*got: No such file"):
        JournalWriter(tmp_path / "none" / "w-1.jsonl")
    with pytest.raises(HomeError, match="Expected to read the journal"):
        read_journal(tmp_path / "none" / "w-1.jsonl")


def test_a_full_disk_keeps_every_acknowledged_line_and_no_part_of_another(tmp_path: Path) -> None:
    path = tmp_path / "w-1.jsonl"
    output = subprocess.run(
        [sys.executable, "-c", FILL, path], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout
    acknowledged, refused, sentence = output.split(" ", 2)
    assert int(acknowledged) + int(refused) == 200
    assert "what was committed before is unharmed" in sentence
    assert [entry.record["number"] for entry in read_journal(path)] == list(range(int(acknowledged)))
    assert path.read_bytes().endswith(b"\n")


def test_a_journal_is_lines_of_json_for_anybody_to_read(tmp_path: Path) -> None:
    text = written(tmp_path / "w-1.jsonl", RECORDS).decode()
    assert [json.loads(each[17:])["record"] for each in text.splitlines()] == RECORDS
