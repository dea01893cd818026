"""What a catalogue file may say: a family's defaults and its models, or the prices of machines."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import Field, field_validator, model_validator

from data.catalogue.adapters import adapter_entry
from data.errors import UnknownNameError
from data.formats.toml import Declared
from data.vocabulary import (
    Dtype,
    LocalSource,
    Model,
    Price,
    PriceUnit,
    RemoteSource,
    SeedSupport,
    Settings,
    Task,
    check_identifier,
)


class SettingsTable(Declared):
    """What is asked for each sample. Width and height in pixels, `fps` in frames a second; `audio` asks for sound."""

    width: int = Field(ge=1, le=16_384)
    height: int = Field(ge=1, le=16_384)
    frames: int = Field(default=1, ge=1, le=10_000)
    fps: float | None = Field(default=None, gt=0)
    steps: int | None = Field(default=None, ge=1, le=1_000)
    guidance: float | None = Field(default=None, ge=0)
    negative_prompt: str | None = None
    extra: dict[str, Any] = Field(default_factory=dict)
    video_seconds: float | None = Field(default=None, gt=0, allow_inf_nan=False)
    audio: bool = False


class PriceTable(Declared):
    """A list price in US dollars, the day on which it was read, and where."""

    unit: PriceUnit
    usd: float = Field(ge=0)
    as_of: dt.date
    source: str = Field(min_length=1)


class LocalTable(Declared):
    """Weights: embedded in the project, in a directory, or in a hub repository."""

    kind: Literal["embedded", "directory", "hub"]
    pipeline: str
    repository: str
    variant: str | None = None
    dtype: Dtype = "float32"


class RemoteTable(Declared):
    """An endpoint and the adapter that speaks to it. `credential_env` names an environment variable, never a key."""

    adapter: str
    base_url: str = Field(pattern=r"^https?://[^\s@]+$")
    model: str
    credential_env: str | None = Field(default=None, pattern=r"^[A-Z][A-Z0-9_]*$")
    seed_support: SeedSupport = "none"
    timeout_s: float = Field(default=120.0, gt=0)
    download_hosts: list[str] = Field(default_factory=list)

    @field_validator("adapter")
    @classmethod
    def _is_known(cls, value: str) -> str:
        try:
            return adapter_entry(value).name
        except UnknownNameError as error:
            raise ValueError(str(error)) from error


class ModelTable(Declared):
    """One contender; what it does not say is taken from its family's file."""

    id: str
    title: str
    released: dt.date
    revision: str = Field(min_length=1)
    revision_pinned: bool
    settings: SettingsTable
    local: LocalTable | None = None
    remote: RemoteTable | None = None
    task: Task | None = None
    provider: str | None = None
    licence: str | None = None
    retired: dt.date | None = None
    successor: str | None = None
    price: PriceTable | None = None

    @field_validator("id")
    @classmethod
    def _is_identifier(cls, value: str) -> str:
        return check_identifier("model id", value)

    @model_validator(mode="after")
    def _holds_together(self) -> "ModelTable":
        if (self.local is None) == (self.remote is None):
            raise ValueError(f"Expected one of 'local' and 'remote' for model {self.id!r}, got both or none. Keep one.")
        if self.retired and self.retired < self.released:
            raise ValueError(
                f"Expected {self.id!r} to retire on or after its release on {self.released}, got {self.retired}."
            )
        return self


class FamilyFile(Declared):
    """A file of models: the family's name, what its models share, and the models."""

    family: str
    provider: str
    task: Task = "text-to-image"
    licence: str | None = None
    models: list[ModelTable] = Field(min_length=1)

    @model_validator(mode="after")
    def _every_model_has_a_licence(self) -> "FamilyFile":
        for model in self.models:
            if not (model.licence or self.licence):
                raise ValueError(f"Expected a licence for model {model.id!r} or its family, got none. Add 'licence'.")
        return self

    def records(self) -> Iterator[Model]:
        """Yield the models as the rest of the house knows them."""
        for table in self.models:
            yield _model(self, table)


class MachineTable(Declared):
    """What an hour of a machine costs in US dollars, as its owner declares it; `default_for` a kind of device.

    `usd_per_kwh` is for one whose power is paid apart: the tariff, and in `tariff_source` where it was read.
    """

    name: str
    title: str
    usd_per_hour: float = Field(ge=0)
    source: str = Field(min_length=1)
    usd_per_kwh: float | None = Field(default=None, ge=0, allow_inf_nan=False)
    tariff_source: str | None = Field(default=None, min_length=1)
    default_for: Literal["cpu", "cuda", "mps"] | None = None

    @field_validator("name")
    @classmethod
    def _is_identifier(cls, value: str) -> str:
        return check_identifier("machine name", value)

    @model_validator(mode="after")
    def _a_tariff_has_a_source(self) -> "MachineTable":
        if (self.usd_per_kwh is None) != (self.tariff_source is None):
            raise ValueError(
                f"Expected 'usd_per_kwh' with 'tariff_source' for {self.name!r}, got one of them. Add the other."
            )
        return self


class MachinesFile(Declared):
    """A file of machines' prices."""

    machines: list[MachineTable] = Field(min_length=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class MachinePrice:
    """A machine's declared price in US dollars an hour, and of a kWh where power is paid apart: declared."""

    name: str
    title: str
    usd_per_hour: float
    source: str
    default_for: str | None
    usd_per_kwh: float | None = None
    tariff_source: str | None = None


def _model(family: FamilyFile, table: ModelTable) -> Model:
    return Model(
        id=table.id,
        title=table.title,
        family=family.family,
        task=table.task or family.task,
        provider=table.provider or family.provider,
        source=_source(table),
        settings=Settings(**table.settings.model_dump()),
        revision=table.revision,
        revision_pinned=table.revision_pinned,
        licence=table.licence or family.licence or "",
        released=table.released,
        retired=table.retired,
        successor=table.successor,
        price=Price(**table.price.model_dump()) if table.price else None,
    )


def _source(table: ModelTable) -> LocalSource | RemoteSource:
    if table.local is not None:
        return LocalSource(revision=table.revision, **table.local.model_dump())
    if table.remote is None:
        raise ValueError(f"Expected a source for model {table.id!r}, got none.")
    fields = table.remote.model_dump(exclude={"download_hosts"})
    return RemoteSource(download_hosts=tuple(table.remote.download_hosts), **fields)
