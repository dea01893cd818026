"""Declarations are read within bounds, and what is wrong with them is named by file and line or key."""

from pathlib import Path

import pytest

from data.errors import InputFileError
from data.formats.toml import Declared, parse_json, read_text, read_toml, validated


class Wheel(Declared):
    spokes: int


class Cart(Declared):
    name: str
    wheels: list[Wheel]


def written(tmp_path: Path, content: bytes) -> Path:
    path = tmp_path / "cart.toml"
    path.write_bytes(content)
    return path


def test_a_byte_order_mark_is_not_part_of_the_text(tmp_path: Path) -> None:
    assert read_text(written(tmp_path, "\ufeffé".encode())) == "é"


def test_bytes_that_are_not_utf8_are_named_by_line(tmp_path: Path) -> None:
    with pytest.raises(InputFileError, match=r"cart\.toml, line 2: Expected UTF-8, got the byte 0xff"):
        read_text(written(tmp_path, b"fine\n\xff\n"))


def test_a_file_over_the_cap_is_refused_before_it_is_read_whole(tmp_path: Path) -> None:
    with pytest.raises(InputFileError, match="Expected at most 10 bytes, got more"):
        read_text(written(tmp_path, b"x" * 11), limit=10)


def test_a_file_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(InputFileError, match=r"none\.toml: Expected a readable file, got No such file"):
        read_text(tmp_path / "none.toml")


def test_broken_toml_names_its_line(tmp_path: Path) -> None:
    with pytest.raises(InputFileError, match=r"cart\.toml, line 2: Expected TOML, got: "):
        read_toml(written(tmp_path, b"a = 1\nb = = 2\n"))


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("{", "Expecting property name"),
        ('{"a": 1, "a": 2}', "the key 'a' twice in one object"),
        ('{"a": NaN}', "the number NaN, which JSON does not have"),
        ("[" * 100_000, "Expected JSON, got: "),
        ("9" * 5_000, "Expected JSON, got: "),
    ],
)
def test_json_that_does_not_hold_is_refused_with_its_line(text: str, problem: str) -> None:
    with pytest.raises(InputFileError, match=rf"s\.jsonl, line 7.*{problem}"):
        parse_json(text, Path("s.jsonl"), line=7)


def test_an_unknown_key_is_answered_with_the_nearest_one(tmp_path: Path) -> None:
    content = {"name": "a", "wheels": [{"spokes": 8}, {"spoke": 8}]}
    with pytest.raises(InputFileError, match=r"key 'wheels\.1\.spoke': .*Did you mean 'spokes'\?.*1 more after"):
        validated(Cart, content, tmp_path / "cart.toml")


def test_an_unknown_key_in_a_nested_table_names_the_table(tmp_path: Path) -> None:
    content = {"name": "a", "wheels": [{"spokes": 8, "spoks": 1}]}
    with pytest.raises(InputFileError, match=r"key 'wheels\.0\.spoks'.*Did you mean 'spokes'\? Known: spokes"):
        validated(Cart, content, tmp_path / "cart.toml")


def test_a_missing_key_and_a_wrong_type_say_what_was_expected(tmp_path: Path) -> None:
    with pytest.raises(InputFileError, match="key 'wheels': Expected a value, got none"):
        validated(Cart, {"name": "a"}, tmp_path)
    with pytest.raises(InputFileError, match="key 'name': Expected a valid string, got 3"):
        validated(Cart, {"name": 3, "wheels": []}, tmp_path)
