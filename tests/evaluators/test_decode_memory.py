"""What decoding holds is bound by declared limits, whatever came: measured in a process of its own."""

import io
import json
import struct
import subprocess
import sys
import zlib

import numpy as np
import pytest
from PIL import Image

from evaluators.decode import bytes_to_decode, decode
from evaluators.decoder_errors import UndecodableError

MEASURE = """
import json, sys
from pathlib import Path
from evaluators.decode import decode
def held(name):
    return int(next(line.split()[1] for line in open("/proc/self/status") if line.startswith(name))) * 1024
data = Path(sys.argv[1]).read_bytes()
before = held("VmRSS")
picture = decode(data)
shape = list(picture.pixels.shape)
print(json.dumps({"taken": held("VmHWM") - before, "shape": shape, "size": [picture.width, picture.height]}))
"""


def flat(side, kind, mode="RGB", **options):
    out = io.BytesIO()
    Image.new(mode, (side, side)).save(out, kind, **options)
    return out.getvalue()


@pytest.mark.skipif(sys.platform != "linux", reason="The high-water mark is read from /proc.")
@pytest.mark.parametrize(
    ("kind", "options"),
    [("PNG", {"compress_level": 1}), ("WEBP", {"method": 0})],
)
def test_a_large_picture_takes_what_was_declared_and_no_more(tmp_path, kind, options):
    data = flat(4400, kind, **options)
    path = tmp_path / "picture"
    path.write_bytes(data)
    done = subprocess.run([sys.executable, "-c", MEASURE, str(path)], check=True, capture_output=True, text=True)
    measured = json.loads(done.stdout)
    assert measured["taken"] <= bytes_to_decode(data) + 60 * 2**20
    assert (measured["shape"], measured["size"]) == ([2200, 2200, 3], [4400, 4400])


def test_what_would_take_too_much_is_a_reason():
    small = flat(1, "PNG")
    header = b"IHDR" + struct.pack(">IIBB", 8192, 8192, 16, 6) + small[26:29]
    announced = small[:12] + header + struct.pack(">I", zlib.crc32(header)) + small[33:]
    assert bytes_to_decode(announced) == len(announced)
    with pytest.raises(UndecodableError, match="decodes in at most 512 MB, got 8192 × 8192 as PNG"):
        decode(announced)


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "GIF"])
def test_a_reduced_picture_is_the_mean_of_squares(lab, kind):
    pixels = np.repeat(lab.noise(0, 64, 96)[..., :1], 3, axis=-1)
    data = lab.encoded(pixels, kind, **({"lossless": True} if kind == "WEBP" else {}))
    picture = decode(data, kept=64 * 96 // 4)
    means = pixels.reshape(32, 2, 48, 2, 3).mean(axis=(1, 3))
    assert np.abs(picture.pixels - means).max() <= 0.5
    assert picture.done[-1] == "reduced 2 times a side"
    assert (picture.width, picture.height) == (96, 64)


def test_a_strip_is_reduced_too(lab):
    picture = decode(lab.encoded(lab.noise(0, 20_000, 1)), kept=5_000)
    assert picture.pixels.shape == (5_000, 1, 3)


def test_blankness_is_judged_before_a_picture_is_reduced(lab):
    checks = np.repeat((np.indices((64, 64)).sum(0) % 2 * 255).astype(np.uint8)[..., None], 3, axis=-1)
    picture = decode(lab.encoded(checks), kept=64 * 64 // 4)
    assert picture.pixels.std() == 0
    assert picture.blank is False
    assert decode(lab.encoded(checks)).blank is None
