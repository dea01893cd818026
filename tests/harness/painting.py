"""A run in a process of its own, to be killed: `painting.py HOME [INDEX COUNT [FILE_SIZE_LIMIT]]`.

Prints "ready", then a line for each acknowledged sample; ends with code 2 and a sentence for what the user can mend.
"""

import datetime as dt
import hashlib
import io
import os
import resource
import sys
from dataclasses import replace
from pathlib import Path

from PIL import Image

from data.errors import HalflifeError
from data.home import Home
from data.media import MediaStore
from data.runs import RunFolder
from data.vocabulary import LocalSource, Machine, Model, Plan, Prompt, Request, Settings, Suite, Timing
from harness.execution import Assignment, execute
from harness.generator import Loading, Outcome
from harness.plan import expand

SIDE = 24


class Painter:
    """A real generator, and a quick one: noise that follows from text and seed, as PNG."""

    def preflight(self, model: Model) -> None:
        """Nothing can be wrong."""

    def open(self, model: Model) -> Loading:
        """Nothing to load."""
        return Loading(0.0, 0.0)

    def generate(self, request: Request) -> Outcome:
        """Paint."""
        return Outcome(
            status="ok",
            data=paint(request),
            media_type="image/png",
            timing=Timing(seconds=1.0),
            width=SIDE,
            height=SIDE,
        )

    def close(self) -> None:
        """Nothing to free."""


def paint(request: Request) -> bytes:
    key = hashlib.blake2b(f"{request.model} {request.text} {request.seed}".encode()).digest()
    pixels = hashlib.shake_256(key).digest(SIDE * SIDE * 3)
    buffer = io.BytesIO()
    Image.frombytes("RGB", (SIDE, SIDE), pixels).save(buffer, "PNG")
    return buffer.getvalue()


def big_plan() -> Plan:
    """900 samples of three models: more than a killed run can make between two kills."""
    prompts = tuple(Prompt(id=f"p{number:03}", text=f"picture {number}", category="any") for number in range(100))
    suite = Suite(
        name="pictures",
        version="1",
        task="text-to-image",
        title="Pictures",
        licence="CC0-1.0",
        source="these tests",
        primary_metric="clip_score",
        prompts=prompts,
        digest="c" * 64,
    )
    first = Model(
        id="oil",
        title="Oil",
        family="painters",
        task="text-to-image",
        provider="local",
        source=LocalSource(kind="directory", pipeline="none", repository="nowhere", revision="1"),
        settings=Settings(width=SIDE, height=SIDE),
        revision="1",
        revision_pinned=True,
        licence="MIT",
        released=dt.date(2026, 1, 1),
    )
    machine = Machine(
        name="bench",
        device="cpu",
        cpu="a CPU",
        cores=2,
        memory_bytes=1,
        gpu=None,
        usd_per_hour=1.0,
        price_source="none",
    )
    models = [first, replace(first, id="ink", title="Ink"), replace(first, id="chalk", title="Chalk")]
    created = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)
    return expand(
        suite, models, seeds=range(3), calendar="live", day=created.date(), machine=machine, created_at=created
    )


class Announcing:
    """Prints each sample that was acknowledged in this process; a phase first tells those that were there before."""

    def __init__(self) -> None:
        self._generating = self._told_before = False

    def begin(self, name: str, total: int) -> None:
        self._generating, self._told_before = name.startswith("Generating"), False

    def advance(self, steps: int = 1) -> None:
        if self._generating and self._told_before:
            os.write(1, b"acknowledged\n" * steps)
        self._told_before = True

    def end(self) -> None:
        pass


def main(home: str, index: str = "0", count: str = "1", limit: str | None = None) -> int:
    place = Home(Path(home))
    place.prepare()
    run = RunFolder.create(place, big_plan())
    if limit is not None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(limit), int(limit)))
    os.write(1, b"ready\n")
    share = Assignment(index=int(index), count=int(count))
    try:
        execute(run, MediaStore(place.media), lambda model: Painter(), Announcing(), assignment=share)
    except HalflifeError as error:
        os.write(2, f"{error}\n".encode())
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
