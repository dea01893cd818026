"""Lazy commands: the help needs none of them, and its lines are what the commands say of themselves."""

from collections.abc import Iterator

import pytest
from typer.core import TyperGroup

from halflife.cli import app
from halflife.lazy import LazyCommand


def leaves(group: TyperGroup, path: str = "halflife") -> Iterator[tuple[str, LazyCommand]]:
    for name, command in group.commands.items():
        if isinstance(command, TyperGroup):
            yield from leaves(command, f"{path} {name}")
        else:
            assert isinstance(command, LazyCommand)
            yield f"{path} {name}", command


LEAVES = dict(leaves(app))


@pytest.mark.parametrize("path", LEAVES)
def test_the_line_in_the_help_is_the_first_sentence_of_the_command(path: str) -> None:
    first_paragraph = (LEAVES[path].load().help or "").partition("\n\n")[0]
    assert " ".join(first_paragraph.split()) == LEAVES[path].help


@pytest.mark.parametrize("path", LEAVES)
def test_no_two_options_of_a_command_have_one_name(path: str) -> None:
    names = [name for parameter in LEAVES[path].load().params for name in (*parameter.opts, *parameter.secondary_opts)]
    assert len(names) == len(set(names))
