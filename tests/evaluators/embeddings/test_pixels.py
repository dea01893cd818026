"""What the encoder is given, against Pillow and open_clip's own transform."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from open_clip.transform import PreprocessCfg, image_transform_v2
from PIL import Image

from evaluators.embeddings.card import Preprocess
from evaluators.embeddings.pixels import fitted, normalised, visible_fraction

MEAN, STD = (0.48145466, 0.4578275, 0.40821073), (0.26862954, 0.26130258, 0.27577711)


def preprocess(size: int = 64, resize: str = "shortest", interpolation: str = "bicubic") -> Preprocess:
    return Preprocess(size=size, resize=resize, interpolation=interpolation, mean=MEAN, std=STD)


@given(
    st.integers(1, 300),
    st.integers(1, 300),
    st.sampled_from([32, 64, 224]),
    st.sampled_from(["shortest", "squash"]),
    st.sampled_from(["bicubic", "bilinear"]),
)
@settings(max_examples=80, deadline=None)
def test_the_input_is_exactly_that_of_open_clip(lab, height, width, size, resize, interpolation):
    if max(height, width) > 40 * min(height, width):
        return
    pixels = lab.noise(height * 1000 + width, height, width)
    theirs = image_transform_v2(
        PreprocessCfg(size=size, mean=MEAN, std=STD, interpolation=interpolation, resize_mode=resize), is_train=False
    )(Image.fromarray(pixels))
    ours = preprocess(size, resize, interpolation)
    mine = torch.from_numpy(normalised([fitted(pixels, ours)], ours))[0]
    assert mine.shape == theirs.shape == (3, size, size)
    assert float((mine - theirs).abs().max()) < 1e-6


def test_a_picture_of_the_encoders_size_is_left_alone(lab):
    pixels = lab.noise(0, 64, 64)
    assert np.array_equal(fitted(pixels, preprocess()), pixels)


@pytest.mark.parametrize(
    ("width", "height", "seen"), [(1024, 1024, 1.0), (1280, 720, 0.5625), (720, 1280, 0.5625), (2048, 1024, 0.5)]
)
def test_the_centre_crop_hides_what_is_wide(width, height, seen):
    assert visible_fraction(width, height, preprocess(224)) == pytest.approx(seen, abs=2e-3)
    assert visible_fraction(width, height, preprocess(224, "squash")) == 1
