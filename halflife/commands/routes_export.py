"""`halflife routes export | serve | keygen | sign | verify`: the tables on their way to those who follow it."""

import datetime as dt
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated, Final

import typer

from data.home import Home
from halflife.commands.routes import table_file
from halflife.options import DEFAULT_HOME, HomeOption, TableFileOption, TableOption
from halflife.output.terminal import Terminal
from leaderboard.routing.exports import rendering
from leaderboard.routing.exports.exported import LeftOut
from leaderboard.routing.serving import http, signing
from leaderboard.routing.serving.publish import read_table

SHOWN: Final = 3
"""How many of the things that a target has no place for are named in a line."""


def export(
    to: Annotated[
        list[str],
        typer.Option(help="litellm, flagd, portkey, envoy, openrouter, vercel, litellm-prices or all; repeat for more"),
    ],
    out: Annotated[Path, typer.Option(help="the folder to write into; each table gets one of its own in it")],
    table: TableOption = None,
    file: TableFileOption = None,
    home: HomeOption = DEFAULT_HOME,
) -> None:
    """Write a table for gateways, into a folder named by its id, and list what each cannot hold."""
    source = table_file(home, table, file)
    paths, left_out = rendering.export(read_table(source), to, out, source=source, at=dt.datetime.now(dt.UTC))
    console, warnings = _console(), _console(stderr=True)
    for path in paths:
        console.print(str(path))
    for target, reason, names in _by_reason(left_out):
        warnings.print(f"Left out of {target}: {names}: {reason}")


def serve(
    port: Annotated[int, typer.Option(min=0, max=65535, help="the port to listen on; 0 for any free port")] = 8602,
    host: Annotated[
        str, typer.Option(help="the address to listen on; only this machine can reach the default")
    ] = "127.0.0.1",
    home: HomeOption = DEFAULT_HOME,
) -> None:
    """Serve the tables over HTTP, read-only, until Ctrl-C: /routing/ lists them, /healthz says how old each is."""
    http.serve(Home(home).routing, host=host, port=port)


def keygen(
    key: Annotated[Path, typer.Argument(help="the file for the private key; the public key is KEY.pub beside it")],
) -> None:
    """Make an ed25519 key pair to sign tables with; only you can read the private key."""
    public = signing.make_key(key)
    _console().print(f"Sign with {key}; give {public} to those who verify.")


def sign(
    key: Annotated[Path, typer.Option(help="the private key's file")],
    table: TableOption = None,
    file: TableFileOption = None,
    home: HomeOption = DEFAULT_HOME,
) -> None:
    """Sign a table; the signature is a file beside it."""
    path = signing.sign(table_file(home, table, file), key, at=dt.datetime.now(dt.UTC))
    _console().print(str(path))


def verify(
    key: Annotated[Path, typer.Option(help="the public key's file")],
    table: TableOption = None,
    file: TableFileOption = None,
    signature: Annotated[
        Path | None, typer.Option(help="the signature's file; default: the one beside the table")
    ] = None,
    state: Annotated[
        Path | None, typer.Option(help="a file that keeps the highest serial seen; a lower one is refused")
    ] = None,
    home: HomeOption = DEFAULT_HOME,
) -> None:
    """Check who signed a table, that it is unchanged and not expired, and (with --state) not older than the last."""
    source = table_file(home, table, file)
    content = signing.verify(source, key, at=dt.datetime.now(dt.UTC), signature_path=signature, state=state)
    _console().print(f"{source} is signed by {key}: serial {content.serial}, valid until {content.expires_at}.")


def _console(*, stderr: bool = False) -> Terminal:
    return Terminal(stderr=stderr, soft_wrap=True)


def _by_reason(left_out: Iterable[tuple[str, LeftOut]]) -> Iterator[tuple[str, str, str]]:
    """Yield each target and reason once, with the things that it holds for."""
    names: dict[tuple[str, str], list[str]] = {}
    for target, left in left_out:
        names.setdefault((target, left.why), []).append(left.what)
    for (target, reason), things in names.items():
        more = f" and {len(things) - SHOWN} more" if len(things) > SHOWN else ""
        yield target, reason, "; ".join(things[:SHOWN]) + more
