"""Accelerators: what they can do at most, and the published runs that say which share of it is reached."""

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Final, Literal

from pydantic import Field

from data.errors import ServiceError, UnknownNameError
from data.formats.toml import Declared, read_toml, validated

PATH: Final = Path(__file__).with_name("accelerators.toml")

Software = Literal["eager", "compiled"]


class Accelerator(Declared):
    """One accelerator: dense bfloat16 peak in TFLOP/s, memory in GiB, memory bandwidth in TB/s, and their source.

    `names` are what the driver calls it, `machine` the declared machine whose price it has. One that was measured and
    is not on the list, a CPU among them, has no peak and no bandwidth.
    """

    name: str
    title: str
    names: list[str]
    memory_gib: float = Field(gt=0)
    peak_tflops: float | None = Field(default=None, gt=0)
    bandwidth_tb_s: float | None = Field(default=None, gt=0)
    source: str
    machine: str

    @property
    def peak(self) -> float:
        """Its peak in TFLOP/s. Raises ServiceError where it is not known: there is no MFU then."""
        return self._known(self.peak_tflops, "peak")

    @property
    def bandwidth(self) -> float:
        """Its memory's bandwidth in TB/s. Raises ServiceError where it is not known."""
        return self._known(self.bandwidth_tb_s, "bandwidth")

    def _known(self, value: float | None, what: str) -> float:
        if value is None:
            raise ServiceError(
                f"Expected an accelerator whose {what} is known, got {self.title}. "
                f"Choose one of {', '.join(accelerators())}."
            )
        return value


class PublishedRun(Declared):
    """A published latency: end-to-end seconds of one call of a model at a shape, on one accelerator."""

    accelerator: str
    software: Software
    model: str
    width: int
    height: int
    frames: int | None = None
    steps: int
    seconds: float = Field(gt=0)


class _File(Declared):
    accelerators: list[Accelerator]
    published: list[PublishedRun]


@cache
def accelerators() -> Mapping[str, Accelerator]:
    """Return the accelerators by name, the smallest first."""
    return MappingProxyType({accelerator.name: accelerator for accelerator in _file().accelerators})


def accelerator(name: str) -> Accelerator:
    """Return the accelerator of that name. Raises UnknownNameError with the nearest one."""
    if name not in accelerators():
        raise UnknownNameError("accelerator", name, accelerators())
    return accelerators()[name]


def named_by_driver(name: str) -> Accelerator | None:
    """Return the accelerator that the driver calls so; None where its peak is not known."""
    return next((known for known in accelerators().values() if name in known.names), None)


def published() -> Sequence[PublishedRun]:
    """Return the published runs."""
    return tuple(_file().published)


@cache
def _file() -> _File:
    return validated(_File, read_toml(PATH), PATH)
