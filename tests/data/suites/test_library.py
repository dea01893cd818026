"""Suites are found by name, by path and by form."""

from pathlib import Path

import pytest

from data.errors import UnknownNameError
from data.suites import load_suite, narrowed, suite_names
from data.suites.library import FOLDER


def test_our_suites_are_known_by_name() -> None:
    assert suite_names() == ["core-image", "core-video", "moving-shapes", "sentinel", "shapes"]
    assert [load_suite(name).name for name in suite_names()] == suite_names()


def test_a_path_and_a_name_give_the_same_suite() -> None:
    assert load_suite(str(FOLDER / "shapes.jsonl")) == load_suite("shapes") == load_suite(FOLDER / "shapes.jsonl")


def test_an_unknown_suite_is_answered_with_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match=r"Unknown suite 'shape'\. Did you mean 'shapes'\?"):
        load_suite("shape")


def test_an_unknown_form_is_answered_with_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match=r"Unknown form of suite 'genval'\. Did you mean 'geneval'\?"):
        load_suite("genval:prompts.jsonl.gz")


def test_narrowing_keeps_the_categories_asked_for_and_is_another_suite() -> None:
    whole = load_suite("shapes")
    part = narrowed(whole, ["single", "long-caption"])
    assert part.categories == ("single", "long-caption")
    assert part.digest != whole.digest
    assert narrowed(whole, whole.categories) == whole


def test_the_first_prompts_of_each_category_are_another_suite() -> None:
    whole = load_suite("shapes")
    part = narrowed(whole, each=2)
    assert (part.name, part.categories) == ("shapes.first-2", whole.categories)
    assert part.title == "Shapes: one or two drawn objects, checked exactly (first 2 of each category)"
    for category in whole.categories:
        chosen, every = ([prompt for prompt in suite.prompts if prompt.category == category] for suite in (part, whole))
        assert chosen == every[:2]
    assert narrowed(whole, each=12) == whole
    assert narrowed(whole, ["single"], each=2).name == "shapes.single.first-2"
    assert narrowed(whole, ["single"], each=12) == narrowed(whole, ["single"])


def test_an_unknown_category_is_answered_with_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match=r"Unknown category .*'singel'\. Did you mean 'single'\?"):
        narrowed(load_suite("shapes"), ["singel"])


def test_core_image_has_six_prompts_for_each_use_that_routing_tells_apart() -> None:
    suite = load_suite("core-image")
    counts = {category: sum(prompt.category == category for prompt in suite.prompts) for category in suite.categories}
    assert counts == dict.fromkeys(
        (
            *("photoreal", "portrait", "product", "text-rendering", "illustration", "atmosphere"),
            *("action", "vfx", "multi-object", "counting", "spatial-relations", "cheap-draft"),
        ),
        6,
    )
    assert len({prompt.text for prompt in suite.prompts}) == 72


def test_core_images_checkable_categories_state_what_is_checked() -> None:
    wanted = {"text-rendering": "text", "multi-object": "objects", "counting": "count", "spatial-relations": "relation"}
    for prompt in load_suite("core-image").prompts:
        if prompt.category in wanted:
            assert wanted[prompt.category] in (prompt.expectation or {}), prompt.id


def test_core_video_has_six_prompts_for_each_use_that_routing_tells_apart() -> None:
    suite = load_suite("core-video")
    counts = {category: sum(prompt.category == category for prompt in suite.prompts) for category in suite.categories}
    assert counts == dict.fromkeys(
        (
            *("action", "calm-atmosphere", "camera-moves", "multi-shot", "dialogue-portrait", "product"),
            *("vfx", "text-on-screen", "anime", "physics", "animals", "filler"),
        ),
        6,
    )
    assert len({prompt.text for prompt in suite.prompts}) == 72
    assert (suite.task, suite.primary_metric) == ("text-to-video", "video_clip_score")


@pytest.mark.parametrize("name", ["core-image", "core-video"])
def test_a_text_that_is_to_be_rendered_stands_in_its_prompt(name: str) -> None:
    for prompt in load_suite(name).prompts:
        words = str((prompt.expectation or {}).get("text", "")).split()
        assert all(word in prompt.text for word in words), prompt.id


def test_suites_are_plain_files_that_end_with_a_newline() -> None:
    paths: list[Path] = sorted(FOLDER.glob("*.jsonl"))
    assert all(path.read_bytes().endswith(b"}\n") for path in paths)
