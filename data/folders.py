"""Folders that are whole or not there: one takes another's place in one step, one process at a time."""

import contextlib
import ctypes
import errno
import fcntl
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from data.files import fsync_folder

AT_FDCWD: Final = -100
EXCHANGE: Final = 2
"""RENAME_EXCHANGE of Linux's renameat2(2), and RENAME_SWAP of macOS's renamex_np(2)."""
NOT_SUPPORTED: Final = (errno.ENOSYS, errno.EINVAL, errno.ENOTSUP)


@contextlib.contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Hold a kernel lock on a folder, waiting for whoever holds it; it ends with the process, however that ends."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def replace_folder(new: Path, place: Path) -> None:
    """Put the folder `new` at `place`; what was there has the name `new` afterwards, for the caller to remove.

    In one step: a process that is killed leaves the one or the other there. Where the file system cannot exchange two
    names, the former folder is moved away first. Raises OSError.
    """
    if not place.is_dir():
        os.rename(new, place)
    elif not _exchanged(new, place):
        former = new.with_name(f"{new.name}.former")
        os.rename(place, former)
        os.rename(new, place)
        os.rename(former, new)
    fsync_folder(place.parent)


def _exchanged(one: Path, other: Path) -> bool:
    """Exchange two names and return True, or False where the system or the file system cannot."""
    libc = ctypes.CDLL(None, use_errno=True)
    names = os.fsencode(one), os.fsencode(other)
    try:
        if sys.platform == "darwin":
            failed = libc.renamex_np(*names, EXCHANGE)
        else:
            failed = libc.renameat2(AT_FDCWD, names[0], AT_FDCWD, names[1], EXCHANGE)
    except AttributeError:
        return False
    number = ctypes.get_errno()
    if failed and number not in NOT_SUPPORTED:
        raise OSError(number, os.strerror(number), str(other))
    return not failed
