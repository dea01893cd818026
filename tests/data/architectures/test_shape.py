"""Shapes: conventions fill what was left out, and what an architecture does not take is answered with the nearest."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.architectures.library import architecture
from data.architectures.shape import Shape, ShapeLimits, ShapeRequest
from data.errors import ShapeError


def test_what_is_left_out_is_the_convention() -> None:
    shape = architecture("flux.1-dev").shape(ShapeRequest(width=1536))
    assert shape == Shape(width=1536, height=1024, steps=28, guidance=3.5, text_tokens=512)


def test_seconds_become_the_nearest_number_of_frames_that_is_taken() -> None:
    assert architecture("wan2.1-14b").shape(ShapeRequest(seconds=5.0)).frames == 81
    assert architecture("mochi-1").shape(ShapeRequest(seconds=5.0)).frames == 151
    assert architecture("ltx-2").shape(ShapeRequest(seconds=5.0)).frames == 121


@pytest.mark.parametrize(
    ("model", "asked", "sentence"),
    [
        (
            "flux.1-dev",
            ShapeRequest(width=1000),
            r"multiples of 16 pixels for flux\.1-dev, got 1000x1024\. The nearest is 992x",
        ),
        ("wan2.2-ti2v-5b", ShapeRequest(width=1280, height=720), r"got 1280x720\. The nearest is 1280x704\."),
        (
            "sd3-medium",
            ShapeRequest(width=4096, height=4096),
            r"up to 3072 for sd3-medium, got .* nearest is 3072x3072\.",
        ),
        ("dit-xl-2", ShapeRequest(width=512, height=256), r"equal sides .* nearest is 368x368\."),
        ("sana-1.6b", ShapeRequest(width=128, height=128), r"from 256 for sana-1\.6b, .* nearest is 256x256\."),
        ("wan2.1-14b", ShapeRequest(frames=80), r"4k \+ 1 up to 4093 for wan2\.1-14b, got 80\. The nearest is 81\."),
        ("wan2.1-14b", ShapeRequest(seconds=600.0), r"at most 255\.81 s \(4093 frames\) for wan2\.1-14b, got 600 s\."),
        ("sdxl", ShapeRequest(frames=2), r"Expected one frame for sdxl, got 2\. The nearest is 1\."),
        ("sdxl", ShapeRequest(seconds=2.0), r"Expected no duration for sdxl, which makes pictures, got 2 s\."),
        ("ltx-video-2b", ShapeRequest(seconds=2.0, frames=9), r"Expected one of seconds and frames, got both\."),
        (
            "ltx-2",
            ShapeRequest(text_tokens=100),
            r"multiples of 128 up to 1024 for ltx-2, got 100\. The nearest is 128\.",
        ),
        (
            "sd3.5-large",
            ShapeRequest(text_tokens=20),
            r"from 78 up to 589 for sd3\.5-large, got 20\. The nearest is 78\.",
        ),
        ("dit-xl-2", ShapeRequest(text_tokens=5), r"Expected no text tokens for dit-xl-2, got 5\. The nearest is 0\."),
        ("flux.1-dev", ShapeRequest(steps=0), r"Expected steps from 1 to 65,536, got 0\."),
        ("flux.1-dev", ShapeRequest(guidance=-1.0), r"Expected a guidance scale of 0 or more, got -1\."),
        ("flux.1-dev", ShapeRequest(width=0), r"got 0x1024\. The nearest is 16x1024\."),
    ],
)
def test_a_shape_that_is_not_taken_names_the_nearest(model: str, asked: ShapeRequest, sentence: str) -> None:
    with pytest.raises(ShapeError, match=sentence):
        architecture(model).shape(asked)


@given(
    st.integers(-10, 5000),
    st.integers(-10, 300),
    st.sampled_from([ShapeLimits(multiple=16, longest_side=3072, frame_step=4)]),
)
def test_the_nearest_is_taken_and_nothing_taken_is_nearer(pixels: int, frames: int, limits: ShapeLimits) -> None:
    side, length = limits.nearest_side(pixels), limits.nearest_frames(frames)
    assert limits.nearest_side(side) == side
    assert all(abs(side - pixels) <= abs(other - pixels) for other in range(16, 3073, 16))
    assert limits.nearest_frames(length) == length
    assert all(abs(length - frames) <= abs(other - frames) for other in range(1, 401, 4))


def test_guidance_doubles_only_where_it_is_classifier_free_and_above_one() -> None:
    sdxl, flux = architecture("sdxl"), architecture("flux.1-dev")
    assert sdxl.forwards(sdxl.shape()) == 60
    assert sdxl.forwards(sdxl.shape(ShapeRequest(guidance=1.0))) == 30
    assert flux.forwards(flux.shape()) == 28
