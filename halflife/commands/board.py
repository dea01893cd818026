"""`halflife board`: the leaderboard in a browser."""

from typing import Annotated

import typer

from data.catalogue import load_catalogue
from halflife.options import DEFAULT_HOME, CatalogueOption, HomeOption
from leaderboard.board.server import serve


def board(
    port: Annotated[int, typer.Option(min=1, max=65535, help="the port to listen on")] = 8501,
    catalogue: CatalogueOption = None,
    home: HomeOption = DEFAULT_HOME,
) -> None:
    """Open the leaderboard on 127.0.0.1 until Ctrl-C."""
    load_catalogue(catalogue or ())
    serve(home, port=port, catalogue=catalogue or ())
