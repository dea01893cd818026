"""Options that commands share, and commands that take their options as one object.

A command with many options declares them as a frozen dataclass and is decorated with `takes_options`: Typer sees the
fields as the command's parameters, and the command gets the object.
"""

import functools
import inspect
from collections.abc import Callable, Iterator
from dataclasses import MISSING, fields, is_dataclass
from pathlib import Path
from typing import Annotated, Any, Final, get_type_hints

import typer

HomeOption = Annotated[
    Path,
    typer.Option(
        "--home", envvar="HALFLIFE_HOME", help="the observatory directory, which holds all state", show_default=True
    ),
]
CatalogueOption = Annotated[
    list[Path] | None,
    typer.Option(
        "--catalogue", help="a TOML file or a folder of them, added to the shipped catalogue; repeat for more"
    ),
]
PolicyOption = Annotated[
    Path | None,
    typer.Option("--policy", help="a policy's TOML file; default: the home's routing.toml, else the shipped policy"),
]
TableOption = Annotated[
    str | None,
    typer.Option(
        "--table",
        help="a published table's id, such as shapes.live; default: the only one, or the only one that has the name",
    ),
]
TableFileOption = Annotated[Path | None, typer.Option("--file", help="a table's file, instead of a published table")]
EncoderOption = Annotated[
    Path | None,
    typer.Option(
        "--encoder", help="the card (a TOML file) of the CLIP that scores; default: the embedded one, for shapes only"
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="print everything as JSON, for machines")]
DEFAULT_HOME: Final = Path("observatory")


def takes_options(command: Callable[..., None]) -> Callable[..., None]:
    """Return a command whose parameters are those of `command`, each dataclass among them replaced by its fields.

    Fields may be dataclasses themselves. The names of all fields are different, for they are the options' names.
    """
    signature = inspect.signature(command)
    parameters = [
        flat.replace(kind=inspect.Parameter.KEYWORD_ONLY)
        for parameter in signature.parameters.values()
        for flat in (_flat(parameter.annotation) if is_dataclass(parameter.annotation) else (parameter,))
    ]

    @functools.wraps(command)
    def flattened(**values: Any) -> None:
        command(**{name: _built(name, given.annotation, values) for name, given in signature.parameters.items()})

    flattened.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]
    flattened.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return flattened


def _flat(options: Any) -> Iterator[inspect.Parameter]:
    hints = get_type_hints(options, include_extras=True)
    for option in fields(options):
        annotation = hints[option.name]
        if is_dataclass(annotation):
            yield from _flat(annotation)
            continue
        default = inspect.Parameter.empty if option.default is MISSING else option.default
        yield inspect.Parameter(option.name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)


def _built(name: str, annotation: Any, values: dict[str, Any]) -> Any:
    if not is_dataclass(annotation):
        return values[name]
    hints: dict[str, Any] = get_type_hints(annotation, include_extras=True)
    built: Any = annotation
    return built(**{option.name: _built(option.name, hints[option.name], values) for option in fields(annotation)})
