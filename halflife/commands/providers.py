"""`halflife providers [list] | check`: what can be asked remotely, and whether a spec of one's own holds."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from data.catalogue import load_catalogue
from data.catalogue.adapters import AdapterEntry, adapter_table
from data.catalogue.library import read_spec
from data.formats.toml import read_toml
from halflife.options import CatalogueOption
from halflife.output.tables import DASH, table
from halflife.output.terminal import Terminal


def providers(catalogue: CatalogueOption = None) -> None:
    """List the adapters and provider specs: what each serves, its extra, its variables and whether they are set."""
    loaded = load_catalogue(catalogue or ())
    rows = table("Providers", ("name", "serves", "by", "extra", "variables"))
    for entry in loaded.adapters.values():
        rows.add_row(*_row(entry, os.environ))
    Terminal().print(rows)


def check(
    spec: Annotated[Path, typer.Argument(help="a provider's spec, a TOML file", show_default=False)],
) -> None:
    """Check one provider's spec: its keys, paths, placeholders and words; exit code 2 with the key that is wrong."""
    read = read_spec(spec, read_toml(spec))
    entry = adapter_table([read])[read.name]
    how = "asked about until it ends" if read.status else "answered at once"
    console = Terminal(soft_wrap=True)
    console.print(f"{spec} holds: {read.title} ({read.name}) serves {_tasks(entry)}; a job is {how}.")
    console.print(
        f"Variables: {', '.join(_variables(entry, os.environ))}. Source: {read.source}, read on {read.as_of}."
    )


def _row(entry: AdapterEntry, environ: Mapping[str, str]) -> tuple[str, ...]:
    by = "an adapter" if entry.spec is None else f"a spec of {entry.spec.as_of}"
    return (entry.name, _tasks(entry), by, entry.extra or DASH, "\n".join(_variables(entry, environ)))


def _tasks(entry: AdapterEntry) -> str:
    return ", ".join(sorted(entry.tasks))


def _variables(entry: AdapterEntry, environ: Mapping[str, str]) -> list[str]:
    """The environment variables that it needs, with whether they are set; never a value."""
    own = [entry.spec.key.environment] if entry.spec and entry.spec.key else []
    names = [f"{name} ({'set' if environ.get(name, '').strip() else 'not set'})" for name in (*own, *entry.environment)]
    return names or ["none" if entry.spec else "credential_env"]
