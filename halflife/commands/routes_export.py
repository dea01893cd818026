"""`halflife routes export | serve | keygen | sign | verify`: the table on its way to those who follow it."""

import datetime as dt
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from halflife.options import DEFAULT_HOME, HomeOption

if TYPE_CHECKING:
    from leaderboard.routing.exports.exported import LeftOut

SHOWN = 3
TableOption = Annotated[Path | None, typer.Option("--table", help="a table's file; the current one without")]


def export(
    to: Annotated[
        list[str],
        typer.Option(help="litellm, flagd, portkey, envoy, openrouter, vercel, litellm-prices or all; repeat for more"),
    ],
    out: Annotated[Path, typer.Option(help="the folder to write into")],
    table: TableOption = None,
    home: HomeOption = DEFAULT_HOME,
) -> None:
    """Render the table for gateways, and say what each of them has no place for."""
    from leaderboard.routing.exports.rendering import export as write
    from leaderboard.routing.serving.publish import read_table

    source = _table(table, home)
    paths, left = write(read_table(source), to, out, source=source, at=dt.datetime.now(dt.UTC))
    console = Console(soft_wrap=True, highlight=False, markup=False)
    for path in paths:
        console.print(str(path))
    complain = Console(stderr=True, soft_wrap=True, highlight=False, markup=False)
    for target, why, names in _grouped(left):
        complain.print(f"Left out of {target}: {names}: {why}")


def serve(
    port: Annotated[int, typer.Option(min=0, max=65535, help="the port to listen on; 0 for any that is free")] = 8602,
    host: Annotated[
        str, typer.Option(help="the address to listen on; loopback unless you say otherwise")
    ] = "127.0.0.1",
    home: HomeOption = DEFAULT_HOME,
) -> None:
    """Serve the table over HTTP, read-only, until Ctrl-C: /routing/current.json with an ETag, and /healthz."""
    from data.home import Home
    from leaderboard.routing.serving.http import serve as listen

    listen(Home(home).routing, host=host, port=port)


def keygen(key: Annotated[Path, typer.Argument(help="the file for the private key; .pub is put beside it")]) -> None:
    """Make a key to sign tables with, ed25519; the private half is readable by you alone."""
    from leaderboard.routing.serving.signing import make_key

    public = make_key(key)
    Console(soft_wrap=True, highlight=False, markup=False).print(f"{key} signs; give {public} to those who verify.")


def sign(
    key: Annotated[Path, typer.Option(help="the private key's file")],
    table: TableOption = None,
    home: HomeOption = DEFAULT_HOME,
) -> None:
    """Sign the table; the signature is a file beside it."""
    from leaderboard.routing.serving.signing import sign as write

    path = write(_table(table, home), key, at=dt.datetime.now(dt.UTC))
    Console(soft_wrap=True, highlight=False, markup=False).print(str(path))


def verify(
    key: Annotated[Path, typer.Option(help="the public key's file")],
    table: TableOption = None,
    signature: Annotated[
        Path | None, typer.Option(help="the signature's file; the one beside the table without")
    ] = None,
    state: Annotated[
        Path | None, typer.Option(help="a file that remembers the highest serial; a lower one is refused")
    ] = None,
    home: HomeOption = DEFAULT_HOME,
) -> None:
    """Check who signed the table, that it is whole and current, and (with --state) not older than the last."""
    from leaderboard.routing.serving.signing import verify as check

    source = _table(table, home)
    content = check(source, key, at=dt.datetime.now(dt.UTC), signature_path=signature, state=state)
    said = f"{source} is signed by {key}: serial {content.serial}, until {content.expires_at}."
    Console(soft_wrap=True, highlight=False, markup=False).print(said)


def _grouped(left: "Iterable[tuple[str, LeftOut]]") -> "Iterator[tuple[str, str, str]]":
    """One line a reason, however many it is the reason for."""
    reasons: dict[tuple[str, str], list[str]] = {}
    for target, one in left:
        reasons.setdefault((target, one.why), []).append(one.what)
    for (target, why), what in reasons.items():
        more = f" and {len(what) - SHOWN} more" if len(what) > SHOWN else ""
        yield target, why, "; ".join(what[:SHOWN]) + more


def _table(table: Path | None, home: Path) -> Path:
    from data.home import Home
    from leaderboard.routing.serving.publish import CURRENT

    return table or Home(home).routing / CURRENT
