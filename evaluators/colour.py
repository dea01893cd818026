"""The colours of a picture as every evaluator sees them: sRGB, alpha over white. Part by part, pixel by pixel."""

import io
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageCms

from evaluators.decoder_errors import DECODER_ERRORS

BACKDROP: Final = (255, 255, 255)
"""The sRGB colour that stands behind transparent pixels, as on a white page."""

Pixels = npt.NDArray[np.uint8]
"""sRGB of shape (height, width, 3)."""


@dataclass
class CanonicalColours:
    """Turns the parts of one picture into sRGB; `profile` is its ICC profile. What is done is noted once in `done`."""

    profile: bytes | None
    done: list[str] = field(default_factory=list)
    _turn: Callable[[Image.Image], Image.Image] | None = None

    def of(self, part: Image.Image) -> Image.Image:
        """Return a part in mode RGB: through the profile (relative colorimetric), then over `BACKDROP`."""
        if part.mode == "P":
            self._note("palette")
        alpha = None
        if part.has_transparency_data:
            part = part.convert("RGBA")
            alpha = part.getchannel("A")
        colours = self._in_srgb(part)
        if alpha is not None and alpha.getextrema()[0] != 255:
            self._note("alpha over #" + bytes(BACKDROP).hex())
            colours = Image.composite(colours, Image.new("RGB", colours.size, BACKDROP), alpha)
        return colours

    def _in_srgb(self, part: Image.Image) -> Image.Image:
        if part.mode not in ("RGB", "RGBA", "L", "CMYK"):
            part = part.convert("RGB")
        if self._turn is None:
            self._turn = self._through_profile(part.mode) or self._without_profile(part.mode)
        return self._turn(part)

    def _without_profile(self, mode: str) -> Callable[[Image.Image], Image.Image]:
        if mode == "CMYK":
            self._note("CMYK without a profile")
        return _plain

    def _through_profile(self, mode: str) -> Callable[[Image.Image], Image.Image] | None:
        if not self.profile:
            return None
        try:
            return self._transform(self.profile, mode)
        except (ImageCms.PyCMSError, *DECODER_ERRORS):
            self._note("ICC profile not usable")
            return None

    def _transform(self, profile: bytes, mode: str) -> Callable[[Image.Image], Image.Image]:
        source = ImageCms.getOpenProfile(io.BytesIO(profile))
        name = ImageCms.getProfileDescription(source).strip()[:60]
        if name.startswith("sRGB"):
            return _plain
        # An alpha channel is no ink: colours go through the profile without it.
        mode = "RGB" if mode == "RGBA" else mode
        intent = ImageCms.Intent.RELATIVE_COLORIMETRIC
        transform = ImageCms.buildTransform(source, ImageCms.createProfile("sRGB"), mode, "RGB", renderingIntent=intent)
        self._note(f"ICC {name or 'without a name'} to sRGB")
        return lambda part: transform.apply(part.convert(mode))

    def _note(self, what: str) -> None:
        if what not in self.done:
            self.done.append(what)


def _plain(part: Image.Image) -> Image.Image:
    return part.convert("RGB")
