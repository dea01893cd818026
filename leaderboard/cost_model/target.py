"""Where a call would run and what its time costs: any accelerator that is listed or was measured on."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, get_args

from data.catalogue.accelerator import Accelerator, Software, accelerators, named_by_driver, published
from data.catalogue.library import Catalogue
from data.errors import HalflifeError, UnknownNameError
from data.measurements import Measurement

CPU: Final = "cpu"
DEFAULT: Final = "h100"
"""The accelerator that is used where none is named."""
GIVEN: Final = "as given"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeploymentTarget:
    """An accelerator, a level of software, US dollars an hour of it, and of a kWh where power is paid separately.

    `machine` is the declared one whose prices these are; the sources say who declared each, or "as given".
    """

    accelerator: Accelerator
    software: str
    usd_per_hour: float
    usd_per_kwh: float | None = None
    machine: str | None = None
    source: str = "declared"
    tariff_source: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetOptions:
    """A user's choice of a target. None means the default accelerator, its machine, that machine's declared prices.

    Raises HalflifeError for a price that is negative or not finite.
    """

    on: str | None = None
    software: str = "eager"
    machine: str | None = None
    usd_per_hour: float | None = None
    usd_per_kwh: float | None = None

    def __post_init__(self) -> None:
        for what, usd in (("an hour", self.usd_per_hour), ("a kWh", self.usd_per_kwh)):
            if usd is not None and not (math.isfinite(usd) and usd >= 0):
                raise HalflifeError(f"Expected 0 or more US dollars {what}, got {usd:g}. Correct it.")


def offered(cells: Iterable[Measurement], catalogue: Catalogue) -> dict[str, Accelerator]:
    """Return the accelerators by name: those of the list, then what else was measured on, the CPU first."""
    listed = accelerators()
    others = {
        cell.setup.accelerator: cell for cell in cells if cell.status == "ok" and cell.setup.accelerator not in listed
    }
    names = sorted(others, key=lambda name: (name != CPU, name))
    return {**listed, **{name: _unlisted(others[name], catalogue) for name in names}}


def deployment_target(options: TargetOptions, cells: Iterable[Measurement], catalogue: Catalogue) -> DeploymentTarget:
    """Return the deployment target that the options name.

    Raises UnknownNameError with the nearest name of an accelerator, a level of software or a machine, and
    HalflifeError for an accelerator whose peak is not known and on which nothing was measured or published.
    """
    measured = [cell for cell in cells if cell.status == "ok"]
    on = _accelerator(options.on or DEFAULT, offered(measured, catalogue))
    levels = {*get_args(Software), *(cell.setup.configuration.software for cell in _on(measured, on.name))}
    if options.software not in levels:
        raise UnknownNameError("level of software", options.software, levels)
    if (
        on.peak_tflops is None
        and not _on(measured, on.name)
        and on.name not in {run.accelerator for run in published()}
    ):
        raise _nothing_known(on.name, accelerators())
    return priced(on, options, catalogue)


def priced(on: Accelerator, options: TargetOptions, catalogue: Catalogue) -> DeploymentTarget:
    """Return an accelerator with the prices of its machine, or those of the options. Raises UnknownNameError."""
    declared = catalogue.machine(options.machine or on.machine)
    target = DeploymentTarget(
        accelerator=on,
        software=options.software,
        machine=declared.name,
        usd_per_hour=declared.usd_per_hour,
        source=declared.source,
        usd_per_kwh=declared.usd_per_kwh,
        tariff_source=declared.tariff_source,
    )
    return _given(target, options)


def target_of(cell: Measurement, options: TargetOptions, catalogue: Catalogue) -> DeploymentTarget:
    """Return where a measurement that is ok was made, at the price that its machine had then, or those of the options.

    A tariff is the one that the catalogue declares now. Raises UnknownNameError for a machine that is not declared.
    """
    on = offered([cell], catalogue)[cell.setup.accelerator]
    if options.machine is not None:
        return priced(on, options, catalogue)
    machine, declared = cell.machine, catalogue.machines.get(cell.machine.name)
    target = DeploymentTarget(
        accelerator=on,
        software=cell.setup.configuration.software,
        machine=machine.name,
        usd_per_hour=machine.usd_per_hour,
        source=machine.price_source,
        usd_per_kwh=declared.usd_per_kwh if declared else None,
        tariff_source=declared.tariff_source if declared else None,
    )
    return _given(target, options)


def _given(target: DeploymentTarget, options: TargetOptions) -> DeploymentTarget:
    if options.usd_per_hour is not None:
        target = replace(target, usd_per_hour=options.usd_per_hour, source=GIVEN)
    if options.usd_per_kwh is not None:
        target = replace(target, usd_per_kwh=options.usd_per_kwh, tariff_source=GIVEN)
    return target


def _on(cells: Iterable[Measurement], name: str) -> Sequence[Measurement]:
    return [cell for cell in cells if cell.setup.accelerator == name]


def _accelerator(name: str, known: Mapping[str, Accelerator]) -> Accelerator:
    by_case = {name.casefold(): accelerator for name, accelerator in known.items()}
    accelerator = known.get(name) or named_by_driver(name) or by_case.get(name.casefold())
    if accelerator is None:
        raise _nothing_known(CPU, known) if name.casefold() == CPU else UnknownNameError("accelerator", name, known)
    return accelerator


def _nothing_known(name: str, known: Iterable[str]) -> HalflifeError:
    return HalflifeError(
        f"Expected an accelerator with a known peak or with measured cells, got {name!r}, which has neither. "
        f"Run there: halflife profile MODEL --measure; or choose one of {', '.join(known)}."
    )


def _unlisted(cell: Measurement, catalogue: Catalogue) -> Accelerator:
    name = cell.setup.accelerator
    declared = cell.machine.name in catalogue.machines
    return Accelerator(
        name=name,
        title=f"CPU ({cell.setup.processor})" if name == CPU else name,
        names=[],
        memory_gib=cell.machine.memory_bytes / 2**30,
        source="measured",
        machine=cell.machine.name if declared else "workstation-cpu" if name == CPU else "workstation-gpu",
    )
