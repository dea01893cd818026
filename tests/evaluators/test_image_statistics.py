"""The sensors of drift: worked numbers, bounds and what each is blind to."""

import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from skimage import data as pictures
from skimage.measure import shannon_entropy

from evaluators import image_statistics
from evaluators.blank import is_blank
from evaluators.decode import decode
from evaluators.image_statistics import SENSORS, ImageStatistics


def evaluate(lab, data: bytes) -> dict:
    return dict(ImageStatistics().evaluate([lab.eval_input(data)], lab.context)[0])


def test_noise_raises_the_sharpness_of_the_astronaut_as_published():
    clean = pictures.astronaut()
    noisy = np.clip(clean + np.random.default_rng(0).normal(0, 15, clean.shape), 0, 255).astype(np.uint8)
    sharp = [image_statistics.laplacian_variance(each) for each in (clean, noisy)]
    assert sharp[1] > 2.5 * sharp[0]
    assert sharp[0] == pytest.approx(861, abs=5)
    assert sharp[1] == pytest.approx(2581, rel=0.02)


@given(st.integers(0, 2**32 - 1), st.integers(3, 48), st.integers(3, 48))
@settings(max_examples=30, deadline=None)
def test_every_number_lies_within_its_declared_bounds(lab, seed, height, width):
    results = evaluate(lab, lab.encoded(lab.noise(seed, height, width)))
    for metric in image_statistics.DECLARATION.metrics:
        low, high = metric.bounds
        value = results[metric.name].value
        assert value is None or (low <= value <= (np.inf if high is None else high))


@given(st.integers(0, 255))
@settings(max_examples=20, deadline=None)
def test_a_flat_picture_has_no_structure_at_all(lab, level):
    results = evaluate(lab, lab.encoded(np.full((32, 32, 3), level, np.uint8)))
    assert [results[name].value for name in ("laplacian_variance", "colourfulness", "noise", "entropy")] == [0, 0, 0, 0]
    assert "contrast" in results["blockiness"].reason
    assert results["clipped_shadows"].value == float(level <= 2)
    assert results["clipped_highlights"].value == float(level >= 253)


@given(st.floats(5, 40))
@settings(max_examples=10, deadline=None)
def test_immerkaer_finds_the_noise_that_was_added(sigma):
    levels = 128 + np.random.default_rng(7).normal(0, sigma, (256, 256))
    grey = np.clip(levels.round(), 0, 255).astype(np.uint8)
    picture = np.repeat(grey[..., None], 3, axis=-1)
    assert image_statistics.noise(picture) == pytest.approx(sigma, rel=0.08)


def test_entropy_agrees_with_scikit_image():
    picture = pictures.astronaut()
    assert image_statistics.entropy(picture) == pytest.approx(shannon_entropy(image_statistics.grey(picture)))


def test_colourfulness_is_the_papers_formula():
    red_and_green = np.zeros((2, 2, 3), np.uint8)
    red_and_green[0, :, 0] = red_and_green[1, :, 1] = 100
    spread, offset = np.hypot(100, 0), np.hypot(0, 50)
    assert image_statistics.colourfulness(red_and_green) == pytest.approx(spread + 0.3 * offset)


def test_a_coarse_jpeg_is_blockier_than_its_original(lab):
    clean = pictures.astronaut()
    coarse = decode(lab.encoded(clean, "JPEG", quality=10)).pixels
    assert image_statistics.blockiness(coarse) > image_statistics.blockiness(clean) + 0.1


def test_the_size_as_jpeg_grows_with_what_there_is_to_tell(lab):
    flat, noise = np.full((64, 64, 3), 90, np.uint8), lab.noise(0, 64, 64)
    assert image_statistics.jpeg_bits_per_pixel(flat) < 2 < image_statistics.jpeg_bits_per_pixel(noise)


def test_a_tiny_picture_has_a_reason_where_it_has_no_number(lab):
    results = evaluate(lab, lab.encoded(lab.noise(0, 2, 2)))
    assert results["noise"].value is None
    assert "at least 3" in results["noise"].reason
    assert "at least 16" in results["blockiness"].reason


def test_sensors_never_rank():
    assert {metric.kind for metric in image_statistics.DECLARATION.metrics} == {"sensor"}
    assert len(SENSORS) == 8


@pytest.mark.parametrize("measure", [is_blank, *(sensor.compute for sensor in SENSORS.values())])
def test_memory_is_bounded_by_the_pixels(lab, measure):
    pixels = lab.noise(0, 2048, 2048)
    tracemalloc.start()
    measure(pixels)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak <= 18 * 2048 * 2048
