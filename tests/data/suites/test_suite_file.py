"""The project's own form of a suite, and each way in which a file of it can be wrong."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.errors import InputFileError
from data.suites import suite_file
from data.suites.assembly import MAX_CHARACTERS
from data.suites.library import load_suite, suite_names
from data.vocabulary import MediaInput, Suite

HEADER: dict[str, Any] = {
    "halflife_suite": 1,
    "name": "signs",
    "version": "1",
    "task": "text-to-image",
    "title": "Signs",
    "licence": "Apache-2.0",
    "source": "here",
    "primary_metric": "clip_score",
}
OPEN: dict[str, Any] = {
    "id": "open",
    "text": "a sign that says OPEN",
    "category": "text",
    "expectation": {"text": "OPEN"},
}
SHUT: dict[str, Any] = {"id": "shut", "text": "a sign that says SHUT", "category": "text", "tags": ["short"]}


def suite_of(tmp_path: Path, *lines: object) -> Suite:
    path = tmp_path / "signs.jsonl"
    path.write_text("".join((line if isinstance(line, str) else json.dumps(line)) + "\n" for line in lines))
    return suite_file.read(path)


def test_a_suite_is_read_into_typed_prompts(tmp_path: Path) -> None:
    suite = suite_of(tmp_path, HEADER, OPEN, "", SHUT)
    assert [prompt.id for prompt in suite.prompts] == ["open", "shut"]
    assert suite.prompts[0].expectation == {"text": "OPEN"}
    assert suite.prompts[1].tags == ("short",)
    assert suite.categories == ("text",)


def test_the_digest_is_the_contents_and_not_the_layouts(tmp_path: Path) -> None:
    first = suite_of(tmp_path, HEADER, OPEN, SHUT).digest
    again = suite_of(
        tmp_path, dict(reversed(HEADER.items())), json.dumps(OPEN, indent=None, separators=(",", ":")), SHUT
    )
    assert again.digest == first
    assert suite_of(tmp_path, HEADER | {"title": "Other", "licence": "MIT"}, OPEN, SHUT).digest == first


@pytest.mark.parametrize("change", [{"text": "another"}, {"category": "x"}, {"held_out": True}, {"expectation": {}}])
def test_every_part_of_a_prompt_is_part_of_the_identity(tmp_path: Path, change: dict[str, Any]) -> None:
    assert suite_of(tmp_path, HEADER, OPEN | change).digest != suite_of(tmp_path, HEADER, OPEN).digest


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ((), r"line 1: Expected a header with"),
        ((OPEN,), r"line 1: Expected a header .*partiprompts:FILE"),
        ((HEADER,), "Expected at least one prompt, got none"),
        ((HEADER | {"licens": "MIT"}, OPEN), r"line 1, key 'licens': .*Did you mean 'licence'\?"),
        ((HEADER | {"halflife_suite": 2}, OPEN), r"line 1, key 'halflife_suite': Expected 1, got 2"),
        (
            (HEADER | {"task": "text-to-imge"}, OPEN),
            r"line 1, key 'task': Expected 'text-to-image'.*",
        ),
        ((HEADER | {"name": "../etc"}, OPEN), r"Expected a suite name of 1 to 63 characters"),
        ((HEADER, OPEN, OPEN), r"line 3: Expected unique prompt ids, got 'open' again after line 2"),
        ((HEADER, OPEN | {"text": " \t"}), r"line 2: Expected a text in prompt 'open', got an empty one"),
        ((HEADER, OPEN | {"text": "a\x00b"}), r"line 2: Expected printable text, got the character U\+0000"),
        ((HEADER, '{"id": "open", "text": "\\ud800", "category": "a"}'), r"line 2: .*got the character U\+D800"),
        ((HEADER, OPEN | {"text": "x" * (MAX_CHARACTERS + 1)}), r"line 2: Expected a text of at most 8,000 characters"),
        ((HEADER, OPEN | {"id": "Open Sign"}), r"line 2: Expected a prompt id of 1 to 63 characters"),
        ((HEADER, OPEN | {"category": "*"}), r"line 2: Expected a category of 1 to 63 characters"),
        ((HEADER, OPEN | {"txt": "x"}), r"line 2, key 'txt': Expected a known key, got 'txt'\. Did you mean 'text'\?"),
        ((HEADER, OPEN, '{"id": '), r"line 3: Expected JSON, got: Expecting value"),
        ((HEADER, "[1, 2]"), r"line 2: Expected .*dictionary"),
        ((HEADER, OPEN | {"expectation": {"n": 2**60}}), "Expected content that JSON holds exactly"),
    ],
)
def test_a_file_that_does_not_hold_is_named_with_its_line(
    tmp_path: Path, lines: tuple[object, ...], message: str
) -> None:
    with pytest.raises(InputFileError, match=rf"signs\.jsonl.*{message}"):
        suite_of(tmp_path, *lines)


@settings(deadline=None, max_examples=50)
@given(st.text())
def test_any_text_is_a_suite_or_one_sentence(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    path = tmp_path_factory.getbasetemp() / "any.jsonl"
    path.write_text(json.dumps(HEADER) + "\n" + text, encoding="utf-8", errors="replace")
    with pytest.raises(InputFileError, match=r"any\.jsonl"):
        suite_file.read(path)


def test_the_projects_suites_are_named_as_ever() -> None:
    assert {name: load_suite(name).digest for name in suite_names()} == {
        "core-image": "f56b0f00e1f693a0241fc390ecb89dfdbfd6468193b688d8cb0bb2262de702eb",
        "core-video": "145242aba3794a03f1409725bc43482e4ecac9a3b82d152bb1a11eacb9ec9cbd",
        "moving-shapes": "44f153af9730b907d353411b966d063111a6f0f0856ae12d0ae3bd3b7e17ef40",
        "sentinel": "4218fc2a2cb210b3b2a24b91380d77a918d93f3e5fcf813247843bd8e64e90b7",
        "shapes": "7764d4198684017d5f29854814c3f7bc5247c398183de4ece0ab302fd73c32c5",
    }


def test_a_prompt_may_start_from_a_picture(tmp_path: Path) -> None:
    entry = {"path": "pictures/fox.png", "sha256": "a" * 64, "media_type": "image/png"}
    suite = suite_of(tmp_path, HEADER, OPEN | {"inputs": {"image": entry}}, SHUT)
    assert suite.prompts[0].inputs == {"image": MediaInput(**entry)}
    assert suite.digest != suite_of(tmp_path, HEADER, OPEN, SHUT).digest
    with pytest.raises(InputFileError, match=r"line 2, key 'inputs\.image\.sha256': Expected"):
        suite_of(tmp_path, HEADER, OPEN | {"inputs": {"image": entry | {"sha256": "a"}}})


@pytest.mark.parametrize("task", ["image-to-video", "image-edit", "upscale"])
def test_a_prompt_of_a_task_that_starts_from_a_picture_has_one(tmp_path: Path, task: str) -> None:
    path = tmp_path / "suite.jsonl"
    header = {"halflife_suite": 1, "name": "s", "version": "1", "task": task, "title": "S", "licence": "own"}
    prompt = {"id": "p", "text": "it turns", "category": "c"}
    lines = header | {"source": "own", "primary_metric": "clip_score"}, prompt
    path.write_text("\n".join(json.dumps(line) for line in lines))
    with pytest.raises(InputFileError, match=f"line 2: Expected an input of prompt 'p', for {task} starts from"):
        load_suite(path)
