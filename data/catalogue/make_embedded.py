"""Writes `models/embedded.toml` and `models/embedded-motion.toml` from the embedded contenders and their weights.

Run `python -m data.catalogue.make_embedded` after weights were exported: a contender's revision is the digest of its
weight folder's files.
"""

import datetime as dt
import json
from pathlib import Path
from typing import Final, NamedTuple

from data.catalogue.library import FOLDER
from data.embedded.contenders import CONTENDERS, EmbeddedModel
from data.embedded.motion.contenders import VIDEO_CONTENDERS, VideoContender
from data.embedded.weight_files import WEIGHTS, manifest
from data.embedded.world import SIZE
from data.files import write_atomic
from data.serialization import digest

SEASON: Final = (dt.date(2026, 8, 1), dt.date(2026, 10, 29))
"""The ninety days that the demo replays."""


class Career(NamedTuple):
    """When a contender enters the catalogue, by whom it is followed, and when it leaves."""

    released: str
    successor: str | None = None
    retired: str | None = None


CAREERS: Final[dict[str, Career]] = {
    "shapes-nano": Career("2026-03-02", "shapes-mini", "2026-09-30"),
    "shapes-draft": Career("2026-05-11", "shapes-base", "2026-10-05"),
    "shapes-small": Career("2026-08-01", "shapes-swift"),
    "shapes-mini": Career("2026-08-14"),
    "shapes-base": Career("2026-08-28", "shapes-grand"),
    "shapes-flash": Career("2026-09-11"),
    "shapes-swift": Career("2026-09-25"),
    "shapes-grand": Career("2026-10-09"),
}

HEAD: Final = """\
# The embedded contenders, trained by the project itself. Written by `python -m data.catalogue.make_embedded`.
# They enter and leave over the ninety days from 2026-08-01 to 2026-10-29 that the demo replays. A revision is the
# digest of the files of a weight folder: the same weights with other steps are another contender, not another revision.
family = "shapes"
provider = "embedded"
licence = "Apache-2.0"
"""


MOTION_HEAD: Final = """\
# The embedded video contenders, trained by the project itself. Written by `python -m data.catalogue.make_embedded`.
# A revision is the digest of the files of a weight folder.
family = "moving-shapes"
provider = "embedded"
task = "text-to-video"
licence = "Apache-2.0"
"""


def content() -> str:
    """Return the picture models' file as it is to be. KeyError without a career, WeightsError without weights."""
    return "\n".join([HEAD, *(_picture_table(contender) for contender in CONTENDERS)])


def motion_content() -> str:
    """Return the video models' file as it is to be: an entry for each contender whose weights are committed."""
    committed = {name.split("/")[0] for name in manifest()}
    ready = [contender for contender in VIDEO_CONTENDERS if contender.folder in committed]
    return "\n".join([MOTION_HEAD, *(_video_table(contender) for contender in ready)])


def main(folder: Path = FOLDER / "models") -> None:
    """Write both files into `folder`."""
    write_atomic(folder / "embedded.toml", content().encode())
    write_atomic(folder / "embedded-motion.toml", motion_content().encode())


def _picture_table(contender: EmbeddedModel) -> str:
    sampling = f"steps = {contender.steps}, guidance = {contender.guidance}"
    settings = f"width = {SIZE}, height = {SIZE}, {sampling}"
    return _table(contender, CAREERS[contender.id], pipeline="ShapesPipeline", settings=settings)


def _video_table(contender: VideoContender) -> str:
    index = json.loads((WEIGHTS / contender.folder / "model_index.json").read_text(encoding="utf-8"))
    clip = f"frames = {index['frames'][0]}, fps = {float(index['frame_rate'])}"
    sampling = f"steps = {contender.steps}, guidance = {contender.guidance}"
    settings = f"width = {index['size']}, height = {index['size']}, {clip}, {sampling}"
    return _table(contender, Career(contender.released), pipeline="MovingShapesPipeline", settings=settings)


def _table(contender: EmbeddedModel | VideoContender, career: Career, *, pipeline: str, settings: str) -> str:
    files = {name: sha for name, sha in manifest().items() if name.split("/")[0] == contender.folder}
    later = [f"{key} = {value}" for key, value in _later(career).items()]
    lines = [
        f"# {contender.note}",
        "[[models]]",
        f"id = {json.dumps(contender.id)}",
        f"title = {json.dumps(contender.id.replace('-', ' ').title())}",
        f"released = {career.released}",
        *later,
        f"revision = {json.dumps(digest(files))}",
        "revision_pinned = true",
        f'local = {{ kind = "embedded", pipeline = "{pipeline}", repository = {json.dumps(contender.folder)} }}',
        f"settings = {{ {settings} }}",
    ]
    return "\n".join(lines) + "\n"


def _later(career: Career) -> dict[str, str]:
    facts = {"retired": career.retired, "successor": career.successor and json.dumps(career.successor)}
    return {key: value for key, value in facts.items() if value}


if __name__ == "__main__":
    main()
