"""Phases: what the timer sees adds up to no more than the whole."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.local.timing import CallTimer, PhaseSpan, spent, step_seconds


class TickingClock:
    """A clock on which each stamp is one second after the one before."""

    def __init__(self) -> None:
        self.now = 0.0

    def synchronise(self) -> None:
        pass

    def stamp(self) -> float:
        self.now += 1.0
        return self.now

    def between(self, earlier: float, later: float) -> float:
        return later - earlier


moments = st.lists(st.floats(0, 1000), max_size=12).map(sorted)


@given(boundaries=moments, edges=moments)
def test_steps_and_wrapped_calls_never_exceed_the_whole(boundaries: list[float], edges: list[float]) -> None:
    spans = [PhaseSpan("text", begin, end) for begin, end in list(pairwise(edges))[::2]]
    whole = max([*boundaries, *edges, 0.0])
    steps = step_seconds(boundaries, spans)
    assert len(steps) == len(boundaries)
    assert all(step >= 0 for step in steps)
    assert sum(steps) + (spent(spans, "text") or 0.0) <= whole + 1e-6


def test_text_encoding_leaves_the_first_step() -> None:
    assert step_seconds([5.0, 7.0], [PhaseSpan("text", 1.0, 3.0)]) == (3.0, 2.0)


def test_decoding_after_the_last_step_is_in_no_step() -> None:
    assert step_seconds([2.0], [PhaseSpan("decode", 2.0, 9.0)]) == (2.0,)


def test_a_phase_that_was_not_seen_is_none() -> None:
    assert spent([], "decode") is None


def test_a_wrapped_method_called_by_another_counts_once() -> None:
    watch = CallTimer(TickingClock())
    inner = watch.wrapped("decode", lambda: "pixels")
    outer = watch.wrapped("decode", inner)
    watch.start()
    assert outer() == "pixels"
    assert watch.stop().decode_seconds == 1.0


def test_each_call_is_timed_apart() -> None:
    watch = CallTimer(TickingClock())
    encode = watch.wrapped("text", lambda: None)
    watch.start()
    encode()
    watch.step_ended(None, 0, None, {})
    first, _ = watch.stop(), watch.start()
    second = watch.stop()
    assert (first.text_seconds, len(first.step_seconds)) == (1.0, 1)
    assert (second.text_seconds, second.step_seconds) == (None, ())


def test_the_step_callback_hands_the_tensors_back() -> None:
    watch, tensors = CallTimer(TickingClock()), {"latents": object()}
    watch.start()
    assert watch.step_ended(None, 0, None, tensors) is tensors


def test_a_wrapped_method_that_raises_is_timed_and_raises() -> None:
    watch = CallTimer(TickingClock())

    def broken() -> None:
        raise ValueError("no text")

    watch.start()
    with pytest.raises(ValueError, match="no text"):
        watch.wrapped("text", broken)()
    assert watch.stop().text_seconds == 1.0
