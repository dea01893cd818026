"""Measurements: journalled whole, found again as they were, the newest of each setup."""

import datetime as dt
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.architectures.shape import Shape
from data.errors import JournalError
from data.home import Home
from data.measurements import (
    ComputeWork,
    Configuration,
    Energy,
    Measurement,
    Memory,
    Seconds,
    Setup,
    load_measurements,
    measurement_journals,
    new_journal,
    write_measurements,
)
from data.serialization import canonical, from_json, parse
from data.vocabulary import Machine

AT = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)
MACHINE = Machine(
    name="bench",
    device="cpu",
    cpu="a CPU",
    cores=2,
    memory_bytes=2**33,
    gpu=None,
    usd_per_hour=0.1,
    price_source="declared",
)
SETUP = Setup(
    model="flux.1-dev",
    revision="random",
    weights="random",
    shape=Shape(width=1024, height=1024, steps=28, guidance=3.5, text_tokens=512),
    configuration=Configuration(dtype="bfloat16"),
    accelerator="h200",
    processor="NVIDIA H200",
    repeats=10,
    versions={"torch": "2.15.0"},
)
MEASUREMENT = Measurement(
    setup=SETUP,
    status="ok",
    seconds=Seconds(load=9.0, first=7.0, warm_up=(5.6, 5.6), steady=(5.5, 5.6), steps=((0.2, 0.2), (0.2, 0.2))),
    memory=Memory(allocated={"load": 1, "steady": 2}, used=3),
    energy=Energy(reason="unavailable"),
    work=ComputeWork(nominal=2.1e15, executed=2.1e15),
    machine=MACHINE,
    seed=0,
    measured_at=AT,
)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path / "home")
    home.prepare()
    return home


def keep(home: Home, *measurements: Measurement) -> None:
    with new_journal(home, AT) as journal:
        write_measurements(journal, measurements)


def test_a_journalled_measurement_is_read_as_it_was_and_the_newest_of_its_setup_counts(home: Home) -> None:
    later = replace(MEASUREMENT, status="out-of-memory", reason="Full.", measured_at=AT + dt.timedelta(hours=1))
    other = replace(MEASUREMENT, setup=replace(SETUP, repeats=20))
    keep(home, later, other)
    keep(home, MEASUREMENT)
    assert load_measurements(home) == (other, later)


def test_a_home_without_profiles_has_no_measurements_and_an_empty_journal_leaves_no_file(home: Home) -> None:
    assert load_measurements(home) == ()
    keep(home)
    assert measurement_journals(home).paths() == []


def test_a_measurement_of_another_version_is_named_by_file_and_line(home: Home) -> None:
    with new_journal(home, AT) as journal:
        journal.append("cell", {"setup": 1})
    with pytest.raises(JournalError, match=r"jsonl, line 1: Measurement: expected the keys"):
        load_measurements(home)


@given(
    nominal=st.floats(1, 1e22),
    steady=st.lists(st.floats(1e-6, 1e6), max_size=5),
    reason=st.none() | st.text(min_size=1, max_size=9).filter(str.isascii),
)
def test_any_measurement_survives_its_json(nominal: float, steady: list[float], reason: str | None) -> None:
    seconds = Seconds(steady=tuple(steady))
    measurement = replace(
        MEASUREMENT,
        work=ComputeWork(nominal=nominal),
        seconds=seconds,
        reason=reason,
        status="failed" if reason else "ok",
    )
    assert from_json(Measurement, parse(canonical(measurement))) == measurement


@pytest.mark.parametrize("change", [{"compiled": "whole"}, {"dtype": "float16"}, {"cache": "taylorseer"}])
def test_another_configuration_is_another_experiment(change: dict[str, str]) -> None:
    other = replace(SETUP, configuration=replace(SETUP.configuration, **change))  # type: ignore[arg-type]
    assert other.id != SETUP.id
    assert replace(SETUP).id == SETUP.id


def test_software_that_is_not_plain_says_so_and_is_no_group_of_the_plain_one() -> None:
    fast = Configuration(dtype="bfloat16", compiled="blocks", attention="flash-3", cache="first-block")
    assert fast.software == "compiled, attention flash-3, cache first-block"


def test_a_measurement_that_is_not_ok_says_why() -> None:
    with pytest.raises(ValueError, match="Expected a reason for a measurement that is not ok"):
        replace(MEASUREMENT, status="failed")
