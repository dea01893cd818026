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
        ("[1e999]", "the number 1e999, which is too large"),
        ("{" + ",".join(f'"{i % 60_000}": 1' for i in range(60_001)) + "}", "the key '0' twice"),
    ],
)
def test_json_that_does_not_hold_is_refused_with_its_line(text: str, problem: str) -> None:
    with pytest.raises(InputFileError, match=rf"s\.jsonl, line 7.*{problem}"):
        parse_json(text, Path("s.jsonl"), line=7)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("spokes = " + "9" * 5_000, "Expected TOML, got: Exceeds the limit"),
        (
            "a = 1\n" + ".".join(["a"] * 100_000) + " = 1",
            r"line 2: Expected keys of a few parts, got one of 32 or more",
        ),
        ('"a". ' * 40 + "b = 1", "Expected keys of a few parts"),
        ("spokes = " + "[" * 5_000, "Expected TOML, got: "),
        ("spokes = 1\n#" + "x" * 1_048_576, "Expected at most 1,048,576 bytes"),
    ],
)
def test_numbers_keys_and_nesting_without_end_are_refused_at_once(content: str, problem: str, tmp_path: Path) -> None:
    with pytest.raises(InputFileError, match=problem):
        read_toml(written(tmp_path, content.encode()))


def test_keys_of_a_few_parts_and_long_words_are_read(tmp_path: Path) -> None:
    text = f"a.b.\"c.d\".e = 1\n{'k' * 900_000} = 'x.y.z'"
    assert read_toml(written(tmp_path, text.encode()))["a"] == {"b": {"c.d": {"e": 1}}}


def test_an_infinite_number_is_named_by_its_key() -> None:
    class Speed(Declared):
        metres: float

    for number in (float("inf"), float("nan")):
        with pytest.raises(InputFileError, match=r"key 'metres': Expected a finite number"):
            validated(Speed, {"metres": number}, Path("a.toml"))


def test_a_key_without_end_is_shown_in_part() -> None:
    with pytest.raises(InputFileError) as caught:
        validated(Wheel, {"k" * 900_000: 1, "spokes": 2}, Path("a.toml"))
    assert len(str(caught.value)) < 600


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
