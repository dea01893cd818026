"""Writes `models/embedded.toml` from the embedded contenders and weights: `python -m data.catalogue.make_embedded`.

Run it after weights were exported: a contender's revision is the digest of its weight folder's files.
"""

import datetime as dt
import json
from pathlib import Path
from typing import Final, NamedTuple

from data.catalogue.library import FOLDER
from data.embedded.contenders import CONTENDERS, EmbeddedModel
from data.embedded.weight_files import manifest
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


def content() -> str:
    """Return the file as it is to be. KeyError for a contender without a career, WeightsError without weights."""
    return "\n".join([HEAD, *(_table(contender, CAREERS[contender.id]) for contender in CONTENDERS)])


def main(path: Path = FOLDER / "models" / "embedded.toml") -> None:
    """Write the file to `path`."""
    write_atomic(path, content().encode())


def _table(contender: EmbeddedModel, career: Career) -> str:
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
        f'local = {{ kind = "embedded", pipeline = "ShapesPipeline", repository = {json.dumps(contender.folder)} }}',
        f"settings = {{ width = {SIZE}, height = {SIZE}, steps = {contender.steps}, guidance = {contender.guidance} }}",
    ]
    return "\n".join(lines) + "\n"


def _later(career: Career) -> dict[str, str]:
    facts = {"retired": career.retired, "successor": career.successor and json.dumps(career.successor)}
    return {key: value for key, value in facts.items() if value}


if __name__ == "__main__":
    main()
