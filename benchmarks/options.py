"""The options of every benchmark: `--json`, `--small`, and how many of each thing it measures."""

import argparse
from collections.abc import Sequence
from typing import NamedTuple


class Count(NamedTuple):
    """How many of a thing are measured: usually, and with `--small`, which shows that the benchmark runs."""

    usual: int
    small: int
    what: str


def parser(description: str | None, **counts: Count) -> argparse.ArgumentParser:
    """Return a parser of `--json`, `--small` and an option for each count."""
    made = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("--json", action="store_true", help="print the figures as JSON")
    made.add_argument("--small", action="store_true", help="measure little: quick, and no figure to quote")
    for name, count in counts.items():
        made.add_argument(f"--{name}", type=int, help=f"{count.what} (default {count.usual})")
    made.set_defaults(counts=counts)
    return made


def parse(made: argparse.ArgumentParser, arguments: Sequence[str] | None) -> argparse.Namespace:
    """Return the options, each count as given, else by `--small`; without arguments, those of the command line."""
    options = made.parse_args(arguments)
    for name, count in options.counts.items():
        if getattr(options, name) is None:
            setattr(options, name, count.small if options.small else count.usual)
    return options
