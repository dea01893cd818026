"""What is remembered of an operator is what it would answer again: shape, strides, type and FLOPs."""

from collections.abc import Callable

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from harness.profiling.operators import Operators

Call = Callable[[torch.Tensor], torch.Tensor | tuple[torch.Tensor, ...]]
CALLS: list[Call] = [
    lambda x: x * 1,
    lambda x: x * 1.0,
    lambda x: x * True,
    lambda x: x.to(torch.float32),
    lambda x: torch.cat([x, x.mT.contiguous().mT]),
    lambda x: x.mT.contiguous(),
    lambda x: x.float() @ x.float().mT,
    lambda x: torch.native_group_norm(x.float()[None], None, None, 1, 4, 6, 2, 1e-5),
    lambda x: x.max(dim=0),
    lambda x: torch.nn.functional.linear(x.float(), x.float()),
]


def met(answer: torch.Tensor | tuple[torch.Tensor, ...]) -> list[tuple[object, ...]]:
    tensors = [answer] if isinstance(answer, torch.Tensor) else list(answer)
    return [(each.shape, each.stride(), each.dtype, each.device.type) for each in tensors]


@pytest.mark.parametrize("device", ["meta", "cpu"])
def test_every_answer_is_that_of_the_operator(device: str) -> None:
    x = torch.ones(4, 6, dtype=torch.int64, device=device)
    expected = [met(call(x)) for call in CALLS]
    counted = Operators()
    with counted.counting():
        for _ in range(3):
            assert [met(call(x)) for call in CALLS] == expected
    with FlopCounterMode(display=False) as torchs:
        for call in 3 * CALLS:
            call(x)
    assert counted.flops().total == torchs.get_total_flops() == 3 * (2 * 4 * 6 * 4) * 2


def test_what_a_network_does_to_an_answer_stays_with_that_answer() -> None:
    x = torch.ones(4, 6, device="meta")
    with Operators().counting():
        (x + 1).resize_(2, 2)
        (x + 1).t_()
        assert (x + 1).shape == (4, 6)


def test_on_a_real_device_nothing_is_remembered() -> None:
    torch.manual_seed(0)
    expected = [torch.rand(3) for _ in range(3)]
    torch.manual_seed(0)
    with Operators().counting():
        assert all(torch.equal(torch.rand(3), each) for each in expected)
