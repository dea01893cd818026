"""Measurements: one call of one model at one shape, in one configuration, on one device; every sample kept.

`profiles/<time>-<random>.jsonl`: one journal a writer. A measurement is known by what was to be measured (`Setup`), so
the same grid goes on where it stopped. Running out of memory is a result. Of two of one setup the later counts.
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from data.architectures.shape import Shape
from data.home import Home
from data.journal import JournalWriter
from data.record_journals import RecordJournals
from data.serialization import digest
from data.vocabulary import Dtype, Machine

Weights = Literal["catalogue", "random"]
Compiled = Literal["off", "whole", "blocks"]
Attention = Literal["native", "flash", "flash-3", "cudnn", "efficient", "math", "flex", "sage", "xformers"]
Offload = Literal["off", "model", "sequential"]
Quantisation = Literal["off", "int8", "fp8"]
Cache = Literal["off", "first-block", "taylorseer", "pyramid-attention"]
MeasurementOutcome = Literal["ok", "out-of-memory", "failed"]

KIND: Final = "cell"


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """How a pipeline is run: everything that changes its seconds and is not its shape."""

    dtype: Dtype
    compiled: Compiled = "off"
    attention: Attention = "native"
    offload: Offload = "off"
    quantisation: Quantisation = "off"
    cache: Cache = "off"

    @property
    def software(self) -> str:
        """The level of software whose rates are comparable: "eager" or "compiled", with what else is not plain.

        >>> Configuration(dtype="bfloat16").software, Configuration(dtype="float32", cache="taylorseer").software
        ('eager', 'eager, cache taylorseer')
        """
        level = "eager" if self.compiled == "off" else "compiled"
        other = [f"{name} {getattr(self, name)}" for name in ("offload", "quantisation", "cache") if self.uses(name)]
        attention = [] if self.attention == "native" else [f"attention {self.attention}"]
        return ", ".join([level, *attention, *other])

    def uses(self, axis: str) -> bool:
        """Whether an axis that can be "off" is on."""
        return bool(getattr(self, axis) != "off")


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """What is to be measured. `accelerator` is a name of the accelerators' list, the driver's own, or "cpu".

    `revision` is that of the weights, "random" for none; `versions` those of the libraries and the driver.
    """

    model: str
    revision: str
    weights: Weights
    shape: Shape
    configuration: Configuration
    accelerator: str
    processor: str
    repeats: int
    versions: Mapping[str, str]

    @property
    def id(self) -> str:
        """The sha256 of its content: two measurements of one id are the same experiment."""
        return digest(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seconds:
    """Wall-clock seconds by phase. Loading and the first call (which compiles and tunes) are never part of the others.

    `steady` has one number a call, end to end; `text`, `vae` and `processor` (the process's CPU seconds) one a steady
    call where they were seen; `steps` the denoising steps of each steady call.
    """

    load: float | None = None
    first: float | None = None
    warm_up: tuple[float, ...] = ()
    steady: tuple[float, ...] = ()
    text: tuple[float, ...] = ()
    steps: tuple[tuple[float, ...], ...] = ()
    vae: tuple[float, ...] = ()
    processor: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """Peak bytes by phase, counters reset before each: allocated and reserved by torch, used by all as NVML says.

    Where they cannot be had they are empty or None and `reason` says why.
    """

    allocated: Mapping[str, int] = field(default_factory=dict)
    reserved: Mapping[str, int] = field(default_factory=dict)
    used: int | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Energy:
    """Joules of one steady call, from the device's own counter over all of them; else None with the reason."""

    joules: float | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ComputeWork:
    """FLOPs of one call. `nominal` is what the FLOPs model says, `executed` what was done where a cache skips work.

    They are floats: JSON has no exact integers beyond 2**53. `executed` is None with a reason where it is not known.
    """

    nominal: float
    executed: float | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """What came of one setup, on which machine and when; `others` counts other processes on the accelerator."""

    setup: Setup
    status: MeasurementOutcome
    reason: str | None = None
    seconds: Seconds
    memory: Memory
    energy: Energy
    work: ComputeWork
    machine: Machine
    others: int | None = None
    seed: int
    measured_at: dt.datetime

    def __post_init__(self) -> None:
        if (self.status == "ok") != (self.reason is None):
            raise ValueError(
                f"Expected a reason for a measurement that is not ok and for no other, got {self.status!r}."
            )


def load_measurements(home: Home) -> tuple[Measurement, ...]:
    """Return the newest measurement of every setup in the home, by time. Raises JournalError at a damaged line."""
    ordered = sorted(measurement_journals(home).records(), key=lambda measurement: measurement.measured_at)
    newest = {measurement.setup.id: measurement for measurement in ordered}
    return tuple(sorted(newest.values(), key=lambda measurement: measurement.measured_at))


def measurement_journals(home: Home) -> RecordJournals[Measurement]:
    """Return the journals of measurements in a home."""
    return RecordJournals(home.profiles, KIND, Measurement)


def new_journal(home: Home, at: dt.datetime) -> JournalWriter:
    """Return a journal of its own for one writer; without a line it is removed again. Raises HomeError."""
    return measurement_journals(home).create(at)


def write_measurements(journal: JournalWriter, measurements: Iterable[Measurement]) -> None:
    """Write measurements durably. Raises HomeError where the disk is full."""
    journal.append_many(KIND, measurements)
