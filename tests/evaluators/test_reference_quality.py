"""PSNR and SSIM against scikit-image, and the worked numbers."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from skimage import data as pictures
from skimage.metrics import peak_signal_noise_ratio, structural_similarity

from evaluators.reference_quality import psnr, ssim


def noisy_astronaut() -> tuple[np.ndarray, np.ndarray]:
    clean = pictures.astronaut()
    noise = np.random.default_rng(0).normal(0, 15, clean.shape)
    return np.clip(clean + noise, 0, 255).astype(np.uint8), clean


def test_the_noisy_astronaut_has_the_published_psnr_and_ssim():
    noisy, clean = noisy_astronaut()
    assert psnr(noisy, clean) == pytest.approx(25.14827, abs=5e-6)
    assert ssim(noisy, clean) == pytest.approx(0.49588, abs=5e-6)


@given(st.integers(0, 2**32 - 1), st.integers(11, 40), st.integers(11, 40))
@settings(max_examples=30, deadline=None)
def test_both_agree_with_scikit_image(lab, seed, height, width):
    first, second = lab.noise(seed, height, width), lab.noise(seed + 1, height, width)
    mixed = (first // 2 + second // 2).astype(np.uint8)
    theirs = structural_similarity(
        mixed, first, gaussian_weights=True, sigma=1.5, use_sample_covariance=False, data_range=255, channel_axis=-1
    )
    assert ssim(mixed, first) == pytest.approx(theirs, abs=1e-9)
    assert psnr(mixed, first) == pytest.approx(peak_signal_noise_ratio(first, mixed, data_range=255), abs=1e-9)


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=20, deadline=None)
def test_both_are_symmetric_and_a_picture_is_most_like_itself(lab, seed):
    first, second = lab.noise(seed), lab.noise(seed + 1)
    assert ssim(first, second) == pytest.approx(ssim(second, first))
    assert psnr(first, second) == pytest.approx(psnr(second, first))
    assert ssim(first, first) == pytest.approx(1)
    assert psnr(first, first) == float("inf")
    assert -1 <= ssim(first, second) <= 1


def test_pictures_of_two_shapes_are_refused(lab):
    with pytest.raises(ValueError, match="one shape"):
        psnr(lab.noise(0, 12, 12), lab.noise(0, 12, 13))
    with pytest.raises(ValueError, match="uint8 picture"):
        ssim(lab.noise(0).astype(float), lab.noise(0))
    with pytest.raises(ValueError, match="at least 11"):
        ssim(lab.noise(0, 10, 30), lab.noise(0, 10, 30))
