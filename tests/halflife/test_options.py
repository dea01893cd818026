"""Commands that take their options as one object."""

import inspect
from dataclasses import dataclass
from typing import Annotated

import typer

from halflife.options import takes_options


@dataclass(frozen=True, kw_only=True)
class Size:
    width: Annotated[int, typer.Option(help="pixels")] = 8
    height: Annotated[int, typer.Option(help="pixels")] = 8


@dataclass(frozen=True, kw_only=True)
class Picture:
    name: Annotated[str, typer.Argument()]
    size: Size
    fast: bool = False


def test_typer_sees_the_fields_in_their_order_and_the_command_gets_the_object() -> None:
    given: list[object] = []

    def draw(picture: Picture, home: str = "here") -> None:
        given.extend((picture, home))

    command = takes_options(draw)
    parameters = inspect.signature(command).parameters
    assert list(parameters) == ["name", "width", "height", "fast", "home"]
    assert parameters["name"].default is inspect.Parameter.empty
    command(name="a", width=1, height=2, fast=True, home="there")
    assert given == [Picture(name="a", size=Size(width=1, height=2), fast=True), "there"]
