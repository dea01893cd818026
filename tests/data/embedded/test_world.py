"""The world of shapes: its scenes, captions and what is held out."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.embedded.training.training_data import training_example
from data.embedded.world import (
    BACKGROUNDS,
    RELATIONS,
    WORDS,
    Scene,
    Thing,
    captions,
    free_pair_scenes,
    held_out,
    pair_scenes,
    single_scenes,
    things,
)

pairs = st.sampled_from([*pair_scenes(unseen=True), *pair_scenes(unseen=False)])


@given(pairs)
def test_both_descriptions_of_a_scene_are_held_out_together(scene: Scene) -> None:
    assert held_out(scene) == held_out(scene.mirrored())
    assert scene.canonical() == scene.mirrored().canonical()


@given(pairs)
def test_mirroring_twice_gives_the_scene_back(scene: Scene) -> None:
    assert scene.mirrored().mirrored() == scene


@given(pairs, st.sampled_from(BACKGROUNDS))
def test_a_background_never_decides_whether_a_pair_is_held_out(scene: Scene, background: str) -> None:
    assert held_out(Scene(scene.things, scene.relation, background)) == held_out(scene)  # type: ignore[arg-type]


def test_about_one_scene_in_ten_is_held_out() -> None:
    for pool, low, high in ((pair_scenes, 0.08, 0.13), (free_pair_scenes, 0.06, 0.13), (single_scenes, 0.05, 0.2)):
        share = len(pool(unseen=True)) / (len(pool(unseen=True)) + len(pool(unseen=False)))
        assert low < share < high


def test_held_out_and_shown_scenes_are_disjoint_and_whole() -> None:
    shown, unseen = set(pair_scenes(unseen=False)), set(pair_scenes(unseen=True))
    assert not shown & unseen
    assert len(shown | unseen) == len(things()) * (len(things()) - 4) * len(RELATIONS)


@given(st.integers(0, 10**6))
def test_a_training_example_shows_and_describes_nothing_that_is_held_out(seed: int) -> None:
    example = training_example(random.Random(seed), 0.7)
    bare = Scene(example.drawn.things, example.drawn.relation, example.drawn.background)
    assert not held_out(bare)
    assert not held_out(example.described)


@given(pairs, st.sampled_from([None, *BACKGROUNDS]))
def test_a_caption_uses_the_world_s_words_only(scene: Scene, background: str | None) -> None:
    for caption in captions(Scene(scene.things, scene.relation, background)):  # type: ignore[arg-type]
        assert set(caption.split()) <= set(WORDS)
        assert ("background" in caption) == (background is not None)


def test_the_first_caption_is_the_shortest_form() -> None:
    scene = Scene((Thing("red", "circle"), Thing("blue", "square")), "left-of", "dark")
    assert captions(scene)[0] == "a red circle left of a blue square on a dark background"


def test_a_relation_needs_two_things() -> None:
    with pytest.raises(ValueError, match="no relation for a single thing"):
        Scene((Thing("red", "circle"),), "above")
