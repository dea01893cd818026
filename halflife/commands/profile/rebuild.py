"""`halflife profile --rebuild-atlas`: count the real classes, and fit the FLOP and memory polynomials again."""

from dataclasses import dataclass
from itertools import chain

from data.architectures.library import architecture, load_architectures
from data.errors import HalflifeError
from halflife.output.terminal import Terminal
from harness.profiling.fitting import FitError
from harness.profiling.memory_rebuilding import rebuild_memory
from harness.profiling.rebuilding import rebuild as rebuild_flops


@dataclass(frozen=True, slots=True, kw_only=True)
class RebuildOptions:
    """The architectures to fit again; none stands for all."""

    models: tuple[str, ...] = ()


def rebuild(options: RebuildOptions) -> None:
    """Fit and check the polynomials of architectures again. Raises HalflifeError where a count is no polynomial."""
    chosen = [architecture(model) for model in options.models] or list(load_architectures().values())
    console = Terminal()
    try:
        for name in chain(rebuild_flops(chosen), rebuild_memory(chosen)):
            console.print(f"Checked {name}.")
    except FitError as error:
        raise HalflifeError(f"{error} What was committed of that architecture is kept.") from error
