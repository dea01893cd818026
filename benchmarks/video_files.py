"""What keeping a clip costs and loses: our master and delivery file against diffusers' `export_to_video`.

Three clips: one of the world in motion (8 frames of 32 × 32), noise that pans and a scene of flat shapes (24 frames of
256 × 256). Each writer gets the same frames; the file is read back and compared with them, the delivery file after its
enlargement. `export_to_video` stands for what it does without imageio-ffmpeg, which the project does not need: OpenCV.

The figures are bytes, seconds (median of the repeats), and the largest and the mean difference of a pixel (0 to 255).
"""

import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from PIL import Image
from rich.console import Console
from rich.table import Table

from benchmarks.options import Count, parse, parser
from data.video import encode
from data.video.clip import Pixels
from data.video.reader import VideoReader

RATE = 8
Writer = Callable[[Pixels], bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class FileFigures:
    """One writer on one clip; the differences are None where the file cannot be compared frame by frame."""

    clip: str
    writer: str
    size_bytes: int
    seconds: float
    largest_error: int | None
    mean_error: float | None


def clips() -> dict[str, Pixels]:
    """Return the clips by name, each uint8 (frames, height, width, 3)."""
    import torch

    from data.embedded.motion.drawing import courses, draw, tensors, to_uint8
    from data.embedded.motion.world import single_scenes

    scenes = [single_scenes(unseen=False)[0]]
    drawn = to_uint8(draw(courses(tensors(scenes), 8, torch.Generator().manual_seed(0)))).numpy()[0]
    noise = np.random.default_rng(0).integers(0, 256, (256, 256 + 24 * 4, 3), dtype=np.uint8)
    panning = np.stack([noise[:, 4 * frame : 4 * frame + 256] for frame in range(24)])
    large = np.repeat(np.repeat(np.repeat(drawn, 3, axis=0), 8, axis=1), 8, axis=2)
    return {"moving shapes, 32 × 32": drawn, "panning noise, 256 × 256": panning, "flat shapes, 256 × 256": large}


def exported(frames: Pixels) -> bytes:
    """Return the file that diffusers' `export_to_video` writes with OpenCV."""
    from diffusers.utils.export_utils import _legacy_export_to_video

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "clip.mp4"
        _legacy_export_to_video([Image.fromarray(frame) for frame in frames], str(path), RATE)
        return path.read_bytes()


WRITERS: dict[str, Writer] = {
    "master": lambda frames: encode.master(list(frames), frames_per_second=RATE),
    "delivery": lambda frames: encode.delivery(list(frames), frames_per_second=RATE),
    "export_to_video": exported,
}


def measure(clip: str, frames: Pixels, writer: str, reader: VideoReader, repeats: int) -> FileFigures:
    """Write `frames` `repeats` times, read the file back and compare."""
    seconds = []
    for _ in range(repeats):
        begin = time.perf_counter()
        data = WRITERS[writer](frames)
        seconds.append(time.perf_counter() - begin)
    largest, mean = _differences(frames, reader.read(data).frames)
    return FileFigures(
        clip=clip,
        writer=writer,
        size_bytes=len(data),
        seconds=statistics.median(seconds),
        largest_error=largest,
        mean_error=mean,
    )


def _differences(frames: Pixels, shown: Pixels) -> tuple[int | None, float | None]:
    factor = shown.shape[1] // frames.shape[1]
    if len(shown) != len(frames) or shown.shape[1:3] != (frames.shape[1] * factor, frames.shape[2] * factor):
        return None, None
    enlarged = frames.repeat(factor, axis=1).repeat(factor, axis=2).astype(np.int16)
    differences = np.abs(shown.astype(np.int16) - enlarged)
    return int(differences.max()), float(differences.mean())


def table(figures: list[FileFigures]) -> Table:
    """Return the figures as a table for people."""
    shown = Table("clip", "writer", "kB", "ms", "largest error", "mean error", title="Video files, as they are kept")
    for each in figures:
        errors = "–" if each.largest_error is None else str(each.largest_error)
        mean = "–" if each.mean_error is None else f"{each.mean_error:.2f}"
        size, took = f"{each.size_bytes / 1000:.1f}", f"{each.seconds * 1000:.1f}"
        shown.add_row(each.clip, each.writer, size, took, errors, mean)
    return shown


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print; return 1 where a master lost a pixel."""
    options = parse(parser(__doc__, repeats=Count(5, 1, "times each file is written")), arguments)
    with VideoReader() as reader:
        figures = [
            measure(name, frames, writer, reader, options.repeats)
            for name, frames in clips().items()
            for writer in WRITERS
        ]
    if options.json:
        print(json.dumps({"video_files": [asdict(each) for each in figures]}))
    else:
        Console().print(table(figures))
    return int(any(each.writer == "master" and each.largest_error != 0 for each in figures))


if __name__ == "__main__":
    sys.exit(main())
