"""A wait that ends as soon as it is no longer wanted."""

import threading
import time
from typing import Final

SLICE_SECONDS: Final = 0.1


def wait(seconds: float, stop: threading.Event) -> None:
    """Return after `seconds`, or within a tenth of a second once `stop` is set.

    In slices, for waiting on the event itself holds a lock that a signal's handler, which sets the event, would want.
    """
    ends = time.monotonic() + seconds
    while not stop.is_set() and (left := ends - time.monotonic()) > 0:
        time.sleep(min(left, SLICE_SECONDS))
