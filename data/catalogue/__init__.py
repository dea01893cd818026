"""The contenders and what machines cost, out of TOML files: `models/` one a family, `machines.toml`.

What a file may say (`declarations`), where files are found and how contenders are chosen (`library`), and the
machine that a run is made on (`machine`).
"""

from data.catalogue.declarations import MachinePrice
from data.catalogue.library import Catalogue, load_catalogue
from data.catalogue.machine import this_machine

__all__ = ["Catalogue", "MachinePrice", "load_catalogue", "this_machine"]
