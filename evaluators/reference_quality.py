"""PSNR and SSIM against a reference, for edits and upscales: pure functions, no weights."""

from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from evaluators.colour import Pixels

SIGMA: Final = 1.5
RADIUS: Final = 5
LEVELS: Final = 255.0

_Floats = npt.NDArray[np.float64]


def psnr(picture: Pixels, reference: Pixels) -> float:
    """Peak signal-to-noise ratio in dB over all channels; infinite for equal pictures.

    Both are uint8 of one shape (height, width, 3). Raises ValueError for anything else.

    >>> round(psnr(np.zeros((8, 8, 3), np.uint8), np.full((8, 8, 3), 255, np.uint8)), 6)
    0.0
    """
    _check(picture, reference)
    error = float(np.mean((picture.astype(np.float64) - reference) ** 2))
    return float("inf") if error == 0 else float(10 * np.log10(LEVELS**2 / error))


def ssim(picture: Pixels, reference: Pixels) -> float:
    """Structural similarity (Wang et al. 2004): Gaussian window σ 1.5 of 11 × 11, population covariance.

    The mean over channels and over all places where the window fits; -1 to 1. Both pictures are uint8 of one shape
    (height, width, 3), at least 11 × 11. Raises ValueError for anything else. SSIM is not one number: other windows
    give others.

    >>> round(ssim(np.zeros((16, 16, 3), np.uint8), np.zeros((16, 16, 3), np.uint8)), 6)
    1.0
    """
    _check(picture, reference)
    if min(picture.shape[:2]) < 2 * RADIUS + 1:
        raise ValueError(f"Expected pictures of at least 11 × 11 pixels, got {picture.shape[1]} × {picture.shape[0]}.")
    x, y = picture.astype(np.float64), reference.astype(np.float64)
    mean_x, mean_y = _smooth(x), _smooth(y)
    covariance = _smooth(x * y) - mean_x * mean_y
    variances = _smooth(x * x) - mean_x**2 + _smooth(y * y) - mean_y**2
    c1, c2 = (0.01 * LEVELS) ** 2, (0.03 * LEVELS) ** 2
    similarity = (2 * mean_x * mean_y + c1) * (2 * covariance + c2) / ((mean_x**2 + mean_y**2 + c1) * (variances + c2))
    return float(similarity[RADIUS:-RADIUS, RADIUS:-RADIUS].mean())


def _smooth(levels: _Floats) -> _Floats:
    side = 2 * RADIUS + 1
    return np.asarray(cv2.GaussianBlur(levels, (side, side), SIGMA, borderType=cv2.BORDER_REFLECT), dtype=np.float64)


def _check(picture: Pixels, reference: Pixels) -> None:
    for image in (picture, reference):
        if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3:
            raise ValueError(f"Expected a uint8 picture of shape (height, width, 3), got {image.dtype} {image.shape}.")
    if picture.shape != reference.shape:
        raise ValueError(f"Expected pictures of one shape, got {picture.shape} and {reference.shape}.")
