"""Starts the board's server: on 127.0.0.1 alone, for one observatory, with the shipped security settings."""

import os
import socket
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from data.errors import ServiceError

ADDRESS = "127.0.0.1"
HOME_VARIABLE = "HALFLIFE_HOME"
CATALOGUE_VARIABLE = "HALFLIFE_CATALOGUE"
SCRIPT = Path(__file__).resolve().with_name("asgi.py")


def serve(home: Path, *, port: int = 8501, catalogue: Sequence[Path] = ()) -> NoReturn:
    """Serve the board of an observatory on 127.0.0.1 until Ctrl-C or SIGTERM; prints its address.

    The files and folders of `catalogue` add machines' prices and list prices to the shipped ones. The process becomes
    the server. Raises ServiceError where the port is in use, or below 1024 without the right to it.
    """
    check_port(port)
    print(f"The board of {home} is at http://{ADDRESS}:{port} (Ctrl-C stops it).", flush=True)
    os.execve(sys.executable, command(port), environment(home, catalogue))


def check_port(port: int) -> None:
    """Raise ServiceError where a server cannot listen on the port."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((ADDRESS, port))
        except OSError as error:
            raise ServiceError(
                f"Expected a free port on {ADDRESS}, got {port}, which cannot be used ({error.strerror}). "
                f"Stop what listens there, or choose another: halflife board --port {another_port()}."
            ) from error


def another_port() -> int:
    """Return a port that is free now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind((ADDRESS, 0))
        return int(probe.getsockname()[1])


def command(port: int) -> list[str]:
    """Return the server's command line. It repeats the address, so that no settings of the user's can widen it."""
    options = {
        "server.address": ADDRESS,
        "server.port": port,
        "server.headless": "true",
        "global.developmentMode": "false",
    }
    return [
        sys.executable,
        "-m",
        "leaderboard.board.run",
        "run",
        str(SCRIPT),
        *(f"--{name}={value}" for name, value in options.items()),
    ]


def environment(home: Path, catalogue: Sequence[Path] = ()) -> dict[str, str]:
    """Return the server's environment: the home, the files added to the catalogue, and the path to our packages."""
    packages = str(SCRIPT.parents[2])
    path = os.pathsep.join(filter(None, (packages, os.environ.get("PYTHONPATH"))))
    files = os.pathsep.join(str(file.absolute()) for file in catalogue)
    added = {HOME_VARIABLE: str(home.absolute()), CATALOGUE_VARIABLE: files, "PYTHONPATH": path}
    return {**os.environ, **added}
