"""The checks of a gate: every threshold of its file for every model that it names, measured on a snapshot."""

from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Final, NoReturn

from data.errors import InputFileError, UnknownNameError
from data.vocabulary import ALL_CATEGORIES
from leaderboard.gate import readings
from leaderboard.gate.day_field import DayField, newest_field
from leaderboard.gate.gate_file import GateFile, Limits, QualityThreshold
from leaderboard.gate.verdict import Check, Quantity, Reading
from leaderboard.standings import rates
from leaderboard.standings.queries import Selection
from leaderboard.standings.rates import Rate
from leaderboard.standings.selection import select

if TYPE_CHECKING:
    import duckdb

UNITS: Final[dict[Quantity, str]] = {"latency": "s", "price": "US$", "share": "share"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """A gate's file, the models that it names among those that stand, and the snapshot that they are judged on."""

    cursor: "duckdb.DuckDBPyConnection"
    file: GateFile
    path: Path
    selection: Selection
    field: DayField
    models: tuple[str, ...]

    def checks(self) -> tuple[Check, ...]:
        """Return every check in the order of the file, of each model in the order of their names.

        Raises InputFileError for a name of the file that is not there.
        """
        numbered = enumerate(self.file.quality)
        quality = [check for place, each in numbered for check in self._quality(each, f"quality.{place}")]
        limits = [check for place, each in enumerate(self.file.limits) for check in self._limits(each, place)]
        return (*quality, *limits)

    def _quality(self, threshold: QualityThreshold, key: str) -> Iterator[Check]:
        selection = self._select(key, category=threshold.category, metric=threshold.metric)
        against, higher = self._baseline(threshold, key), selection.measure.higher_is_better
        margin = -threshold.margin if higher else threshold.margin
        for model in self.models:
            if model != threshold.model:
                yield Check(
                    model=model,
                    quantity="quality",
                    subject=f"{selection.measure.name}{_words(threshold)}{_within(selection)}",
                    reading=self._reading(model, selection, threshold, against),
                    limit=margin + (threshold.value or 0.0),
                    at_least=higher,
                    unit=selection.measure.unit,
                    signed=threshold.value is None,
                )

    def _reading(
        self, model: str, selection: Selection, threshold: QualityThreshold, against: DayField | None
    ) -> Reading:
        if against is None:
            return readings.quality(self.field, model, selection)
        baseline = threshold.model or model
        return readings.quality_difference(self.field, model, selection, against=against, baseline=baseline)

    def _baseline(self, threshold: QualityThreshold, key: str) -> DayField | None:
        """Return the field in which a threshold's baseline stands, None where that is a number."""
        if threshold.model is not None:
            if threshold.model not in self.field.members:
                unknown = UnknownNameError("model that stands", threshold.model, self.field.members)
                _refuse(self.path, f"{key}.model", str(unknown))
            if self.models == (threshold.model,):
                _refuse(self.path, f"{key}.model", "Expected another model than the only one that is judged.")
            return self.field
        if threshold.day is None:
            return None
        there = self.field.on(threshold.day)
        if there is None:
            first, last = self.field.days
            _refuse(self.path, f"{key}.day", f"Expected a day with standings, {first} to {last}, got {threshold.day}.")
        return there

    def _limits(self, limits: Limits, place: int) -> Iterator[Check]:
        key, cursor = f"limits.{place}", self.cursor
        selection = self._select(key, category=limits.category)
        listed = [(self._rate(name, selection, f"{key}.shares.{name}"), most) for name, most in limits.shares.items()]
        for model in self.models:
            if limits.p95_s is not None:
                reading = readings.latency(cursor, selection, model)
                yield _at_most(model, "p95 of a call", reading, limits.p95_s, "latency", selection)
            if limits.usd_per_1000 is not None:
                reading = readings.price(cursor, selection, model)
                yield _at_most(model, "price of 1,000 calls", reading, limits.usd_per_1000, "price", selection)
            for rate, most in listed:
                reading = readings.share(cursor, selection, rate, model)
                yield _at_most(model, f"share of {rate.name}", reading, most, "share", selection)

    def _select(self, key: str, *, category: str | None, metric: str | None = None) -> Selection:
        """Return the selection of a threshold's names on the gate's own board."""
        board = self.selection.board
        try:
            return select(self.cursor, suite=board.reference, calendar=board.calendar, category=category, metric=metric)
        except UnknownNameError as error:
            name = "metric" if error.kind == "metric" else "category"
            _refuse(self.path, f"{key}.{name}", str(error))

    def _rate(self, name: str, selection: Selection, key: str) -> Rate:
        known = rates.rates(self.cursor, selection.board)
        if name not in known:
            _refuse(self.path, key, str(UnknownNameError("rate", name, known)))
        if known[name].higher_is_better:
            _refuse(self.path, key, f"Expected a rate of faults, got {name!r}, of which more is better. Use 'unsound'.")
        return known[name]


def gate_of(cursor: "duckdb.DuckDBPyConnection", file: GateFile, path: Path) -> Gate:
    """Return the gate of a file on a snapshot. Raises InputFileError for a suite or model that does not stand there."""
    try:
        selection = select(cursor, suite=file.suite, calendar=file.calendar)
    except UnknownNameError as error:
        _refuse(path, error.kind.partition(" ")[0], str(error))
    field = newest_field(cursor, selection.board)
    chosen: set[str] = set()
    for place, pattern in enumerate(file.models):
        matching = {model for model in field.members if fnmatchcase(model, pattern)}
        if not matching:
            _refuse(path, f"models.{place}", str(UnknownNameError("model that stands", pattern, field.members)))
        chosen |= matching
    return Gate(cursor=cursor, file=file, path=path, selection=selection, field=field, models=tuple(sorted(chosen)))


def _at_most(
    model: str, subject: str, reading: Reading, most: float, quantity: Quantity, selection: Selection
) -> Check:
    return Check(
        model=model,
        quantity=quantity,
        subject=f"{subject}{_within(selection)}",
        reading=reading,
        limit=most,
        at_least=False,
        unit=UNITS[quantity],
    )


def _words(threshold: QualityThreshold) -> str:
    """Name the baseline of a difference."""
    if threshold.model is not None:
        return f" less that of {threshold.model}"
    return "" if threshold.day is None else f" less its own on {threshold.day}"


def _within(selection: Selection) -> str:
    return "" if selection.category == ALL_CATEGORIES else f" in {selection.category}"


def _refuse(path: Path, key: str, problem: str) -> NoReturn:
    raise InputFileError(path, problem, key=key)
