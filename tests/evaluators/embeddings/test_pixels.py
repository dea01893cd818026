"""What the encoder is given, against Pillow and open_clip's own transform."""

import subprocess
import sys

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


def whole(pixels: np.ndarray, about: Preprocess) -> np.ndarray:
    """The picture resized as a whole and cropped then, as level values, by open_clip's own transform."""
    cfg = PreprocessCfg(
        size=about.size, mean=(0, 0, 0), std=(1, 1, 1), interpolation=about.interpolation, resize_mode=about.resize
    )
    return (image_transform_v2(cfg, is_train=False)(Image.fromarray(pixels)) * 255).round().numpy().transpose(1, 2, 0)


@pytest.mark.parametrize("interpolation", ["bicubic", "bilinear"])
@pytest.mark.parametrize(("height", "width"), [(1, 700), (701, 1), (2, 1401), (40, 26_000), (400, 3)])
def test_a_strip_that_is_cropped_first_is_what_it_would_be_as_a_whole(lab, height, width, interpolation):
    pixels, about = lab.noise(height + width, height, width), preprocess(224, interpolation=interpolation)
    apart = np.abs(fitted(pixels, about).astype(int) - whole(pixels, about))
    assert apart.max() <= 1
    assert (apart > 0).mean() < 0.01


STRIPS = """
import resource
import numpy as np
from evaluators.embeddings.card import Preprocess
from evaluators.embeddings.pixels import fitted
limit = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize() + 400 * 2**20
resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
for size in (224, 1024):
    for resize in ("shortest", "squash"):
        about = Preprocess(size=size, resize=resize, mean=(0, 0, 0), std=(1, 1, 1))
        for height, width in ((8192, 1), (1, 20_000), (1, 2**22), (2**22, 1), (3, 2**21), (2**21, 3)):
            assert fitted(np.ones((height, width, 3), np.uint8), about).shape == (size, size, 3)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="Address space is limited and read as on Linux.")
def test_no_strip_takes_more_memory_than_is_declared():
    subprocess.run([sys.executable, "-c", STRIPS], check=True)


def test_a_picture_of_the_encoders_size_is_left_alone(lab):
    pixels = lab.noise(0, 64, 64)
    assert np.array_equal(fitted(pixels, preprocess()), pixels)


@pytest.mark.parametrize(
    ("width", "height", "seen"), [(1024, 1024, 1.0), (1280, 720, 0.5625), (720, 1280, 0.5625), (2048, 1024, 0.5)]
)
def test_the_centre_crop_hides_what_is_wide(width, height, seen):
    assert visible_fraction(width, height, preprocess(224)) == pytest.approx(seen, abs=2e-3)
    assert visible_fraction(width, height, preprocess(224, "squash")) == 1
