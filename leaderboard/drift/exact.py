"""Bytes: where an endpoint gave the same file every night, one other byte is a change, and no statistics are needed."""

from collections.abc import Sequence
from typing import NamedTuple

FEWEST_NIGHTS = 3


class Bytes(NamedTuple):
    """Whether an endpoint repeated itself exactly, and from which night on it did not any more, None while it does."""

    deterministic: bool
    since: int | None
    prompts: tuple[int, ...]


def byte_change(nights: Sequence[Sequence[str | None]]) -> Bytes:
    """Return what the content hashes of each night's samples, shape (nights, prompts), say; None for no sample.

    Deterministic is an endpoint whose first three nights are the same for every prompt that has them. `prompts` are
    those whose bytes changed on the night `since`.
    """
    first = nights[:FEWEST_NIGHTS]
    seen = [{night[i] for night in first if night[i] is not None} for i in range(len(nights[0]) if nights else 0)]
    if len(first) < FEWEST_NIGHTS or not any(seen) or any(len(held) > 1 for held in seen):
        return Bytes(False, None, ())
    known = [next(iter(held), None) for held in seen]
    for number, night in enumerate(nights[FEWEST_NIGHTS:], start=FEWEST_NIGHTS):
        other = tuple(
            i for i, (was, now) in enumerate(zip(known, night, strict=True)) if was and now not in (None, was)
        )
        if other:
            return Bytes(True, number, other)
    return Bytes(True, None, ())
