"""Patience: a command waits for what another process owns, says so once, and ends its wait when it is told to."""

import threading
from typing import Any

import pytest

from data.errors import StoreBusyError
from data.store.lock import OwnerLock
from data.store.patience import Patience, when_free
from data.store.warehouse import Warehouse


def test_the_second_owner_waits_for_the_first_and_says_so_once(
    observatory: Any, caplog: pytest.LogCaptureFixture
) -> None:
    first = Warehouse.own(observatory.home)
    threading.Timer(0.5, first.close).start()
    Warehouse.own(observatory.home).close()
    [line] = caplog.messages
    assert line.startswith("Waiting until process ")
    assert line.endswith(f"is done with {observatory.home.store}, for at most 600 s. Ctrl-C ends the wait.")


def test_a_stop_ends_the_wait(observatory: Any) -> None:
    stop = threading.Event()
    with Warehouse.own(observatory.home):
        threading.Timer(0.3, stop.set).start()
        with pytest.raises(StoreBusyError, match="is owned by process"):
            Warehouse.own(observatory.home, Patience(seconds=3_600, stop=stop))


def test_a_lock_that_is_never_let_go_is_given_up_in_the_end(observatory: Any) -> None:
    path = observatory.home.store / "owner.lock"
    with OwnerLock(path), pytest.raises(StoreBusyError, match="is owned by process"):
        when_free(lambda: OwnerLock(path), Patience(seconds=0.3))
