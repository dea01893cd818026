"""The pictures that prompts start from: kept with the run's media, and refused where they are not what was declared."""

import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from data.errors import InputFileError
from data.media import MediaStore
from data.serialization import file_sha256
from data.suites import load_suite
from data.suites.inputs import keep_inputs

HEADER = {
    "halflife_suite": 1,
    "name": "stills",
    "version": "1",
    "task": "image-to-video",
    "title": "Stills",
    "licence": "CC0-1.0",
    "source": "these tests",
    "primary_metric": "clip_score",
}


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    Image.new("RGB", (8, 8), "red").save(tmp_path / "red.png")
    return tmp_path / "red.png"


def suite_at(folder: Path, **entry: Any) -> str:
    given = {"path": "red.png", "sha256": file_sha256(folder / "red.png"), "media_type": "image/png"} | entry
    prompt = {"id": "p1", "text": "it moves", "category": "motion", "inputs": {"image": given}}
    (folder / "stills.jsonl").write_text("\n".join(map(json.dumps, (HEADER, prompt))), encoding="utf-8")
    return str(folder / "stills.jsonl")


def test_a_picture_is_kept_by_its_hash(picture: Path, tmp_path: Path) -> None:
    place, media = suite_at(tmp_path), MediaStore(tmp_path / "media")
    keep_inputs(place, load_suite(place), media)
    assert media.path(file_sha256(picture)).read_bytes() == picture.read_bytes()


@pytest.mark.parametrize(
    ("entry", "sentence"),
    [
        ({"sha256": "a" * 64}, r"red\.png: Expected sha256 aaaaaaaaaaaa…, got"),
        ({"path": "none.png"}, r"none\.png: Expected a readable file"),
        ({"path": "../red.png"}, r"Expected a file in the suite's folder, got one outside"),
        ({"media_type": "image/webp"}, r"red\.png: Expected image/webp, got image/png"),
    ],
)
def test_a_picture_that_is_not_as_declared_is_refused(
    picture: Path, tmp_path: Path, entry: dict[str, str], sentence: str
) -> None:
    place, media = suite_at(tmp_path, **entry), MediaStore(tmp_path / "media")
    with pytest.raises(InputFileError, match=sentence):
        keep_inputs(place, load_suite(place), media)


def test_a_suite_without_pictures_keeps_nothing(tmp_path: Path) -> None:
    keep_inputs("moving-shapes", load_suite("moving-shapes"), MediaStore(tmp_path / "media"))
    assert not (tmp_path / "media").exists()
