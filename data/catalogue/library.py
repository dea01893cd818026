"""The catalogue: models, machines' prices and list prices, out of the project's files and the user's own."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from data.catalogue.adapters import ADAPTERS, AdapterEntry, adapter_entry, adapter_table
from data.catalogue.declarations import FamilyFile, MachinePrice, MachinesFile
from data.catalogue.list_price import ListPrice, ListPricesFile
from data.catalogue.provider_spec import ProviderSpec
from data.errors import InputFileError, UnknownNameError
from data.formats.toml import read_toml, validated
from data.vocabulary import Model, Task

FOLDER: Final = Path(__file__).parent
SHIPPED: Final = (FOLDER / "machines.toml", FOLDER / "providers", FOLDER / "models", FOLDER / "list_prices.toml")


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Models by id, in the order of their files, machines' prices by name, what providers list, and the adapters."""

    models: Mapping[str, Model]
    machines: Mapping[str, MachinePrice]
    list_prices: tuple[ListPrice, ...] = ()
    adapters: Mapping[str, AdapterEntry] = field(default_factory=lambda: ADAPTERS)

    def model(self, identifier: str) -> Model:
        """Return the model `identifier`. Raises UnknownNameError with the nearest id."""
        try:
            return self.models[identifier]
        except KeyError:
            raise UnknownNameError("model", identifier, self.models) from None

    def machine(self, name: str) -> MachinePrice:
        """Return the price of the machine `name`. Raises UnknownNameError with the nearest name."""
        try:
            return self.machines[name]
        except KeyError:
            raise UnknownNameError("machine", name, self.machines) from None

    def select(self, patterns: Iterable[str], *, task: Task | None = None) -> tuple[Model, ...]:
        """Return the models that match any of `patterns` (`shapes-*`, `flux.1-dev`), each once, in catalogue order.

        With `task`, only those that can do it. Raises UnknownNameError for a pattern that matches none.
        """
        able = [model for model in self.models.values() if task in (None, model.task)]
        chosen: set[str] = set()
        for pattern in patterns:
            matching = {model.id for model in able if fnmatchcase(model.id, pattern)}
            if not matching:
                kind = f"{task} model" if task else "model"
                raise UnknownNameError(kind, pattern, [model.id for model in able])
            chosen |= matching
        return tuple(model for model in able if model.id in chosen)


def load_catalogue(paths: Iterable[Path | str] = ()) -> Catalogue:
    """Return the project's catalogue with what the user's files and folders at `paths` add.

    A file holds a family's models, machines (`[[machines]]`), list prices (`[[list_prices]]`) or a provider's spec
    (`[submit]`); a folder stands for the `.toml` files in it and below it. Raises InputFileError naming file and key
    for what does not hold, an id that two files claim, an adapter or a successor that there is not.
    """
    contents = {path: read_toml(path) for path in _files([*SHIPPED, *map(Path, paths)])}
    specs = {path: read_spec(path, tables) for path, tables in contents.items() if "submit" in tables}
    adapters = adapter_table(specs.values())
    origins: dict[str, Path] = {}
    for path, spec in specs.items():
        _claim(origins, f"adapter {spec.name}", path)
    files = {path: _read(path, tables, adapters) for path, tables in contents.items() if path not in specs}
    for path, file in files.items():
        for name in file.names():
            _claim(origins, name, path)
    models = {model.id: model for file in files.values() for model in file.models}
    machines = {price.name: price for file in files.values() for price in file.machines}
    list_prices = tuple(price for file in files.values() for price in file.list_prices)
    _check_successors(models, origins)
    return Catalogue(MappingProxyType(models), MappingProxyType(machines), list_prices, adapters)


def read_spec(path: Path, tables: dict[str, Any]) -> ProviderSpec:
    """Return the spec that the tables of a file are. Raises InputFileError naming the file, the key and the reason."""
    spec = validated(ProviderSpec, tables, path)
    if spec.name in ADAPTERS:
        raise InputFileError(path, f"Expected a name of its own, got that of the adapter {spec.name!r}.", key="name")
    return spec


def _files(paths: Iterable[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            yield from sorted(path.rglob("*.toml"))
        else:
            yield path


class _FileContent(NamedTuple):
    """What one file holds."""

    models: tuple[Model, ...] = ()
    machines: tuple[MachinePrice, ...] = ()
    list_prices: tuple[ListPrice, ...] = ()

    def names(self) -> Iterator[str]:
        """Yield the name of each entry, unique in the whole catalogue."""
        yield from (model.id for model in self.models)
        yield from (f"machine {price.name}" for price in self.machines)
        for price in self.list_prices:
            at = f" at {price.resolution}" if price.resolution else ""
            yield f"list price of {price.provider}'s {price.model}, {price.unit}{at}"


def _read(path: Path, tables: dict[str, Any], adapters: Mapping[str, AdapterEntry]) -> _FileContent:
    if "machines" in tables:
        prices = validated(MachinesFile, tables, path).machines
        return _FileContent(machines=tuple(MachinePrice(**price.model_dump()) for price in prices))
    if "list_prices" in tables:
        return _FileContent(list_prices=tuple(validated(ListPricesFile, tables, path).records()))
    family = validated(FamilyFile, _with_defaults(tables, adapters), path)
    _check_adapters(family, path, adapters)
    return _FileContent(models=tuple(family.records()))


def _with_defaults(tables: dict[str, Any], adapters: Mapping[str, AdapterEntry]) -> dict[str, Any]:
    """The tables of a family, with what a provider's spec says of its endpoint where a model does not."""
    models = tables.get("models")
    if not isinstance(models, list):
        return tables
    return {**tables, "models": [_with_endpoint(model, adapters) for model in models]}


def _with_endpoint(model: Any, adapters: Mapping[str, AdapterEntry]) -> Any:
    remote = model.get("remote") if isinstance(model, dict) else None
    if not isinstance(remote, dict) or not isinstance(remote.get("adapter"), str):
        return model
    entry = adapters.get(remote["adapter"])
    if entry is None or entry.spec is None:
        return model
    return {**model, "remote": {**entry.spec.remote_defaults(), **remote}}


def _check_adapters(family: FamilyFile, path: Path, adapters: Mapping[str, AdapterEntry]) -> None:
    for number, model in enumerate(family.models):
        if model.remote is not None:
            try:
                adapter_entry(model.remote.adapter, adapters)
            except UnknownNameError as error:
                raise InputFileError(path, str(error), key=f"models.{number}.remote.adapter") from None


def _claim(origins: dict[str, Path], name: str, path: Path) -> None:
    if name in origins:
        raise InputFileError(
            path, f"Expected an id of its own, got {name!r}, which {origins[name]} has. Rename one of them."
        )
    origins[name] = path


def _check_successors(models: Mapping[str, Model], origins: Mapping[str, Path]) -> None:
    for model in models.values():
        if model.successor is not None and model.successor not in models:
            unknown = UnknownNameError("model", model.successor, models)
            raise InputFileError(
                origins[model.id], f"{unknown} Correct the successor of {model.id!r}.", key="successor"
            )
