"""A manifest is read row by row: one that does not hold is left out with its line, and the others are taken."""

import json
from pathlib import Path

import pytest

from data.errors import InputFileError
from harness.brought.manifest import read_manifest


def written(tmp_path: Path, text: str, name: str = "m.csv") -> Path:
    (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path / name


def test_csv_and_json_lines_say_the_same(tmp_path: Path) -> None:
    table = written(tmp_path, "file,prompt,model,seed,seconds,cost\na.png,p1,painter,3,1.5,0.04\nb.png,p2,painter,,,\n")
    first = {"file": "a.png", "prompt": "p1", "model": "painter", "seed": 3, "seconds": 1.5, "cost": 0.04}
    second = {"file": "b.png", "prompt": "p2", "model": "painter", "seed": None}
    lines = written(tmp_path, "\n".join(map(json.dumps, (first, second))), "m.jsonl")
    of_table, of_lines = read_manifest(table).rows, read_manifest(lines).rows
    facts = [
        [(r.file, r.prompt, r.model, r.seed, r.seconds, r.cost_usd) for r in rows] for rows in (of_table, of_lines)
    ]
    assert (
        facts[0]
        == facts[1]
        == [
            ("a.png", ("p1",), "painter", 3, 1.5, 0.04),
            ("b.png", ("p2",), "painter", None, None, None),
        ]
    )


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        (",p1,m,0,1,0", "Expected a file"),
        ("a.png,p1,,0,1,0", "Expected a model"),
        ("a.png,p1,m,-1,1,0", "Expected a seed"),
        ("a.png,p1,m,0.5,1,0", "Expected a seed"),
        ("a.png,p1,m,1e99,1,0", "Expected a seed"),
        ("a.png,p1,m,0,-1,0", "Expected seconds of 0 or more"),
        ("a.png,p1,m,0,nan,0", "Expected seconds"),
        ("a.png,p1,m,0,1,free", "Expected cost"),
        ("a.png,p1,m", "as many cells"),
    ],
)
def test_a_row_that_does_not_hold_is_left_out_alone(tmp_path: Path, cells: str, reason: str) -> None:
    path = written(tmp_path, f"file,prompt,model,seed,seconds,cost\n{cells}\nb.png,p2,m,0,1,0\n")
    listing = read_manifest(path)
    assert [row.file for row in listing.rows] == ["b.png"]
    ((place, said),) = listing.left_out
    assert place == "m.csv, line 2"
    assert reason in said


@pytest.mark.parametrize(
    "line", ["{", "[]", '"a"', '{"file": ["a.png"], "model": "m"}', '{"file": "a", "model": true}']
)
def test_a_line_of_json_that_is_no_row_is_left_out_alone(tmp_path: Path, line: str) -> None:
    good = '{"image": "b.png", "caption": "a cat", "model_name": "m"}'
    listing = read_manifest(written(tmp_path, f"{line}\n\n{good}\n", "m.jsonl"))
    assert [(row.file, row.prompt, row.model, row.place) for row in listing.rows] == [
        ("b.png", ("a cat",), "m", "m.jsonl, line 3")
    ]
    assert [place for place, _ in listing.left_out] == ["m.jsonl, line 1"]


def test_columns_that_are_not_read_are_named(tmp_path: Path) -> None:
    listing = read_manifest(written(tmp_path, "file,model,votes,steps\na.png,m,1,2\n"))
    assert listing.unread_columns == ("votes", "steps")


def test_a_model_of_the_command_is_of_rows_without_one(tmp_path: Path) -> None:
    listing = read_manifest(written(tmp_path, "file,model\na.png,\nb.png,sketch\n"), "painter")
    assert [row.model for row in listing.rows] == ["painter", "sketch"]


@pytest.mark.parametrize(
    ("text", "name", "said"),
    [("picture\na.png", "m.csv", "the column 'file'"), ("", "m.csv", "an empty file"), ("", "m.xlsx", "Convert it")],
)
def test_a_file_that_is_no_manifest_is_refused(tmp_path: Path, text: str, name: str, said: str) -> None:
    with pytest.raises(InputFileError, match=said):
        read_manifest(written(tmp_path, text, name))
