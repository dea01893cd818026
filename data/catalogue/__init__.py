"""The models, what machines cost and what providers list, out of TOML files: `models/`, `machines.toml` and so on.

    declarations        what a file of models or machines may say
    prices              what such a file may say about a model's price
    list_price          what a file of list prices may say
    library             where files are found, and how models are chosen
    adapters            the table of remote adapters, which a remote model names
    endpoint            the address of a remote model, and what goes with each request
    accelerator         peaks of accelerators, and published latencies
    machine             the machine that a run is made on
    make_embedded       writes `models/embedded.toml` and `models/embedded-motion.toml`
    make_architectures  writes the architecture files of the embedded video models

What does not belong here: how models are run (`harness`) and what they cost (`leaderboard.cost_model`).
"""

from data.catalogue.declarations import MachinePrice
from data.catalogue.library import Catalogue, load_catalogue
from data.catalogue.machine import this_machine

__all__ = ["Catalogue", "MachinePrice", "load_catalogue", "this_machine"]
