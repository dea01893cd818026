"""The contenders, what machines cost and what providers list, out of TOML files: `models/`, `machines.toml` and so on.

What a file may say (`declarations`, `list_price`), where files are found and how contenders are chosen (`library`), and
the machine that a run is made on (`machine`).
"""

from data.catalogue.declarations import MachinePrice
from data.catalogue.library import Catalogue, load_catalogue
from data.catalogue.machine import this_machine

__all__ = ["Catalogue", "MachinePrice", "load_catalogue", "this_machine"]
