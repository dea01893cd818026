"""The memory of scoring ten seconds of 1080p with every evaluator of videos, the delivery file too.

`python -m benchmarks.video_memory` measures in a process of its own, with `--small` in this one: what it held before it
began, at its peak, and at the peak together with the process that reads for it.
"""

import json
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import psutil

from benchmarks.options import Count, parse, parser
from benchmarks.planted_faults import sample_of
from data.video.reader import VideoReader
from data.vocabulary import Prompt
from evaluators.eval_input import EvalInput, RunContext
from evaluators.registry import EVALUATORS, EvaluatorContext
from evaluators.video.frames import READ_LIMITS

BAR = 1.5
SIZE = (1920, 1080)
FRAMES, RATE = Count(240, 8, "frames of the clip"), 24
SMALL_SIZE = (64, 48)
TEXT = "a red circle"


def textured_clip(path: Path, size: tuple[int, int], frames: int) -> None:
    """Write a clip as a provider would: H.264 4:2:0, a textured scene that pans."""
    width, height = size
    rough = np.random.default_rng(0).integers(0, 256, (height // 8, width // 4, 3), dtype=np.uint8)
    scene = cv2.resize(rough, (width * 2, height), interpolation=cv2.INTER_CUBIC)
    with av.open(str(path), "w", format="mp4") as container:
        stream: Any = container.add_stream("libx264", rate=Fraction(RATE), options={"preset": "veryfast"})
        stream.width, stream.height = size
        stream.pix_fmt = "yuv420p"
        for index in range(frames):
            view = np.ascontiguousarray(scene[:, 4 * index : 4 * index + width])
            container.mux(stream.encode(av.VideoFrame.from_ndarray(view, format="rgb24")))
        container.mux(stream.encode(None))


def score_alone(path: Path, frames: int) -> dict[str, int]:
    """Score one clip with every evaluator, its delivery file too, and return what the processes held at their peak."""
    data = path.read_bytes()
    with tempfile.TemporaryDirectory() as folder, VideoReader(READ_LIMITS) as reader:
        context = EvaluatorContext(Path(folder))
        context.embedder.texts([TEXT])
        entries = [entry for entry in EVALUATORS.values() if "video" in entry.declaration.modalities]
        sample, prompt = sample_of(frames=frames, delivery="0" * 64), Prompt(id="p", text=TEXT, category="c")
        eval_input = EvalInput(sample, prompt, data, None, data, reader)
        with watched_memory() as peak:
            for entry in entries:
                entry.open(context).evaluate([eval_input], RunContext((), ()))
    return peak


@contextmanager
def watched_memory() -> Iterator[dict[str, int]]:
    """Give the most bytes that this process held ("scoring"), and it with its children at one moment ("together").

    Looked at fifty times a second; "before" is what this process held at the start.
    """
    here, done = psutil.Process(), threading.Event()
    before = here.memory_info().rss
    peak = {"before": before, "scoring": before, "together": before}

    def watch() -> None:
        while not done.wait(0.02):
            alone = here.memory_info().rss
            together = alone + _resident(here.children())
            peak.update(scoring=max(peak["scoring"], alone), together=max(peak["together"], together))

    watching = threading.Thread(target=watch)
    watching.start()
    try:
        yield peak
    finally:
        done.set()
        watching.join()


def _resident(processes: Sequence[psutil.Process]) -> int:
    total = 0
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            total += process.memory_info().rss
    return total


def memory(*, small: bool = False) -> dict[str, float]:
    """Return the gigabytes (10⁹ bytes) of scoring ten seconds of 1080p in a process of its own.

    `small`: of scoring a few small frames in this process.
    """
    size, frames = (SMALL_SIZE, FRAMES.small) if small else (SIZE, FRAMES.usual)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "clip.mp4"
        textured_clip(path, size, frames)
        peak = score_alone(path, frames) if small else _in_a_process(path)
    return {name: held / 1e9 for name, held in peak.items()}


def _in_a_process(path: Path) -> dict[str, int]:
    command = [sys.executable, "-W", "ignore", "-m", "benchmarks.video_memory", "--clip", str(path)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    peak: dict[str, int] = json.loads(done.stdout.splitlines()[-1])
    return peak


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the gigabytes as JSON, or the bytes that one clip took where its path is given."""
    made = parser(__doc__, frames=FRAMES)
    made.add_argument("--clip", type=Path, help="score this file in this process")
    options = parse(made, arguments)
    if options.clip:
        print(json.dumps(score_alone(options.clip, options.frames)))
        return 0
    print(json.dumps({"video_memory_gb": memory(small=options.small), "bar": BAR}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
