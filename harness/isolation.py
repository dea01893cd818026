"""The one place of the runner where any exception is caught: a sample's failure is a result, and the run goes on."""

import os
from collections.abc import Callable
from typing import NamedTuple, TypeVar

from data.errors import HalflifeError
from data.vocabulary import Model, RemoteSource
from harness.credential import Credential
from harness.generator import LeftError

Returned = TypeVar("Returned")


class CaughtError(NamedTuple):
    """What was caught: its class and message on one line, without secrets."""

    reason: str


def attempt(action: Callable[[], Returned], model: Model | None = None) -> Returned | CaughtError:
    """Return what `action` returns, or what it raised; LeftError and HalflifeError (for the user to mend) pass."""
    try:
        return action()
    except (HalflifeError, LeftError):
        raise
    except Exception as error:  # noqa: BLE001 - this is the one place
        return CaughtError(_reason(error, model))


def _reason(error: Exception, model: Model | None) -> str:
    name = model.source.credential_env if model and isinstance(model.source, RemoteSource) else None
    variable = name if name and os.environ.get(name, "").strip() else None
    return Credential(variable, os.environ).scrub(f"{type(error).__name__}: {error}".rstrip(": "))
