"""The exact ruler: right on true renders, at any size, and strict about what spoils a picture."""

import random

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from data.embedded.detector import Detection, detect, verdict
from data.embedded.drawing import draw, layout, to_uint8
from data.embedded.world import PALETTE, Scene, Thing, pair_scenes, single_scenes

RED_ABOVE_BLUE = {
    "things": [{"colour": "red", "shape": "circle"}, {"colour": "blue", "shape": "square"}],
    "relation": "above",
}


def rendered(scenes: list[Scene], seed: int) -> np.ndarray:
    rng = random.Random(seed)
    images: np.ndarray = to_uint8(draw([layout(scene, rng) for scene in scenes])).numpy()
    return images


def pillow_scene(size: int = 128, ground: int = 30) -> np.ndarray:
    """A red circle above a blue square by another hand, four times as large, not antialiased."""
    image = Image.new("RGB", (size, size), (ground,) * 3)
    pen, part = ImageDraw.Draw(image), size / 32
    pen.ellipse([10 * part, 4 * part, 20 * part, 14 * part], fill=PALETTE["red"])
    pen.rectangle([12 * part, 19 * part, 21 * part, 28 * part], fill=PALETTE["blue"])
    return np.asarray(image)


@pytest.mark.parametrize("pool", [single_scenes, pair_scenes])
def test_true_renders_read_right_998_times_in_1000(pool) -> None:  # type: ignore[no-untyped-def]
    scenes = random.Random(3).choices([*pool(unseen=False), *pool(unseen=True)], k=600)
    images = rendered(scenes, seed=4)
    right = [verdict(s.expectation(), detect(i)).correct for s, i in zip(scenes, images, strict=True)]
    assert np.mean(right) >= 0.998


@pytest.mark.parametrize("size", [64, 128])
def test_a_nearest_neighbour_enlargement_reads_as_its_original(size: int) -> None:
    for image in rendered(list(pair_scenes(unseen=True)[:40]), seed=5):
        assert detect(cv2.resize(image, (size, size), interpolation=cv2.INTER_NEAREST)) == detect(image)


@pytest.mark.parametrize("ground", [30, 225])
@pytest.mark.parametrize("size", [64, 128, 500])
def test_a_picture_drawn_by_pillow_reads_right(size: int, ground: int) -> None:
    expected = {**RED_ABOVE_BLUE, "background": "dark" if ground == 30 else "light"}
    assert verdict(expected, detect(pillow_scene(size, ground))).correct


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(pair_scenes(unseen=True)), st.integers(0, 10**6))
def test_a_mirrored_picture_has_the_mirrored_relation(scene: Scene, seed: int) -> None:
    image = rendered([scene], seed)[0]
    sideways = scene.relation in ("left-of", "right-of")
    flipped = image[:, ::-1] if sideways else image[::-1]
    seen = detect(np.ascontiguousarray(flipped))
    assert not verdict(scene.expectation(), seen).position
    # A triangle upside down is no triangle of this world, so position is all that is claimed.
    assert verdict(Scene(scene.things[::-1], scene.relation).expectation(), seen).position


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(pair_scenes(unseen=True)), st.integers(0, 10**6))
def test_areas_and_centroids_are_shares_of_the_image(scene: Scene, seed: int) -> None:
    for thing in detect(rendered([scene], seed)[0]).things:
        assert 0 < thing.x < 1
        assert 0 < thing.y < 1
        assert 0.018 <= thing.area < 0.5


def test_exchanged_shapes_are_the_right_shapes_wrongly_bound() -> None:
    scene = Scene((Thing("blue", "circle"), Thing("red", "square")), "above")
    result = verdict(scene.expectation(), detect(pillow_scene()))
    assert (result.count, result.colour, result.shape) == (True, True, True)
    assert (result.bound, result.correct) == (False, False)


def test_a_third_thing_spoils_the_count() -> None:
    image = pillow_scene().copy()
    image[50:70, 95:115] = PALETTE["green"]
    result = verdict(RED_ABOVE_BLUE, detect(image))
    assert (result.count, result.position, result.correct) == (False, True, False)


def test_a_blob_of_no_palette_colour_is_a_thing_without_colour() -> None:
    image = pillow_scene().copy()
    image[50:80, 90:120] = (225, 225, 225)
    assert [thing.colour for thing in detect(image).things].count(None) == 1
    assert not verdict(RED_ABOVE_BLUE, detect(image)).count


def test_an_unasked_background_is_not_judged() -> None:
    assert verdict(RED_ABOVE_BLUE, detect(pillow_scene())).background is None
    asked = verdict({**RED_ABOVE_BLUE, "background": "light"}, detect(pillow_scene()))
    assert (asked.background, asked.correct) == (False, False)


def test_an_empty_picture_shows_nothing() -> None:
    assert detect(np.full((32, 32, 3), 30, np.uint8)) == Detection((), "dark")


def test_noise_is_never_right() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (32, 32, 3), dtype=np.uint8)
    assert not verdict(RED_ABOVE_BLUE, detect(noise)).correct


def test_a_word_that_is_not_of_the_world_is_refused() -> None:
    with pytest.raises(ValueError, match="Unknown colour 'mauve'"):
        verdict({"things": [{"colour": "mauve", "shape": "circle"}]}, detect(pillow_scene()))
    with pytest.raises(ValueError, match="Unknown relation 'near'"):
        verdict({**RED_ABOVE_BLUE, "relation": "near"}, detect(pillow_scene()))


@pytest.mark.parametrize("image", [np.zeros((32, 32), np.uint8), np.zeros((32, 32, 3)), np.zeros((4, 4, 3), np.uint8)])
def test_what_is_no_rgb_image_is_refused(image: np.ndarray) -> None:
    with pytest.raises(ValueError, match="Expected a uint8 RGB image"):
        detect(image)
