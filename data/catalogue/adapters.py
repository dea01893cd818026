"""The remote adapters: one literal row each. A new provider costs a module, its row here and its test.

A model of the catalogue names an adapter as `remote.adapter`; `harness.remote.registry` imports its module when a model
is opened. Nothing is imported here, so reading the catalogue costs no provider's SDK.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from data.errors import UnknownNameError
from data.vocabulary import Modality, Task


@dataclass(frozen=True, slots=True, kw_only=True)
class AdapterEntry:
    """What an adapter is: the module with its `generator_for`, and what it can be asked for.

    `extra` is the optional dependency that it needs (None for none), `environment` the variables that must be set for
    it beside a model's own `credential_env`.
    """

    name: str
    module: str
    extra: str | None
    tasks: frozenset[Task]
    modalities: frozenset[Modality]
    environment: tuple[str, ...] = ()


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


def adapter_entry(name: str, table: Mapping[str, AdapterEntry] = ADAPTERS) -> AdapterEntry:
    """Return the adapter of that name. Raises UnknownNameError with the nearest name.

    >>> adapter_entry("openai_images").extra
    'openai'
    """
    if name not in table:
        raise UnknownNameError("adapter", name, table)
    return table[name]
