"""One run's folder: its plan, its workers' journals, and the seal that makes it part of the record.

    runs/<yyyy-mm>/<run id>/plan.json
    runs/<yyyy-mm>/<run id>/journal/<worker>-<attempt>.jsonl
    runs/<yyyy-mm>/<run id>/metrics.json
    runs/<yyyy-mm>/<run id>/samples.parquet, scores.parquet, loads.parquet     (samples-2.parquet … when sealed again)
    runs/<yyyy-mm>/<run id>/COMMIT.json                                        (last, and atomic)

Journals may repeat a sample: a worker that was thought dead, a retry after a failure. They are folded when they are
read: a sample that is ok wins, the earliest of several; else the last that is not unknown.
"""

import functools
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from data.commit import Commit, read_commit
from data.continuation import Continuation, check_continuation, continuation, continued
from data.errors import HalflifeError, HomeError, InputFileError
from data.files import fsync_folder, make_folder, storage, write_atomic
from data.home import Home
from data.journal import DamagedLine, JournalEntry, JournalWriter, damaged_line, read_lines, record_of
from data.serialization import canonical, from_json, parse, to_json
from data.vocabulary import Load, Metric, Plan, Sample, Score, check_identifier

ScoreKey = tuple[str, str, str, str]

RECORDS: Mapping[str, type[Sample | Score | Load]] = {"sample": Sample, "score": Score, "load": Load}
RUN_ID = re.compile(r"[a-z0-9][a-z0-9.-]{0,126}")
JOURNAL_NAME = re.compile(r"(?P<worker>[a-z0-9][a-z0-9.-]{0,62})-(?P<attempt>[0-9]{1,9})\.jsonl")


class JournalFile(NamedTuple):
    """One journal of a run as it was read: its name, and its bytes at that moment."""

    path: Path
    data: bytes


class Records(NamedTuple):
    """What journals say, line by line."""

    samples: list[Sample]
    scores: list[Score]
    loads: list[Load]


@dataclass(frozen=True)
class RunFolder:
    """The folder of one run. `skip_damaged` passes over damaged journal lines instead of refusing them."""

    path: Path
    skip_damaged: bool = False

    @classmethod
    def create(cls, home: Home, plan: Plan) -> "RunFolder":
        """Make the folder of a plan, or open the one that is there and go on under what reaches its models now.

        Raises HomeError where it cannot be written or holds another plan under the same run id, HalflifeError where a
        model whose samples are there is another one now (see `data.continuation`).
        """
        if not RUN_ID.fullmatch(plan.run_id):
            raise ValueError(f"Expected a run id out of a-z, 0-9, '.' and '-', got {plan.run_id!r}.")
        run = cls.of(home, plan)
        make_folder(run.path / "journal")
        if not (run.path / "plan.json").exists():
            write_atomic(run.path / "plan.json", canonical(plan) + b"\n")
        elif _wanted(run.first_plan) != _wanted(plan):
            raise HomeError(
                f"Expected the plan of run {plan.run_id} in {run.path}, got one that wants other samples. "
                "Choose another directory (--home), or move that folder away."
            )
        return run._continued(plan)

    def _continued(self, now: Plan) -> "RunFolder":
        changed = continuation(self.plan, now)
        if changed is None:
            return self
        check_continuation(self.plan, changed, {s.model for s in self.samples().values() if s.status == "ok"})
        with self.journal("catalogue") as journal:
            journal.append("continuation", changed)
        return RunFolder(self.path, self.skip_damaged)

    @classmethod
    def of(cls, home: Home, plan: Plan) -> "RunFolder":
        """Return where the folder of a plan lies, whether it is there or not."""
        return cls(home.runs / f"{plan.day:%Y-%m}" / plan.run_id)

    @classmethod
    def open(cls, path: Path, *, skip_damaged: bool = False) -> "RunFolder":
        """Open a run's folder. Raises InputFileError where there is no plan in it."""
        if not (path / "plan.json").is_file():
            raise InputFileError(path, "Expected a run's folder with a plan.json, got none. Copy the whole folder.")
        return cls(path, skip_damaged)

    @property
    def run_id(self) -> str:
        """The run's id, which is its folder's name."""
        return self.path.name

    @functools.cached_property
    def plan(self) -> Plan:
        """What the run wants, with what reached its models last. Raises InputFileError where plan.json is damaged."""
        records = [entry.record for _, entry in self._entries(self.read_journals("catalogue"))]
        return continued(self.first_plan, from_json(Continuation, records[-1])) if records else self.first_plan

    @functools.cached_property
    def first_plan(self) -> Plan:
        """What the run began with. Raises InputFileError where plan.json does not say it."""
        place = self.path / "plan.json"
        try:
            plan = from_json(Plan, parse(place.read_bytes()))
        except (OSError, ValueError) as error:
            raise InputFileError(place, f"Expected a run's plan, got: {error}. Restore it from a copy.") from error
        if plan.run_id != self.run_id:
            raise InputFileError(place, f"Expected the plan of run {self.run_id!r}, got that of {plan.run_id!r}.")
        return plan

    def journal(self, worker: str) -> JournalWriter:
        """Open a new journal of this worker's, one attempt on; an older attempt's writer cannot write into it."""
        check_identifier("worker", worker)
        folder = self.path / "journal"
        make_folder(folder)
        with storage(folder):
            while True:
                attempts = [a for w, a in map(_journal_order, self._journals()) if w == worker]
                place = folder / f"{worker}-{max(attempts, default=0) + 1}.jsonl"
                try:
                    os.close(os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644))
                except FileExistsError:
                    continue
                fsync_folder(folder)
                return JournalWriter(place)

    def samples(self) -> dict[str, Sample]:
        """Return the samples by id, folded. Raises JournalError at a damaged line."""
        return fold_samples(self.records(self.read_journals(), "sample").samples)

    def scores(self) -> dict[ScoreKey, Score]:
        """Return the scores by (sample, metric, version, fingerprint), folded: the last, a value before a reason."""
        return fold_scores(self.records(self.read_journals(), "score").scores)

    def loads(self) -> list[Load]:
        """Return how long bringing each model into memory took, every time it was done."""
        return self.records(self.read_journals(), "load").loads

    def intents(self) -> list[dict[str, Any]]:
        """Return what remote calls were announced before they were made: {sample, request_digest, at, state}."""
        return [entry.record for _, entry in self._entries(self.read_journals()) if entry.kind == "intent"]

    def damaged(self) -> list[DamagedLine]:
        """Return the places of all damaged lines in the run's journals."""
        return [damage for file in self.read_journals() for damage in read_lines(*file).damaged]

    def declare(self, metrics: Iterable[Metric]) -> None:
        """Keep what the metrics of this run are, beside what was declared before; sealed with the scores."""
        declared = {metric.name: metric for metric in (*self.metrics(), *metrics)}
        rows = [to_json(declared[name]) for name in sorted(declared)]
        write_atomic(self.path / "metrics.json", canonical(rows) + b"\n")

    def metrics(self) -> list[Metric]:
        """Return the declared metrics, by name. Raises InputFileError where metrics.json is damaged."""
        place = self.path / "metrics.json"
        try:
            return [from_json(Metric, row) for row in parse(place.read_bytes())]
        except FileNotFoundError:
            return []
        except (OSError, ValueError, TypeError) as error:
            raise InputFileError(place, f"Expected metrics, got: {error}. Delete it and score again.") from error

    @property
    def committed(self) -> bool:
        """Whether the run is sealed: only then anything of it is in the warehouse."""
        return (self.path / "COMMIT.json").exists()

    def commit(self) -> Commit | None:
        """Return what COMMIT.json says, or None before the run is sealed. Raises InputFileError where it is damaged."""
        return read_commit(self.path / "COMMIT.json")

    def missing(self) -> list[str]:
        """Return the ids of the planned samples of which the journals hold nothing, in the plan's order."""
        done = self.samples()
        return [request.id for request in self.plan.requests if request.id not in done]

    def read_journals(self, worker: str | None = None) -> list[JournalFile]:
        """Return the bytes of every journal, or of one worker's, as they are now, ordered by worker and attempt."""
        chosen = [path for path in self._journals() if worker in (None, _journal_order(path)[0])]
        with storage(self.path / "journal"):
            return [JournalFile(path, path.read_bytes()) for path in sorted(chosen, key=_journal_order)]

    def records(self, files: list[JournalFile], *kinds: str) -> Records:
        """Return the lines of these kinds, in order and not folded, out of journals that were read before."""
        records: dict[str, list[Any]] = {kind: [] for kind in RECORDS}
        for path, entry in self._entries(files):
            if entry.kind in kinds:
                records[entry.kind].append(_decode(path, entry))
        return Records(records["sample"], records["score"], records["load"])

    def _journals(self) -> list[Path]:
        folder = self.path / "journal"
        return [path for path in folder.iterdir() if JOURNAL_NAME.fullmatch(path.name)] if folder.is_dir() else []

    def _entries(self, files: list[JournalFile]) -> Iterator[tuple[Path, JournalEntry]]:
        for file in files:
            contents = read_lines(file.path, file.data)
            if contents.damaged and not self.skip_damaged:
                raise damaged_line(contents.damaged[0])
            for entry in contents.entries:
                yield file.path, entry


def runs(home: Home) -> list[RunFolder]:
    """Return every run of the home, the oldest month first, then by run id; folders without a plan are passed over."""
    if not home.runs.is_dir():
        return []
    plans = sorted(home.runs.glob("[0-9][0-9][0-9][0-9]-[0-9][0-9]/*/plan.json"))
    return [RunFolder(place.parent) for place in plans if RUN_ID.fullmatch(place.parent.name)]


def fold_samples(samples: Iterable[Sample]) -> dict[str, Sample]:
    """Fold repeats: the earliest that is ok, else the last that is not unknown, else the last."""
    folded: dict[str, Sample] = {}
    for sample in sorted(samples, key=lambda sample: sample.started_at):
        before = folded.get(sample.id)
        if before is None or (before.status != "ok" and _certainty(sample) >= _certainty(before)):
            folded[sample.id] = sample
    return folded


def fold_scores(scores: Iterable[Score]) -> dict[ScoreKey, Score]:
    """Fold repeats: the last that has a value, else the last."""
    folded: dict[ScoreKey, Score] = {}
    for score in scores:
        key = (score.sample, score.metric, score.version, score.fingerprint)
        before = folded.get(key)
        if before is None or before.value is None or score.value is not None:
            folded[key] = score
    return folded


def incomplete(run: RunFolder, missing: int) -> HalflifeError:
    """Return the error for a run that cannot be sealed yet."""
    return HalflifeError(
        f"Expected all {len(run.plan.requests)} samples of run {run.run_id}, got {missing} fewer. "
        "Run it again, it goes on where it stopped; or seal what is there as partial."
    )


def _decode(path: Path, entry: JournalEntry) -> Sample | Score | Load:
    return record_of(path, entry, RECORDS[entry.kind])


def _certainty(sample: Sample) -> int:
    return {"ok": 2, "unknown": 0}.get(sample.status, 1)


def _wanted(plan: Plan) -> tuple[Any, ...]:
    """What makes two plans the same: not when, and not on which machine they were made."""
    return plan.suite.digest, plan.calendar, plan.day, tuple(sorted(request.id for request in plan.requests))


def _journal_order(path: Path) -> tuple[str, int]:
    match = JOURNAL_NAME.fullmatch(path.name)
    if match is None:
        raise ValueError(f"Expected a journal's name, got {path.name!r}.")
    return match["worker"], int(match["attempt"])
