"""The observatory directory: one folder that holds all state, and where each part of it lies."""

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile

from data.files import check_openable, make_folder, storage


@dataclass(frozen=True, slots=True)
class Home:
    """An observatory directory (`--home`, `HALFLIFE_HOME`, default `./observatory`)."""

    path: Path

    def __post_init__(self) -> None:
        """Raise HomeError where no database can be opened in it."""
        check_openable(self.path)

    @property
    def runs(self) -> Path:
        """The record: `runs/<yyyy-mm>/<run id>/`."""
        return self.path / "runs"

    @property
    def media(self) -> Path:
        """Every generated file once, by its content's hash."""
        return self.path / "media"

    @property
    def control(self) -> Path:
        """The control database (SQLite): slots, leases, reservations, progress."""
        return self.path / "control.sqlite"

    @property
    def store(self) -> Path:
        """The warehouse and its owner's lock."""
        return self.path / "store"

    @property
    def published(self) -> Path:
        """The read-only snapshots, and `CURRENT` which names the newest."""
        return self.path / "published"

    @property
    def routing(self) -> Path:
        """A folder for each routing table, named by its id: its revisions by hash, and the current one."""
        return self.path / "routing"

    @property
    def history(self) -> Path:
        """External ratings, by source."""
        return self.path / "history"

    @property
    def lifecycle(self) -> Path:
        """Journals of what happens to models: their states, and marks of drift."""
        return self.path / "lifecycle"

    @property
    def profiles(self) -> Path:
        """Journals of measurements: latency, memory and energy by shape and configuration."""
        return self.path / "profiles"

    @property
    def cache(self) -> Path:
        """What can be computed again: embeddings, thumbnails."""
        return self.path / "cache"

    def prepare(self) -> None:
        """Make the folders and write a byte to see that it works; HomeError where it does not."""
        for folder in (self.runs, self.media, self.store, self.published, self.routing, self.cache):
            make_folder(folder)
            with storage(folder), TemporaryFile(dir=folder) as probe:
                probe.write(b"\n")
                probe.flush()
