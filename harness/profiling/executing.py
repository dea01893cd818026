"""FLOPs that a call really executed, counted operator by operator on the device in a call that is not timed."""

import contextlib
from collections.abc import Callable, Iterator
from typing import Final

from data.measurements import ComputeWork, Configuration
from harness.devices import Device

COUNTABLE: Final = frozenset({"native", "cudnn", "efficient", "math"})
"""Attention whose operators torch's counter knows."""


def work(
    nominal: int, configuration: Configuration, device: Device, *, always: bool, call: Callable[[], object]
) -> ComputeWork:
    """Return the FLOPs of one call, nominal and executed.

    Executed is nominal where nothing is skipped. It is counted, with one more `call`, where a cache skips work, and
    with `always`: a catalogue's pipeline may not do what its architecture says.
    """
    if not (always or configuration.uses("cache")):
        return ComputeWork(nominal=float(nominal), executed=float(nominal))
    if configuration.attention not in COUNTABLE:
        return ComputeWork(nominal=float(nominal), reason=f"not counted: {configuration.attention} attention is opaque")
    return ComputeWork(nominal=float(nominal), executed=float(executed(call, device)))


def executed(call: Callable[[], object], device: Device) -> int:
    """Return the FLOPs that a call executed: matrix products and convolutions, one multiply-add is two.

    Compiled code hides its operators: the call runs without it, and does the same work.
    """
    import torch

    from harness.profiling.operators import Operators

    operators = Operators()
    with torch.compiler.set_stance("force_eager"), _decomposed_attention(device), operators.counting():
        call()
    return operators.flops().total


@contextlib.contextmanager
def _decomposed_attention(device: Device) -> Iterator[None]:
    # The CPU's fused attention is not in torch's registry (pytorch #195460): take the one that decomposes.
    if device != "cpu":
        yield
        return
    from torch.nn.attention import SDPBackend, sdpa_kernel

    with sdpa_kernel(SDPBackend.MATH):
        yield
