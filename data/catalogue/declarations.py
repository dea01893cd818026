"""What a catalogue file may say: a family's defaults and its models, or the prices of machines."""

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, Field, field_validator, model_validator

from data.architectures.video_pipelines import VIDEO_PIPELINES, VideoPipeline
from data.catalogue.endpoint import check_base_url, check_key_header, check_query
from data.catalogue.prices import PriceTable
from data.formats.toml import Declared
from data.pricing import check_price
from data.serialization import canonical
from data.vocabulary import (
    Dtype,
    LocalSource,
    Model,
    RemoteSource,
    SeedSupport,
    Settings,
    Task,
    check_identifier,
)

VARIABLE: Final = re.compile(r"[A-Z][A-Z0-9_]*")
LONG_WORD: Final = 16
"""A name of so many letters without a `_` is no variable's that anybody chose: some keys are capitals and digits."""


class SettingsTable(Declared):
    """What is asked for each sample. Width and height in pixels, `fps` in frames a second; `audio` asks for sound.

    `seconds` is the length of a video, in place of `frames` where the pipeline's class is known.
    """

    width: int = Field(ge=1, le=16_384)
    height: int = Field(ge=1, le=16_384)
    frames: int = Field(default=1, ge=1, le=10_000)
    fps: float | None = Field(default=None, gt=0)
    steps: int | None = Field(default=None, ge=1, le=1_000)
    guidance: float | None = Field(default=None, ge=0)
    negative_prompt: str | None = None
    extra: dict[str, Any] = Field(default_factory=dict)
    seconds: float | None = Field(default=None, gt=0, le=3_600)
    audio: bool = False

    @field_validator("extra")
    @classmethod
    def _is_json(cls, value: dict[str, Any]) -> dict[str, Any]:
        try:
            canonical(value)
        except (ValueError, TypeError, RecursionError) as error:
            raise ValueError(
                f"Expected what JSON holds (text, finite numbers, lists, tables), got: {str(error)[:120]}."
            ) from error
        return value


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
    base_url: Annotated[str, AfterValidator(check_base_url)]
    model: str
    credential_env: str | None = None
    seed_support: SeedSupport = "none"
    timeout_s: float = Field(default=120.0, gt=0)
    download_hosts: list[str] = Field(default_factory=list)
    key_header: Annotated[str, AfterValidator(check_key_header)] = "authorization"
    query: Annotated[dict[str, str], AfterValidator(check_query)] = Field(default_factory=dict)
    in_flight: int = Field(default=4, ge=1, le=64)

    @field_validator("credential_env")
    @classmethod
    def _names_a_variable(cls, value: str | None) -> str | None:
        """Take the name of a variable; what may be a key itself is refused unseen."""
        if value is None or (VARIABLE.fullmatch(value) and (len(value) < LONG_WORD or "_" in value)):
            return value
        raise ValueError(
            "Expected the name of an environment variable (capitals, digits and _), got something else, which is not "
            "shown for it may be a key. Put the key into a variable of the environment and give its name here."
        )


class ModelTable(Declared):
    """One model; what it does not say is taken from its family's file."""

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
        self.asked()
        return self

    def asked(self) -> Settings:
        """Return the settings; a local video's seconds become the nearest number of frames that its class makes.

        Raises ValueError for seconds beside frames, and for seconds of a class whose frames are not known.
        """
        fields = self.settings.model_dump(exclude={"seconds"})
        seconds = self.settings.seconds
        law = VIDEO_PIPELINES.get(self.local.pipeline) if self.local else None
        if law is not None:
            fields["fps"] = self.settings.fps or law.fps
        if self.local is not None and seconds is not None:
            fields["frames"] = _frames(self, seconds, law)
        return Settings(**fields, video_seconds=seconds)


class FamilyFile(Declared):
    """A file of models: the family's name, what its models share, and the models."""

    family: str
    provider: str
    task: Task = "text-to-image"
    licence: str | None = None
    price: PriceTable | None = None
    models: list[ModelTable] = Field(min_length=1)

    @model_validator(mode="after")
    def _every_model_has_a_licence(self) -> "FamilyFile":
        for model in self.models:
            if not (model.licence or self.licence):
                raise ValueError(f"Expected a licence for model {model.id!r} or its family, got none. Add 'licence'.")
        return self

    @model_validator(mode="after")
    def _every_price_says_what_a_request_costs(self) -> "FamilyFile":
        for model in self.records():
            if model.price is not None and model.location == "remote":
                check_price(model)
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
    price = table.price or family.price
    return Model(
        id=table.id,
        title=table.title,
        family=family.family,
        task=table.task or family.task,
        provider=table.provider or family.provider,
        source=_source(table),
        settings=table.asked(),
        revision=table.revision,
        revision_pinned=table.revision_pinned,
        licence=table.licence or family.licence or "",
        released=table.released,
        retired=table.retired,
        successor=table.successor,
        price=price.record() if price else None,
    )


def _frames(table: ModelTable, seconds: float, law: VideoPipeline | None) -> int:
    if "frames" in table.settings.model_fields_set:
        raise ValueError(f"Expected one of 'seconds' and 'frames' for {table.id!r}, got both. Leave one out.")
    if law is None:
        raise ValueError(
            f"Expected 'frames' and 'fps' for {table.id!r}, got 'seconds': how many frames its pipeline class makes is "
            f"known for {', '.join(sorted(VIDEO_PIPELINES))} alone."
        )
    return law.frames(seconds, table.settings.fps)


def _source(table: ModelTable) -> LocalSource | RemoteSource:
    if table.local is not None:
        return LocalSource(revision=table.revision, **table.local.model_dump())
    if table.remote is None:
        raise ValueError(f"Expected a source for model {table.id!r}, got none.")
    fields = table.remote.model_dump(exclude={"download_hosts"})
    return RemoteSource(download_hosts=tuple(table.remote.download_hosts), **fields)
