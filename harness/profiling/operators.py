"""The counter itself: torch's own formulas, applied to every operator that a network calls, sorted by kind."""

import contextlib
from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Mapping
from functools import cache
from typing import Any, Final

import torch
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import flop_registry

from data.flops.flops import KINDS, FlopKind, Flops

KIND_OF_OPERATOR: Final[Mapping[str, FlopKind]] = {
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
        self._totals: Counter[FlopKind] = Counter()
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

    def __init__(self, totals: Counter[FlopKind], layers: _LinearLayers) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._totals, self._layers, self._paused = totals, layers, False
        self._answers = _Answers()

    def pause(self, paused: bool) -> None:
        """Stop counting, or go on."""
        self._paused = paused

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        answer, flops = self._answers.of(func, args, kwargs or {})
        if flops and not self._paused:
            self._totals[self._kind(func)] += flops
        return answer

    def _kind(self, func: Any) -> FlopKind:
        name = func._overloadpacket.__name__
        if ATTENTION in name:
            return "attention"
        return "linear" if self._layers.inside else KIND_OF_OPERATOR[name]


class _Answers:
    """Asks an operator on meta once for each set of shapes, and from then on makes a tensor like its first answer.

    A network repeats its blocks, and torch's meta functions and formulas are slow Python. An operator whose schema
    says that it writes into its arguments, or answers with a view of them, is always asked, and so is all that is not
    on meta.
    """

    def __init__(self) -> None:
        self._known: dict[Hashable, tuple[Any, int]] = {}

    def of(self, func: Any, args: Any, kwargs: Any) -> tuple[Any, int]:
        """Return what an operator answers, and its FLOPs."""
        if not _is_functional(func):
            return _asked(func, args, kwargs)
        try:
            question = (func, _description(args), _description(tuple(kwargs.items())))
        except _OffMetaError:
            return _asked(func, args, kwargs)
        if (known := self._known.get(question)) is not None:
            return _like(known[0]), known[1]
        answer, flops = _asked(func, args, kwargs)
        with contextlib.suppress(_OffMetaError):
            self._known[question] = _like(answer), flops
        return answer, flops


class _OffMetaError(Exception):
    """A tensor that is not on meta, or an answer that is no tensor."""


def _asked(func: Any, args: Any, kwargs: Any) -> tuple[Any, int]:
    answer = func(*args, **kwargs)
    formula = flop_registry.get(func._overloadpacket)
    return answer, formula(*args, **kwargs, out_val=answer) if formula is not None else 0


@cache
def _is_functional(func: Any) -> bool:
    schema = func._schema
    return bool(schema.returns) and all(each.alias_info is None for each in (*schema.arguments, *schema.returns))


def _description(value: Any) -> Hashable:
    if isinstance(value, torch.Tensor):
        if not value.is_meta:
            raise _OffMetaError
        return value.shape, value.stride(), value.dtype
    if isinstance(value, (tuple, list)):
        return tuple(map(_description, value))
    return type(value), value  # 1, 1.0 and True are equal, and make different types of answers


def _like(answer: Any) -> Any:
    if isinstance(answer, (tuple, list)):
        return type(answer)(map(_like, answer))
    if isinstance(answer, torch.Tensor) and answer.is_meta:
        return torch.empty_strided(answer.shape, answer.stride(), dtype=answer.dtype, device="meta")
    raise _OffMetaError
