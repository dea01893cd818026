"""Files find their prompts by id, by text, by number, as people and benchmarks name them, and never by chance."""

from dataclasses import replace

import pytest

from data.vocabulary import Prompt, Suite
from harness.brought.matching import AmbiguousError, PromptNames

LONG = "a very long picture of a red circle to the left of a blue square on a table in the sun"


@pytest.fixture
def names(suite: Suite) -> PromptNames:
    texts = {"dog-1": "A dog, running.", "dog-12": "two dogs", "seven": "7", "long": LONG, "umlaut": "Ein Bär"}
    prompts = tuple(Prompt(id=name, text=text, category="c") for name, text in texts.items())
    return PromptNames(replace(suite, prompts=prompts))


@pytest.mark.parametrize(
    ("file", "prompt", "seed"),
    [
        ("dog-1.png", "dog-1", 0),
        ("DOG-1.PNG", "dog-1", 0),
        ("dog-12.png", "dog-12", 0),
        ("dog-1_7.png", "dog-1", 7),
        ("dog-1-seed42.png", "dog-1", 42),
        ("dog-1_seed_42.png", "dog-1", 42),
        ("dog-1.3.png", "dog-1", 3),
        ("a-dog-running.png", "dog-1", 0),
        ("A dog, running.-2.mp4", "dog-1", 2),
        ("a_dog_running_5.webp", "dog-1", 5),
        ("7.png", "seven", 0),
        ("ein-bär.png", "umlaut", 0),
        (f"{LONG[:50]}.png", "long", 0),
        (f"{LONG[:50]}-3.png", "long", 3),
        ("painter/dog-12/00004.png", "dog-12", 4),
        ("dog-12/samples/2.png", "dog-12", 2),
        ("two dogs/last.png", "dog-12", None),
    ],
)
def test_a_file_finds_its_prompt(names: PromptNames, file: str, prompt: str, seed: int | None) -> None:
    match = names.of_file(file)
    assert ([each.id for each in match.prompts], match.seed) == ([prompt], seed)


@pytest.mark.parametrize("file", ["cat.png", "dog.png", "a.png", "a-dog.png", "---.png", f"{LONG[:20]}.png", "12.png"])
def test_a_file_that_fits_nothing_finds_nothing(names: PromptNames, file: str) -> None:
    assert names.of_file(file).prompts == ()


def test_the_words_of_a_manifest_are_an_id_or_the_text(names: PromptNames) -> None:
    assert [names.of_words([text])[0].id for text in ("dog-1", "A dog, running.", " two  dogs ")] == [
        "dog-1",
        "dog-1",
        "dog-12",
    ]
    assert names.of_words(["nothing", "two dogs"])[0].id == "dog-12"
    assert names.of_words([LONG[:50]]) == ()


def test_prompts_of_one_text_are_all_meant_and_of_two_texts_none(suite: Suite) -> None:
    texts = {"a": "red", "b": "red", "c": "red, green", "d": "red green"}
    prompts = tuple(Prompt(id=name, text=text, category="c") for name, text in texts.items())
    names = PromptNames(replace(suite, prompts=prompts))
    assert [prompt.id for prompt in names.of_file("red.png").prompts] == ["a", "b"]
    assert names.of_file("red green.png").prompts[0].id == "d"
    with pytest.raises(AmbiguousError, match="fits c, d"):
        names.of_file("red-green.png")
