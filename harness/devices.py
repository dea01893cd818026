"""Which device a local pipeline runs on, and what its shortage of memory looks like."""

import gc
from typing import Literal, get_args

from data.errors import ServiceError, UnknownNameError

Device = Literal["cpu", "cuda", "mps"]
SHORTAGES = ("can't allocate memory", "out of memory")


def choose(wanted: str = "auto") -> Device:
    """Return the device to run on: the wanted one, or for "auto" the first of cuda, mps and cpu that is there.

    Raises ServiceError for a device that this machine does not offer, UnknownNameError for a word that names none.
    """
    import torch

    available: dict[Device, bool] = {
        "cuda": torch.cuda.is_available(),
        "mps": torch.backends.mps.is_available(),
        "cpu": True,
    }
    for device, is_there in available.items():
        if wanted == device and not is_there:
            raise ServiceError(f"Expected the device {wanted!r}, and torch finds none here. Choose 'auto' or 'cpu'.")
        if is_there and wanted in (device, "auto"):
            return device
    raise UnknownNameError("device", wanted, ["auto", *get_args(Device)])


def is_shortage(error: BaseException) -> bool:
    """Whether `error` says that memory ran out, on the host or on a device."""
    import torch

    if isinstance(error, (torch.OutOfMemoryError, MemoryError)):
        return True
    return isinstance(error, RuntimeError) and any(words in str(error) for words in SHORTAGES)


def release(device: Device) -> None:
    """Give the memory of dropped models back to the device.

    Nothing to do on the CPU, where a pipeline goes with its last reference and a collection takes a tenth of a second.
    """
    if device == "cpu":
        return
    import torch

    gc.collect()
    if device == "cuda":
        torch.cuda.empty_cache()
    else:
        torch.mps.empty_cache()
