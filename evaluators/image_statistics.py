"""`image_statistics`: sensors of drift that need no weights.

They show that a model changed, and never rank one: noise raises "sharpness" (861 to 2581 at σ 15 on the astronaut).
"""

import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image

from data.serialization import digest
from data.vocabulary import Metric
from evaluators import decode
from evaluators.colour import Pixels
from evaluators.eval_input import Declaration, EvalInput, MetricResult, MetricResults, RunContext

JPEG_QUALITY: Final = 90
JPEG_SIDE: Final = 65_500
"""Pixels of a JPEG's longer side at most, in libjpeg."""

BLOCK: Final = 8
NEAR_BLACK, NEAR_WHITE = 2, 253

_SECOND_DIFFERENCE: Final = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], dtype=np.float64)

Grey = npt.NDArray[np.uint8]


def grey(pixels: Pixels) -> Grey:
    """BT.601 luma of sRGB `pixels` (height, width, 3): uint8 (height, width).

    >>> grey(np.uint8([[[255, 0, 0], [0, 255, 0], [0, 0, 255]]])).tolist()
    [[76, 150, 29]]
    """
    return np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), dtype=np.uint8)


def laplacian_variance(pixels: Pixels) -> float:
    """Variance of the Laplacian of luma, in levels squared: fine structure, or noise (Pech-Pacheco et al. 2000).

    >>> laplacian_variance(np.zeros((8, 8, 3), np.uint8))
    0.0
    """
    return float(cv2.Laplacian(grey(pixels), cv2.CV_64F).var())


def colourfulness(pixels: Pixels) -> float:
    """Hasler and Süsstrunk 2003, eq. of M3: spread and distance from grey of red-green and yellow-blue, in levels.

    >>> colourfulness(np.full((8, 8, 3), 90, np.uint8))
    0.0
    """
    red, green, blue = (pixels[..., channel] for channel in range(3))
    red_green = np.subtract(red, green, dtype=np.float64)
    spread, mean = red_green.std(), red_green.mean()
    yellow_blue = np.add(red, green, out=red_green, dtype=np.float64)
    yellow_blue /= 2
    yellow_blue -= blue
    return float(np.hypot(spread, yellow_blue.std()) + 0.3 * np.hypot(mean, yellow_blue.mean()))


def clipped_shadows(pixels: Pixels) -> float:
    """Share of pixels whose luma is at most 2.

    >>> clipped_shadows(np.zeros((8, 8, 3), np.uint8))
    1.0
    """
    return float((grey(pixels) <= NEAR_BLACK).mean())


def clipped_highlights(pixels: Pixels) -> float:
    """Share of pixels whose luma is at least 253.

    >>> clipped_highlights(np.zeros((8, 8, 3), np.uint8))
    0.0
    """
    return float((grey(pixels) >= NEAR_WHITE).mean())


def noise(pixels: Pixels) -> float | None:
    """Immerkær 1996: the σ of white noise in luma, in levels; None under 3 × 3 pixels.

    >>> noise(np.zeros((8, 8, 3), np.uint8))
    0.0
    """
    if min(pixels.shape[:2]) < 3:
        return None
    response = cv2.filter2D(grey(pixels), cv2.CV_64F, _SECOND_DIFFERENCE)[1:-1, 1:-1]
    return float(np.sqrt(np.pi / 2) * np.abs(response).mean() / 6)


def entropy(pixels: Pixels) -> float:
    """Shannon entropy of luma's histogram, 0 to 8 bits.

    >>> entropy(np.zeros((8, 8, 3), np.uint8))
    0.0
    """
    counts = np.bincount(grey(pixels).ravel(), minlength=256)
    shares = counts[counts > 0] / counts.sum()
    return abs(float(-(shares * np.log2(shares)).sum()))


def jpeg_bits_per_pixel(pixels: Pixels) -> float | None:
    """Size as a JPEG of quality 90 (4:2:0), in bits a pixel: how much detail there is; None for sides a JPEG lacks.

    >>> jpeg_bits_per_pixel(np.zeros((256, 256, 3), np.uint8)) < 0.3
    True
    """
    if max(pixels.shape[:2]) > JPEG_SIDE:
        return None
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "JPEG", quality=JPEG_QUALITY, subsampling="4:2:0")
    return 8 * float(out.tell()) / (pixels.size // 3)


def blockiness(pixels: Pixels) -> float | None:
    """How much larger luma's steps are across the 8-pixel grid than within it: (across - within) / (across + within).

    -1 to 1, 0 without a grid; None for a picture without any step, or under 16 × 16 pixels. After Wang, Sheikh and
    Bovik 2002, "No-reference perceptual quality assessment of JPEG compressed images".

    >>> blockiness(np.kron(np.eye(4), np.ones((8, 8)))[..., None].repeat(3, 2).astype(np.uint8) * 255)
    1.0
    """
    levels = grey(pixels).astype(np.int16)
    if min(levels.shape) < 2 * BLOCK:
        return None
    across, within = np.zeros(2), np.zeros(2)
    for axis in (0, 1):
        steps = np.abs(np.diff(levels, axis=axis)).mean(axis=1 - axis)
        on_grid = np.arange(len(steps)) % BLOCK == BLOCK - 1
        across[axis], within[axis] = steps[on_grid].mean(), steps[~on_grid].mean()
    total = across.sum() + within.sum()
    return float((across.sum() - within.sum()) / total) if total > 0 else None


@dataclass(frozen=True, slots=True)
class Sensor:
    """One statistic: how it is computed and what its number is."""

    compute: Callable[[Pixels], float | None]
    title: str
    unit: str
    high: float | None
    low: float = 0.0
    absent: str = "It is not defined for this picture."


SENSORS: Final[Mapping[str, Sensor]] = MappingProxyType(
    {
        "laplacian_variance": Sensor(laplacian_variance, "Laplacian variance", "levels²", None),
        "colourfulness": Sensor(colourfulness, "Colourfulness", "levels", None),
        "clipped_shadows": Sensor(clipped_shadows, "Clipped shadows", "share", 1.0),
        "clipped_highlights": Sensor(clipped_highlights, "Clipped highlights", "share", 1.0),
        "noise": Sensor(noise, "Noise σ", "levels", None, absent="Expected at least 3 × 3 pixels, got fewer."),
        "entropy": Sensor(entropy, "Entropy", "bits", 8.0),
        "jpeg_bits_per_pixel": Sensor(
            jpeg_bits_per_pixel,
            "JPEG-90 size",
            "bits per pixel",
            None,
            absent=f"Expected at most {JPEG_SIDE} pixels a side, got more.",
        ),
        "blockiness": Sensor(
            blockiness,
            "8-pixel blockiness",
            "ratio",
            1.0,
            low=-1.0,
            absent="Expected at least 16 × 16 pixels with some contrast, got fewer or none.",
        ),
    }
)


def _metric(name: str, sensor: Sensor) -> Metric:
    return Metric(
        name=name,
        title=sensor.title,
        evaluator="image_statistics",
        unit=sensor.unit,
        higher_is_better=False,
        bounds=(sensor.low, sensor.high),
        kind="sensor",
    )


DECLARATION: Final = Declaration(
    name="image_statistics",
    version="1",
    modalities=frozenset({"image"}),
    needs=frozenset({"pixels"}),
    metrics=tuple(_metric(name, sensor) for name, sensor in SENSORS.items()),
)


@dataclass(frozen=True, slots=True)
class ImageStatistics:
    """The evaluator."""

    declaration: Declaration = DECLARATION

    def fingerprint(self, context: RunContext) -> str:
        """Covers the canonical decode and the constants."""
        constants: dict[str, Any] = {"jpeg": JPEG_QUALITY, "block": BLOCK, "clipped": [NEAR_BLACK, NEAR_WHITE]}
        return digest({"decode": decode.VERSION, **constants})

    def evaluate(self, batch: Sequence[EvalInput], context: RunContext) -> Sequence[MetricResults]:
        """Eight results for each input."""
        return [
            {name: _result(sensor, eval_input.picture.pixels) for name, sensor in SENSORS.items()}
            for eval_input in batch
        ]


def _result(sensor: Sensor, pixels: Pixels) -> MetricResult:
    value = sensor.compute(pixels)
    return MetricResult(None, sensor.absent) if value is None else MetricResult(round(value, 6))
