"""The catalogue: contenders, machines' prices and list prices, out of the project's files and the user's own."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from data.catalogue.declarations import FamilyFile, MachinePrice, MachinesFile
from data.catalogue.list_price import ListPrice, ListPricesFile
from data.errors import InputFileError, UnknownNameError
from data.formats.toml import read_toml, validated
from data.vocabulary import Model, Task

FOLDER: Final = Path(__file__).parent
SHIPPED: Final = (FOLDER / "machines.toml", FOLDER / "models", FOLDER / "list_prices.toml")


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Contenders by id, in the order of their files, machines' prices by name, and what providers list."""

    models: Mapping[str, Model]
    machines: Mapping[str, MachinePrice]
    list_prices: tuple[ListPrice, ...] = ()

    def model(self, identifier: str) -> Model:
        """Return the contender `identifier`. Raises UnknownNameError with the nearest id."""
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
        """Return the contenders that match any of `patterns` (`shapes-*`, `flux.1-dev`), each once, in catalogue order.

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

    A file holds a family's models, machines (`[[machines]]`) or list prices (`[[list_prices]]`); a folder stands for
    the `.toml` files in it and below it. Raises InputFileError naming file and key for what does not hold, an id that
    two files claim, or a successor that there is not.
    """
    models: dict[str, Model] = {}
    machines: dict[str, MachinePrice] = {}
    list_prices: list[ListPrice] = []
    origins: dict[str, Path] = {}
    for path in _files([*SHIPPED, *map(Path, paths)]):
        file = _read(path)
        for name in file.names():
            _claim(origins, name, path)
        models |= {model.id: model for model in file.models}
        machines |= {price.name: price for price in file.machines}
        list_prices += file.list_prices
    _check_successors(models, origins)
    return Catalogue(MappingProxyType(models), MappingProxyType(machines), tuple(list_prices))


def _files(paths: Iterable[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            yield from sorted(path.rglob("*.toml"))
        else:
            yield path


class _Found(NamedTuple):
    """What one file holds."""

    models: tuple[Model, ...] = ()
    machines: tuple[MachinePrice, ...] = ()
    list_prices: tuple[ListPrice, ...] = ()

    def names(self) -> Iterator[str]:
        """Yield what each of it is called among all that the catalogue holds."""
        yield from (model.id for model in self.models)
        yield from (f"machine {price.name}" for price in self.machines)
        for price in self.list_prices:
            at = f" at {price.resolution}" if price.resolution else ""
            yield f"list price of {price.provider}'s {price.model}, {price.unit}{at}"


def _read(path: Path) -> _Found:
    tables: dict[str, Any] = read_toml(path)
    if "machines" in tables:
        prices = validated(MachinesFile, tables, path).machines
        return _Found(machines=tuple(MachinePrice(**price.model_dump()) for price in prices))
    if "list_prices" in tables:
        return _Found(list_prices=tuple(validated(ListPricesFile, tables, path).records()))
    return _Found(models=tuple(validated(FamilyFile, tables, path).records()))


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
