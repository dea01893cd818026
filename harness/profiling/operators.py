"""The counter itself: torch's own formulas, applied to every operator that a network calls, sorted by kind."""

import contextlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

import torch
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import flop_registry

from data.atlas.flops import KINDS, Flops, Kind

KIND_OF_OPERATOR: Final[Mapping[str, Kind]] = {
    "mm": "linear",
    "addmm": "linear",
    "bmm": "attention",
    "baddbmm": "attention",
    "convolution": "convolution",
    "_convolution": "convolution",
}
ATTENTION: Final = "scaled_dot_product"


class Operators:
    """Counts FLOPs by kind, with the formulas of torch.utils.flop_counter.

    It counts what FlopCounterMode counts and leaves out its bookkeeping by module, a quarter of the time. On meta
    attention decomposes into bmm, and so may a linear layer on a batch: what a linear layer calls is linear.
    """

    def __init__(self) -> None:
        self._totals: Counter[Kind] = Counter()
        self._layers = _LinearLayers()
        self._calls = _Calls(self._totals, self._layers)

    @contextlib.contextmanager
    def counting(self) -> Iterator[None]:
        """Count what is called from here on."""
        with self._layers, self._calls:
            yield

    @contextlib.contextmanager
    def leaving_out(self, modules: Iterable[Any]) -> Iterator[None]:
        """Do not count what those modules call."""
        hooks = [
            hook
            for module in modules
            for hook in (
                module.register_forward_pre_hook(lambda *_: self._calls.pause(True)),
                module.register_forward_hook(lambda *_: self._calls.pause(False)),
            )
        ]
        try:
            yield
        finally:
            for hook in hooks:
                hook.remove()

    def flops(self) -> Flops:
        """Return what was counted so far."""
        return Flops(*(self._totals[kind] for kind in KINDS))


class _LinearLayers(TorchFunctionMode):
    """Knows whether a linear layer is at work."""

    inside = False

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if func is not torch.nn.functional.linear:
            return func(*args, **(kwargs or {}))
        self.inside = True
        try:
            return func(*args, **(kwargs or {}))
        finally:
            self.inside = False


class _Calls(TorchDispatchMode):  # type: ignore[no-untyped-call]  # torch does not type its modes
    """Sees every operator with its shapes and adds up the FLOPs."""

    def __init__(self, totals: Counter[Kind], layers: _LinearLayers) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._totals, self._layers, self._paused = totals, layers, False

    def pause(self, paused: bool) -> None:
        """Stop counting, or go on."""
        self._paused = paused

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        answer = func(*args, **(kwargs or {}))
        formula = flop_registry.get(func._overloadpacket)
        if formula is not None and not self._paused:
            self._totals[self._kind(func)] += formula(*args, **(kwargs or {}), out_val=answer)
        return answer

    def _kind(self, func: Any) -> Kind:
        name = func._overloadpacket.__name__
        if ATTENTION in name:
            return "attention"
        return "linear" if self._layers.inside else KIND_OF_OPERATOR[name]
