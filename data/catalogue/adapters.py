"""The remote adapters: one literal row each, and one for each provider's spec, which needs no code.

A model of the catalogue names an adapter as `remote.adapter`; `harness.remote.registry` imports its module when a model
is opened. Nothing is imported here, so reading the catalogue costs no provider's SDK.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from data.catalogue.provider_spec import ProviderSpec
from data.errors import UnknownNameError
from data.vocabulary import Modality, Task


@dataclass(frozen=True, slots=True, kw_only=True)
class AdapterEntry:
    """What an adapter is: the module with its `generator_for`, and what it can be asked for.

    `extra` is the optional dependency that it needs (None for none), `environment` the variables that must be set for
    it beside a model's own `credential_env`. `spec` is what the module `http_job` speaks by.
    """

    name: str
    module: str
    extra: str | None
    tasks: frozenset[Task]
    modalities: frozenset[Modality]
    environment: tuple[str, ...] = ()
    spec: ProviderSpec | None = None


ADAPTERS: Final[Mapping[str, AdapterEntry]] = MappingProxyType(
    {
        "openai_images": AdapterEntry(
            name="openai_images",
            module="harness.remote.adapters.openai_images.adapter",
            extra="openai",
            tasks=frozenset({"text-to-image"}),
            modalities=frozenset({"image"}),
        ),
    }
)


def adapter_table(specs: Iterable[ProviderSpec]) -> Mapping[str, AdapterEntry]:
    """Return the adapters by name, with one for each spec."""
    return MappingProxyType({**ADAPTERS, **{spec.name: _entry_of(spec) for spec in specs}})


def _entry_of(spec: ProviderSpec) -> AdapterEntry:
    modalities: list[Modality] = ["video" if task.endswith("video") else "image" for task in spec.tasks]
    return AdapterEntry(
        name=spec.name,
        module="harness.remote.adapters.http_job.adapter",
        extra=None,
        tasks=frozenset(spec.tasks),
        modalities=frozenset(modalities),
        environment=(spec.key.issuer,) if spec.key and spec.key.issuer else (),
        spec=spec,
    )


def adapter_entry(name: str, table: Mapping[str, AdapterEntry] = ADAPTERS) -> AdapterEntry:
    """Return the adapter of that name. Raises UnknownNameError with the nearest name.

    >>> adapter_entry("openai_images").extra
    'openai'
    """
    if name not in table:
        raise UnknownNameError("adapter", name, table)
    return table[name]
