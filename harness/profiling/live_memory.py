"""Peak memory of one call, found on the meta device: which storages live at once, as a CUDA allocator would hold them.

Every storage that an operator makes is known from its birth to its last reference, in the allocator's blocks of 512
bytes. scaled_dot_product_attention makes its output alone, as a flash kernel does. What a device takes beside the
tensors (its context, workspaces of cuBLAS and cuDNN, the allocator's fragments) is not in it: it is "allocated" memory,
neither "reserved" nor what the card reports.
"""

import contextlib
import gc
import weakref
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import torch
from torch.nn import functional
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from data.architectures.architecture import Architecture
from data.architectures.shape import Shape
from harness.profiling.building import build, inputs
from harness.profiling.counting import CountingError, valueless

BLOCK: Final = 512
"""Bytes to which the CUDA caching allocator rounds (kMinBlockSize of c10/cuda/CUDACachingAllocator)."""


@dataclass(frozen=True, slots=True)
class Footprint:
    """Bytes of one call of a component: its weights, and what it holds beside them at its peak, inputs included."""

    weights: int
    activations: int

    @property
    def peak(self) -> int:
        """Bytes allocated at the peak, with nothing else on the device."""
        return self.weights + self.activations


def footprint(architecture: Architecture, component: str, shape: Shape, *, network: Any = None) -> Footprint:
    """Return the memory of one call of a component for one batch of a shape, without guidance's doubling, eager.

    `network` is the component built on "meta" (bfloat16 unless it says otherwise), to take several shapes with one.
    Raises CountingError where the network itself does not take the shape.
    """
    built = build(architecture, component) if network is None else network
    _forget(built)
    live = LiveStorages(built)
    try:
        with torch.no_grad(), valueless(), _uncollected(), live, _Flash():
            inputs(architecture, component, shape).on(built)
    except (NotImplementedError, RuntimeError) as error:
        raise CountingError(f"{type(built).__name__} on meta: {str(error).splitlines()[0]}") from error
    return Footprint(weights(built), live.peak)


def weights(network: Any) -> int:
    """Return the bytes of a network's parameters and buffers, each storage once."""
    return sum(_blocks(storage.nbytes()) for storage in _network_storages(network).values())


class LiveStorages(TorchDispatchMode):  # type: ignore[no-untyped-call]  # torch does not type its modes
    """Follows the storages that operators make while it is entered; a network's own are not counted.

    `now` is what lives, `peak` the most that lived at once, in bytes.
    """

    def __init__(self, network: Any) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._sizes: dict[int, int] = dict.fromkeys(_network_storages(network), 0)
        self.now = self.peak = 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        answer = func(*args, **(kwargs or {}))
        for leaf in tree_leaves(answer):
            if isinstance(leaf, torch.Tensor):
                self._add(leaf.untyped_storage())
        return answer

    def _add(self, storage: Any) -> None:
        key = storage._cdata
        if key in self._sizes:
            return
        self._sizes[key] = _blocks(storage.nbytes())
        self.now += self._sizes[key]
        self.peak = max(self.peak, self.now)
        weakref.finalize(storage, self._remove, key).atexit = False

    def _remove(self, key: int) -> None:
        self.now -= self._sizes.pop(key)


class _Flash(TorchFunctionMode):
    """Attention as a flash kernel's memory sees it: the output, heads laid out inside tokens, and no scores."""

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if func is not functional.scaled_dot_product_attention:
            return func(*args, **(kwargs or {}))
        named = dict(zip(("query", "key", "value"), args, strict=False)) | (kwargs or {})
        query, width = named["query"], named["value"].shape[-1]
        if query.dim() != 4:
            return query.new_empty(*query.shape[:-1], width)
        batch, heads, tokens, _ = query.shape
        return query.new_empty(batch, tokens, heads, width).transpose(1, 2)


def _network_storages(network: Any) -> dict[int, Any]:
    tensors = [*network.parameters(), *network.buffers()]
    return {storage._cdata: storage for tensor in tensors if (storage := tensor.untyped_storage()) is not None}


def _forget(network: Any) -> None:
    """Empty what a network's methods keep between calls, such as Qwen's rotary tables: each call is a first one."""
    for kind in {type(module) for module in network.modules()}:
        for method in vars(kind).values():
            for cell in getattr(method, "__closure__", None) or ():
                if hasattr(cell.cell_contents, "cache_clear"):
                    cell.cell_contents.cache_clear()


def _blocks(size: int) -> int:
    return -(-size // BLOCK) * BLOCK


@contextlib.contextmanager
def _uncollected() -> Iterator[None]:
    """Keep the garbage collector from freeing cycles at moments of its own, so that a peak is the same every time."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
