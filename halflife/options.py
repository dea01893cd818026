"""What every command takes: where the observatory's directory is, and which catalogue adds to the shipped one."""

from pathlib import Path
from typing import Annotated

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
    typer.Option("--policy", help="a policy's TOML file; else the home's routing.toml, else the shipped policy"),
]
EncoderOption = Annotated[
    Path | None,
    typer.Option("--encoder", help="the card of the CLIP that scores, a TOML file; else the embedded one, for shapes"),
]
DEFAULT_HOME = Path("observatory")
