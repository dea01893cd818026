"""Commands that are imported when they are called: the command line starts without the libraries that they need.

A table of `Command` and `Group` lists the commands; `build` makes the command line of it. The help of a group comes
from the table alone.
"""

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import typer
import typer.main
from typer.core import TyperCommand, TyperGroup


@dataclass(frozen=True, slots=True)
class Command:
    """Where a command's function is (`module:function`), and the line that the help of its group shows."""

    target: str
    summary: str


@dataclass(frozen=True, slots=True)
class Group:
    """Commands under one name; `default` is the one that runs where the first argument names none."""

    summary: str
    commands: "Mapping[str, Command | Group]"
    default: str | None = None


class LazyCommand(TyperCommand):
    """A command that is known by its summary until it is called."""

    def __init__(self, name: str, command: Command) -> None:
        super().__init__(name, help=command.summary, rich_markup_mode=None)
        self._target = command.target

    def make_context(self, *arguments: Any, **named: Any) -> Any:
        """Import the command and return its own context, which Click then runs."""
        return self.load().make_context(*arguments, **named)

    def load(self) -> Any:
        """Import the command's module and return the Click command of its function."""
        module, _, function = self._target.partition(":")
        return _click_command(getattr(importlib.import_module(module), function), self.name)


class _GroupWithDefault(TyperGroup):
    """Runs `default` where the first argument is no command."""

    def __init__(self, *, default: str, **named: Any) -> None:
        super().__init__(**named)
        self._default = default

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put the default command before what is no command."""
        if not args or (args[0] not in self.commands and args[0] != "--help"):
            args = [self._default, *args]
        return super().parse_args(ctx, args)


def build(name: str, group: Group) -> TyperGroup:
    """Return the command line of a table; nothing of its commands is imported."""
    commands: dict[str, Any] = {
        key: build(key, entry) if isinstance(entry, Group) else LazyCommand(key, entry)
        for key, entry in group.commands.items()
    }
    named: dict[str, Any] = {"name": name, "help": group.summary, "commands": commands, "rich_markup_mode": None}
    if group.default is not None:
        return _GroupWithDefault(default=group.default, **named)
    return TyperGroup(**named, no_args_is_help=True)


def _click_command(function: Callable[..., None], name: str | None) -> Any:
    app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
    app.command(name)(function)
    return typer.main.get_command(app)
