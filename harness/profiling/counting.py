"""FLOPs of one call, counted on the real classes as their shapes go through the meta device."""

import contextlib
from collections.abc import Iterator
from typing import Any, Final

from data.architectures.architecture import Architecture
from data.architectures.shape import Shape
from data.atlas.flops import Flops, Kind
from harness.profiling.building import build, inputs

KIND_OF_OPERATOR: Final[dict[str, Kind]] = {
    "mm": "linear",
    "addmm": "linear",
    # On meta, scaled_dot_product_attention decomposes into bmm: a product of activations with activations.
    "bmm": "attention",
    "baddbmm": "attention",
    "convolution": "convolution",
}


class CountingError(RuntimeError):
    """A network that cannot be counted: what it asked of the meta device that this cannot answer."""


def parameters(network: Any) -> int:
    """Return how many parameters a network has."""
    return sum(parameter.numel() for parameter in network.parameters())


def count(architecture: Architecture, component: str, shape: Shape, *, network: Any = None) -> Flops:
    """Return the FLOPs of one call of a component for one batch of a shape, without guidance's doubling.

    `network` is the component built on "meta", to count several shapes with one. Raises CountingError where the
    network does what has no answer without values.
    """
    import torch
    from torch.utils.flop_counter import FlopCounterMode

    built = build(architecture, component) if network is None else network
    call = inputs(architecture, component, shape)
    counter = FlopCounterMode(display=False)
    try:
        with torch.no_grad(), valueless(), counter:
            call.on(built)
    except (NotImplementedError, RuntimeError) as error:
        raise CountingError(f"{type(built).__name__} on meta: {str(error).splitlines()[0]}") from error
    return _by_kind(counter.get_flop_counts()["Global"])


@contextlib.contextmanager
def valueless() -> Iterator[None]:
    """Let networks run on meta that ask for what it has not: autocast, and masks whose hidden places they look up.

    Masks are taken to hide nothing; autocast changes no shape.
    """
    import torch
    import torch.fx.experimental._config as config

    class Autocast(torch.autocast):
        """Autocast that does nothing on meta; elsewhere the real one."""

        def __new__(cls, device_type: str, *arguments: Any, **options: Any) -> Any:
            if device_type == "meta":
                return contextlib.nullcontext()
            return real(device_type, *arguments, **options)

    real, assumed = torch.autocast, config.meta_nonzero_assume_all_nonzero
    torch.autocast, config.meta_nonzero_assume_all_nonzero = Autocast, True  # type: ignore[misc]
    try:
        yield
    finally:
        torch.autocast, config.meta_nonzero_assume_all_nonzero = real, assumed  # type: ignore[misc]


def _by_kind(operators: dict[Any, int]) -> Flops:
    totals: dict[Kind, int] = {"attention": 0, "linear": 0, "convolution": 0}
    for operator, flops in operators.items():
        name = str(operator).rpartition(".")[2]
        if name not in KIND_OF_OPERATOR:
            raise CountingError(f"Expected an operator out of {', '.join(KIND_OF_OPERATOR)}, got {name}.")
        totals[KIND_OF_OPERATOR[name]] += flops
    return Flops(**totals)
