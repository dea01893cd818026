"""A budget of bytes that threads share, so that a few large things are not held at once."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Condition, Lock


class MemoryBudget:
    """Lets threads hold `total` bytes together. What takes more than all of it is held alone.

    >>> budget = MemoryBudget(10)
    >>> with budget.share(4), budget.share(6):
    ...     budget.used
    10
    >>> budget.used
    0
    """

    def __init__(self, total: int) -> None:
        self.total, self.used = total, 0
        self._turn, self._free = Lock(), Condition()

    @contextmanager
    def share(self, size: int) -> Iterator[None]:
        """Wait until `size` bytes are free, and take them while the block runs.

        One thread waits at a time and the others stand behind it, so that small things never keep out a large one.
        """
        with self._turn, self._free:
            self._free.wait_for(lambda: not self.used or self.used + size <= self.total)
            self.used += size
        try:
            yield
        finally:
            with self._free:
                self.used -= size
                self._free.notify_all()
