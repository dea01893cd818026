"""Brought media as a generator: what a request gets is the file that was handed over for it, or why there is none."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from data.image_header import PictureRefusedError, read_picture
from data.media import sniff
from data.vocabulary import Modality, Model, Request, Timing
from harness.brought.files import BroughtFileError, read_brought
from harness.brought.listing import BroughtRow
from harness.generator import Outcome
from harness.remote.outcomes import with_video_facts


@dataclass(frozen=True, slots=True)
class BroughtFiles:
    """The generator (see `harness.generator.Generator`) of one folder; `rows` are by the request's id."""

    folder: Path
    rows: Mapping[str, BroughtRow]
    modality: Modality

    def preflight(self, model: Model) -> None:
        """Nothing can be known before the files are read."""

    def open(self, model: Model) -> None:
        """Nothing is loaded."""

    def close(self) -> None:
        """Nothing is held."""

    def generate(self, request: Request) -> Outcome:
        """Return the request's file as it is; time and cost are those that were given, else none."""
        row = self.rows[request.id]
        try:
            data = read_brought(self.folder, row.file)
        except BroughtFileError as error:
            return Outcome(status="failed", reason=f"{row.place}: {error}", seed_support="none")
        kind = sniff(data)
        if kind is None or not kind.mime.startswith(f"{self.modality}/"):
            got = f"a file of type {kind.mime}" if kind else "bytes of another kind"
            wanted = "a PNG, JPEG, WebP or GIF" if self.modality == "image" else "an MP4 or WebM"
            reason = f"{row.place}: Expected {wanted}, got {got}."
            return Outcome(status="failed", reason=reason, unread=data, seed_support="none")
        return self._whole(row, data)

    def _whole(self, row: BroughtRow, data: bytes) -> Outcome:
        outcome = Outcome(
            status="ok",
            data=data,
            timing=None if row.seconds is None else Timing(seconds=row.seconds),
            cost_usd=row.cost_usd,
            cost_source="unknown" if row.cost_usd is None else "reported",
            seed_support="none",
        )
        return with_facts(outcome, data, self.modality)


def with_facts(outcome: Outcome, data: bytes, modality: Modality) -> Outcome:
    """Return an outcome with what its file says: pixels; of a video also frames, rate, seconds and sound.

    A file whose header cannot be read has none of these; the gates say that it is not sound.
    """
    if modality == "video":
        return with_video_facts(outcome)
    try:
        header = read_picture(data)
    except PictureRefusedError:
        return outcome
    return replace(outcome, width=header.width, height=header.height, frames=1, media_type=header.media_type)
