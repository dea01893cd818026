"""Keep the HTTP libraries' logs silent: they write down replies' headers, which may hold signed URLs or echo a key."""

import contextlib
import logging
from collections.abc import Iterator

TALKATIVE = ("httpcore2.connection", "httpcore2.http11", "openai._base_client", "openai._legacy_response")


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Within the block, nothing that is said between this process and a remote is logged by the libraries."""
    loggers = [logging.getLogger(name) for name in TALKATIVE]
    for logger in loggers:
        logger.addFilter(_nothing)
    try:
        yield
    finally:
        for logger in loggers:
            logger.removeFilter(_nothing)


def _nothing(record: logging.LogRecord) -> bool:
    return False
