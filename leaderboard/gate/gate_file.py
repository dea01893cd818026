"""The file of a gate: which models are judged, by which thresholds; read strictly, complaints name file and key."""

import datetime as dt
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, model_validator

from data.formats.toml import Declared, read_toml, validated
from data.vocabulary import Calendar
from leaderboard.gate.verdict import Rule


class QualityThreshold(Declared):
    """The quality of a model may be worse than a baseline by at most `margin`, in the unit of the metric.

    The baseline is another model (`model`), the model itself as it stood on an earlier `day`, or a number (`value`).
    Without `metric` it is the one that ranks the suite, without `category` all of them.
    """

    model: str | None = None
    day: dt.date | None = None
    value: float | None = None
    margin: float = Field(default=0.0, ge=0)
    metric: str | None = None
    category: str | None = None

    @model_validator(mode="after")
    def _one_baseline(self) -> Self:
        given = [name for name in ("model", "day", "value") if getattr(self, name) is not None]
        if len(given) != 1:
            listed = " and ".join(given) or "none"
            raise ValueError(f"Expected one baseline (model, day or value), got {listed}. Give exactly one of them.")
        return self


class Limits(Declared):
    """The most that a model may take, cost and fail, in one category or (without one) in all.

    `p95_s` is the 95th percentile of the seconds of a call, `usd_per_1000` the US dollars of 1,000 calls, `shares` the
    largest share of attempts for each rate that `halflife standings --metric` lists (refused, failed, unsound, …).
    """

    p95_s: float | None = Field(default=None, gt=0)
    usd_per_1000: float | None = Field(default=None, ge=0)
    shares: dict[str, Annotated[float, Field(ge=0, le=1)]] = Field(default_factory=dict)
    category: str | None = None

    @model_validator(mode="after")
    def _any_limit(self) -> Self:
        if self.p95_s is None and self.usd_per_1000 is None and not self.shares:
            raise ValueError("Expected a limit, got none. Give p95_s, usd_per_1000 or shares.")
        return self


class GateFile(Declared):
    """What a gate judges: models (ids or patterns such as `shapes-*`) of a suite on a calendar, and its thresholds.

    `fail` is when a threshold fails the gate: "surely-broken", where the whole 95 % interval is beyond it, or
    "not-surely-kept", where any part of it is.
    """

    suite: str | None = None
    calendar: Calendar | None = None
    models: list[str] = Field(min_length=1)
    fail: Rule = "surely-broken"
    quality: list[QualityThreshold] = Field(default_factory=list)
    limits: list[Limits] = Field(default_factory=list)

    @model_validator(mode="after")
    def _any_threshold(self) -> Self:
        if not self.quality and not self.limits:
            raise ValueError("Expected a threshold, got none. Add [[quality]] or [[limits]].")
        return self


def read_gate(path: Path) -> GateFile:
    """Return the gate of a file. Raises InputFileError naming the file and the key for what does not hold."""
    return validated(GateFile, read_toml(path), path)
