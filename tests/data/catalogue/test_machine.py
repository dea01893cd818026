"""This machine: what a run records of it, with a declared price."""

import pytest

from data.catalogue import load_catalogue, this_machine
from data.errors import UnknownNameError

CATALOGUE = load_catalogue()


def test_the_default_for_a_cpu_is_declared_and_has_no_gpu() -> None:
    machine = this_machine(CATALOGUE)
    assert (machine.name, machine.device, machine.gpu) == ("workstation-cpu", "cpu", None)
    assert (machine.usd_per_hour, machine.price_source) == (0.10, "declared")


def test_what_is_measured_of_the_machine_is_there() -> None:
    machine = this_machine(CATALOGUE)
    assert machine.cores >= 1
    assert machine.memory_bytes > 2**27
    assert machine.cpu
    assert {"python", "torch", "diffusers"} <= machine.software.keys()


def test_a_named_machine_takes_its_own_price() -> None:
    assert this_machine(CATALOGUE, "l40s").usd_per_hour == CATALOGUE.machine("l40s").usd_per_hour


def test_a_name_without_a_price_and_a_device_without_a_default_are_refused() -> None:
    with pytest.raises(UnknownNameError, match=r"Unknown machine 'l40'\. Did you mean 'l40s'\?"):
        this_machine(CATALOGUE, "l40")
    with pytest.raises(UnknownNameError, match="Unknown default machine for device 'xpu'"):
        this_machine(CATALOGUE, device="xpu:0")


def test_each_kind_of_device_has_one_default() -> None:
    defaults = [price.default_for for price in CATALOGUE.machines.values() if price.default_for]
    assert sorted(defaults) == ["cpu", "cuda", "mps"]
