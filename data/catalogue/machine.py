"""This machine, as a run records it: processor, memory, accelerator, software, and its declared price."""

import os
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

from data.catalogue.declarations import MachinePrice
from data.catalogue.library import Catalogue
from data.errors import ServiceError, UnknownNameError
from data.vocabulary import Machine

SOFTWARE: Final = (
    "halflife",
    "torch",
    "diffusers",
    "transformers",
    "open-clip-torch",
    "numpy",
    "pillow",
    "safetensors",
)
"""The distributions whose versions change what is generated or how long it takes."""


def this_machine(catalogue: Catalogue, name: str | None = None, *, device: str = "cpu") -> Machine:
    """Return this machine with the declared price `name`, or the default for `device` ("cpu", "cuda:0", "mps").

    Only a device other than the CPU imports torch. Raises UnknownNameError for a name without a price, ServiceError
    for a device that is not there.
    """
    price = catalogue.machine(name) if name is not None else _default(catalogue, device)
    return Machine(
        name=price.name,
        device=device,
        cpu=_cpu(),
        cores=len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1,
        memory_bytes=_memory(),
        gpu=_accelerator(device),
        usd_per_hour=price.usd_per_hour,
        price_source=price.source,
        software=_software(),
    )


def _default(catalogue: Catalogue, device: str) -> MachinePrice:
    kind = device.partition(":")[0]
    for price in catalogue.machines.values():
        if price.default_for == kind:
            return price
    raise UnknownNameError("default machine for device", kind, catalogue.machines)


def _cpu() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.is_file():
        for line in cpuinfo.read_text(encoding="utf-8", errors="replace").splitlines():
            key, _, value = line.partition(":")
            if key.strip() == "model name":
                return value.strip()
    return platform.processor() or platform.machine()


def _memory() -> int:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def _accelerator(device: str) -> str | None:
    if device == "cpu":
        return None
    import torch

    try:
        torch.empty(1, device=device)
    except (RuntimeError, AssertionError) as error:
        raise ServiceError(
            f"Expected the device {device!r} on this machine, got: {error} Choose another device."
        ) from error
    return torch.cuda.get_device_name(device) if device.startswith("cuda") else device


def _software() -> dict[str, str]:
    versions = {"python": platform.python_version()}
    for distribution in SOFTWARE:
        try:
            versions[distribution] = version(distribution)
        except PackageNotFoundError:
            continue
    return versions
