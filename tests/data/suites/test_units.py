"""Entries of the same text and inputs are one prompt."""

from pathlib import Path

from data.suites import load_suite, narrowed
from data.suites.units import prompt_units, repetition
from data.vocabulary import MediaInput, Prompt

HEADER = (
    '{"halflife_suite": 1, "name": "twice", "version": "1", "task": "text-to-image", "title": "Twice", '
    '"licence": "own", "source": "own", "primary_metric": "clip_score"}\n'
)


def suite_of(folder: Path, *rows: tuple[str, str, str]):
    lines = [f'{{"id": "{name}", "text": "{text}", "category": "{category}"}}\n' for name, text, category in rows]
    path = folder / "twice.jsonl"
    path.write_text(HEADER + "".join(lines))
    return load_suite(path)


def test_an_input_tells_prompts_of_one_text_apart_and_its_path_does_not() -> None:
    def prompt(name: str, sha256: str) -> Prompt:
        given = MediaInput(sha256=sha256 * 64, media_type="image/png", path=f"{name}.png")
        return Prompt(id=name, text="it turns", category="c", inputs={"image": given})

    units = prompt_units([prompt("p", "a"), prompt("q", "a"), prompt("r", "b")])
    assert units == {"p": "p", "q": "p", "r": "r"}


def test_a_suite_says_how_many_entries_and_how_many_texts_it_has(tmp_path: Path) -> None:
    rows = ("s1", "a red cup", "colour"), ("s2", "a red cup", "object"), ("s3", "a blue cup", "colour")
    said = repetition(suite_of(tmp_path, *rows))
    assert said is not None
    assert said.startswith("Suite 'twice' has 3 entries and 2 different texts: ")


def test_none_of_our_suites_says_a_prompt_twice() -> None:
    assert [repetition(load_suite(name)) for name in ("shapes", "moving-shapes", "core-image", "core-video")] == [
        None
    ] * 4


def test_the_first_prompts_of_a_category_are_different_ones(tmp_path: Path) -> None:
    texts = ("s1", "red"), ("s2", "red"), ("s3", "blue"), ("s4", "green"), ("s5", "blue")
    suite = suite_of(tmp_path, *((name, text, "colour") for name, text in texts))

    def first(each: int) -> list[str]:
        return [prompt.id for prompt in narrowed(suite, each=each).prompts]

    assert first(2) == ["s1", "s3"]
    assert first(3) == ["s1", "s3", "s4"]
    assert first(4) == ["s1", "s2", "s3", "s4"]
    assert narrowed(suite, each=5) == suite
