"""Changed bytes: where an endpoint gave the same file every night, one other byte is a change without statistics."""

from collections.abc import Sequence
from typing import NamedTuple

FEWEST_NIGHTS = 3


class ByteChange(NamedTuple):
    """Whether an endpoint repeated itself exactly, and the index of the first night on which it did not any more.

    `since` is None while nothing has changed; `prompts` are the indices of those whose bytes changed on that night.
    """

    deterministic: bool
    since: int | None
    prompts: tuple[int, ...]


def byte_change(nights: Sequence[Sequence[str | None]]) -> ByteChange:
    """Return whether file hashes of shape (nights, prompts) changed, and since which night; None for no sample.

    An endpoint is deterministic if its first three nights are the same for every prompt.

    >>> byte_change([["a", "b"], ["a", "b"], ["a", "b"], ["a", "x"]])
    ByteChange(deterministic=True, since=3, prompts=(1,))
    """
    first = nights[:FEWEST_NIGHTS]
    count = len(nights[0]) if nights else 0
    hashes = [{night[prompt] for night in first if night[prompt] is not None} for prompt in range(count)]
    if len(first) < FEWEST_NIGHTS or not any(hashes) or any(len(distinct) > 1 for distinct in hashes):
        return ByteChange(False, None, ())
    reference = [next(iter(distinct), None) for distinct in hashes]
    for number, night in enumerate(nights[FEWEST_NIGHTS:], start=FEWEST_NIGHTS):
        changed = tuple(
            prompt
            for prompt, (before, now) in enumerate(zip(reference, night, strict=True))
            if before and now not in (None, before)
        )
        if changed:
            return ByteChange(True, number, changed)
    return ByteChange(True, None, ())
