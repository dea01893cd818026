"""What decoders of pictures raise on hostile bytes, and what it becomes: one sentence."""

import struct
import zlib
from typing import Final

from PIL import Image

DECODER_ERRORS: Final = (
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    ArithmeticError,
    LookupError,
    EOFError,
    AttributeError,
    NotImplementedError,
    MemoryError,
    struct.error,
    zlib.error,
    Image.DecompressionBombError,
    Image.DecompressionBombWarning,
)
"""What Pillow's decoders raise; it promises no narrower type."""


class UndecodableError(ValueError):
    """The bytes are not a picture that can be decoded; the sentence becomes the reason of the scores."""
