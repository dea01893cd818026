"""The real classes of diffusers and transformers, built from an architecture file on any device, and how to call them.

On the meta device nothing is allocated and nothing is computed: shapes alone go through the network. On a real device
the same call builds the full-size network with random weights.
"""

import contextlib
import importlib
from collections.abc import Iterable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, Literal

from data.architectures.architecture import Architecture, Component, Network
from data.architectures.shape import Shape
from harness.profiling.inputs import arguments
from harness.profiling.inputs.tensors import Tensors

NetworkMethod = Literal["__call__", "encode", "decode"]


@dataclass(frozen=True, slots=True)
class ComponentCall:
    """One call of a component: the method of its network and the keyword arguments that it takes."""

    method: NetworkMethod
    arguments: Mapping[str, Any]

    def on(self, network: Any) -> Any:
        """Return what the network answers."""
        return getattr(network, self.method)(**self.arguments)


def build(architecture: Architecture, component: str, *, device: str = "meta", dtype: Any = None) -> Any:
    """Return the network of a component in evaluation mode: weights random, on "meta" none at all; bfloat16 if unsaid.

    Parameters that the class keeps in float32 stay so, as `from_pretrained` leaves them.
    """
    import torch

    return network(architecture.component(component).network, device=device, dtype=dtype or torch.bfloat16)


def network(declared: Network, *, device: str, dtype: Any) -> Any:
    """Return the network that an architecture file declares, in evaluation mode on a device."""
    import torch

    cls: Any = getattr(importlib.import_module(declared.library), declared.type)
    config = deepcopy(declared.config)  # transformers writes into what it is given
    with torch.device(device), _default_dtype(dtype):
        built = cls(cls.config_class(**config)) if declared.library == "transformers" else cls(**config)
    _keep_in_float32(built, getattr(cls, "_keep_in_fp32_modules", None) or ())
    return built.eval().requires_grad_(False)


def inputs(
    architecture: Architecture, component: str, shape: Shape, *, device: str = "meta", dtype: Any = None
) -> ComponentCall:
    """Return the call of a component for one batch of a shape, as the pipeline makes it, without guidance's doubling.

    Tensors are random normal on a real device and empty on "meta".
    """
    import torch

    piece = architecture.component(component)
    made = arguments(architecture, piece, shape, Tensors(device, dtype or torch.bfloat16))
    return ComponentCall(_method(piece), made)


@contextlib.contextmanager
def _default_dtype(dtype: Any) -> Iterator[None]:
    import torch

    before = torch.get_default_dtype()
    torch.set_default_dtype(dtype)
    try:
        yield
    finally:
        torch.set_default_dtype(before)


def _keep_in_float32(built: Any, modules: Iterable[str]) -> None:
    for name, parameter in built.named_parameters():
        if not set(modules).isdisjoint(name.split(".")):
            parameter.data = parameter.data.float()


def _method(piece: Component) -> NetworkMethod:
    if piece.stage == "vae_encode":
        return "encode"
    return "decode" if piece.stage == "vae_decode" and piece.network.call != "ltx-2-vocoder" else "__call__"
