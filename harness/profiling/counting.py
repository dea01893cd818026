"""FLOPs of one call, counted on the real classes as their shapes go through the meta device."""

import contextlib
from collections.abc import Iterator
from typing import Any

from data.architectures.architecture import Architecture
from data.architectures.shape import Shape
from data.errors import HalflifeError
from data.flops.flops import Flops
from harness.profiling.building import build, inputs


class CountingError(HalflifeError):
    """A network that cannot be counted: it asked for values, which the meta device does not have."""


def parameters(network: Any) -> int:
    """Return how many parameters a network has."""
    return sum(parameter.numel() for parameter in network.parameters())


def count(architecture: Architecture, component: str, shape: Shape, *, network: Any = None) -> Flops:
    """Return the FLOPs of one call of a component for one batch of a shape, without guidance's doubling.

    `network` is the component built on "meta", to count several shapes with one. Raises CountingError where the
    network does what has no answer without values.
    """
    import torch

    from harness.profiling.operators import Operators

    built = build(architecture, component) if network is None else network
    call = inputs(architecture, component, shape)
    operators = Operators()
    try:
        with torch.no_grad(), valueless(), operators.leaving_out(_rotations(built)), operators.counting():
            call.on(built)
    except (NotImplementedError, RuntimeError, ValueError) as error:
        raise CountingError(f"{type(built).__name__} on meta: {str(error).splitlines()[0]}") from error
    return operators.flops()


def _rotations(network: Any) -> Iterator[Any]:
    # Mochi works its rotations out by a matrix product, once for the whole batch; rotations are not operators.
    return (module for module in network.modules() if "RoPE" in type(module).__name__)


@contextlib.contextmanager
def valueless() -> Iterator[None]:
    """Let networks run on meta that ask for what it has not: autocast, and masks whose hidden places they look up.

    Masks are taken to hide nothing; autocast changes no shape.
    """
    import torch
    import torch.fx.experimental._config as config

    real, assumed = torch.autocast, config.meta_nonzero_assume_all_nonzero

    def autocast(device_type: str, *arguments: Any, **options: Any) -> Any:
        return contextlib.nullcontext() if device_type == "meta" else real(device_type, *arguments, **options)

    torch.autocast, config.meta_nonzero_assume_all_nonzero = autocast, True  # type: ignore[assignment,misc]
    try:
        yield
    finally:
        torch.autocast, config.meta_nonzero_assume_all_nonzero = real, assumed  # type: ignore[misc]
