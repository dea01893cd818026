"""The world in motion: its scenes, captions and what is held out."""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.embedded.motion.captions import ALL_WORDS, captions
from data.embedded.motion.world import (
    Actor,
    MotionAction,
    MovingScene,
    held_out,
    pair_scenes,
    single_scenes,
    story_scenes,
)
from data.embedded.world import WORDS, Thing

RED, BLUE = Thing("red", "circle"), Thing("blue", "square")
pairs = st.sampled_from([*pair_scenes(unseen=True), *pair_scenes(unseen=False)[:3000]])
scenes = st.one_of(pairs, st.sampled_from([*single_scenes(unseen=True), *story_scenes(unseen=True)]))


@given(pairs)
def test_both_tellings_of_a_pair_are_held_out_together(scene: MovingScene) -> None:
    assert held_out(scene) == held_out(MovingScene(scene.actors[::-1]))


@given(scenes, st.sampled_from(["dark", "light"]))
def test_a_background_never_decides_whether_a_scene_is_held_out(scene: MovingScene, background: str) -> None:
    stated = dataclasses.replace(scene, background=background)  # type: ignore[arg-type]
    assert held_out(stated) == held_out(scene)


def test_a_speed_never_decides_whether_a_scene_is_held_out() -> None:
    stated = {held_out(MovingScene((Actor(RED, (MotionAction("left", speed),)),))) for speed in (None, "fast", "slow")}  # type: ignore[arg-type]
    assert len(stated) == 1


@pytest.mark.parametrize("pool", [single_scenes, story_scenes, pair_scenes])
def test_about_one_scene_in_ten_is_held_out(pool) -> None:  # type: ignore[no-untyped-def]
    held, shown = len(pool(unseen=True)), len(pool(unseen=False))
    assert 0.06 < held / (held + shown) < 0.14


@given(scenes)
def test_a_caption_uses_the_world_s_words_only(scene: MovingScene) -> None:
    for caption in captions(scene):
        assert set(caption.split()) <= set(ALL_WORDS)
        assert "background" not in caption


@given(scenes)
def test_a_caption_fits_the_text_encoder(scene: MovingScene) -> None:
    assert max(len(caption.split()) for caption in captions(dataclasses.replace(scene, background="dark"))) <= 22


def test_words_of_pictures_keep_their_ids() -> None:
    from data.embedded import language
    from data.embedded.motion.language import VOCABULARY

    assert {word: VOCABULARY[word] for word in language.VOCABULARY} == language.VOCABULARY
    assert ALL_WORDS[: len(WORDS)] == WORDS


def test_what_this_world_does_not_know_is_refused() -> None:
    with pytest.raises(ValueError, match="Expected a speed with left"):
        MotionAction("grow", "fast")
    with pytest.raises(ValueError, match="Expected a colour with 'turn'"):
        MotionAction("left", to="red")
    with pytest.raises(ValueError, match="another colour to turn to"):
        Actor(RED, (MotionAction("turn", to="red"),))
    with pytest.raises(ValueError, match="one action for each of two actors"):
        MovingScene((Actor(RED, (MotionAction("left"), MotionAction("up"))), Actor(BLUE, (MotionAction("still"),))))
