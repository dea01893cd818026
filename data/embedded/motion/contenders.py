"""Which weight folder, how many steps and which guidance make which video contender. A literal table, oldest first."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class VideoFolder:
    """Where a weight folder comes from: a training run and the clips that it had seen by then."""

    run: str
    clips: int


@dataclass(frozen=True, slots=True)
class VideoContender:
    """One embedded text-to-video model; `released` is the suggested day (ISO 8601) of its catalogue entry."""

    id: str
    folder: str
    steps: int
    guidance: float
    released: str
    note: str


VIDEO_FOLDERS: Final[dict[str, VideoFolder]] = {
    "moving-fine": VideoFolder("wan-fine", 604_800),
    "moving-main": VideoFolder("wan", 758_400),
}

VIDEO_CONTENDERS: Final[tuple[VideoContender, ...]] = (
    VideoContender("moving-draft", "moving-fine", 6, 3.0, "2026-06-15", "patches of one frame, half the steps"),
    VideoContender("moving-base", "moving-fine", 12, 3.0, "2026-07-27", "patches of one frame: dear, and behind"),
    VideoContender("moving-flash", "moving-main", 3, 3.0, "2026-09-07", "moving-grand's weights in three steps"),
    VideoContender("moving-swift", "moving-main", 6, 3.0, "2026-09-28", "moving-grand's weights in half its steps"),
    VideoContender("moving-grand", "moving-main", 12, 3.0, "2026-10-19", "trained longest, patches of two frames"),
)
