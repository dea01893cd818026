"""Every shipped spec, through the real runner, against a server that is made from it and goes wrong in every way."""

from pathlib import Path

import pytest

from benchmarks.provider_faults import FAULTS, SECRET, STEPS, cell, concerns, crashed, refused_connection, shipped
from benchmarks.provider_loopback import WORDS, Fault

SPECS = shipped()
CELLS = [(name, fault) for name, spec in SPECS.items() for fault in FAULTS if concerns(spec, fault)]
LEDGERS = {
    "ok": {"settled"},
    "failed": {"settled", "released"},
    "unknown": {"reserved"},
    "timed-out": {"reserved"},
    "planned": {"released"},
}
FREE = {"401", "402", "403", "404", "redirect"}
SPOKEN = {"400", "401", "402", "403", "404", "409", "422", "429", "500", "502", "503", "HTML", "result: 422"}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One home for all: making a ledger takes longer than a request."""
    return tmp_path_factory.mktemp("home")


@pytest.mark.parametrize("name", list(SPECS))
def test_every_shipped_spec_makes_its_media_and_pays_once(name: str, home: Path) -> None:
    made = cell(SPECS[name], None, home)
    assert (made.status, made.ledger, made.submissions) == ("ok", "settled", 1)


@pytest.mark.parametrize(("name", "fault"), CELLS, ids=[f"{name}: {fault.name}" for name, fault in CELLS])
def test_every_fault_ends_in_a_status_with_a_reason_and_a_kept_ledger(name: str, fault: Fault, home: Path) -> None:
    made = cell(SPECS[name], fault, home)
    assert made.status in LEDGERS
    assert made.status != "ok"
    assert made.ledger in LEDGERS[made.status]
    assert made.submissions == 1
    assert made.reason
    if fault.stage == "submit":
        assert (made.ledger == "released") == (fault.name in FREE or made.status == "planned")
    if fault.name in SPOKEN:
        assert WORDS in made.reason


@pytest.mark.parametrize("name", list(SPECS))
def test_a_refused_connection_costs_nothing(name: str, home: Path) -> None:
    made = refused_connection(SPECS[name], home)
    assert (made.status, made.ledger) == ("failed", "released")
    assert made.reason.startswith("No connection to 127.0.0.1")


@pytest.mark.parametrize("step", STEPS)
def test_a_killed_process_leaves_a_job_that_is_polled_and_never_posted_again(step: str, home: Path) -> None:
    made = crashed(SPECS["bfl"], step, home)
    expected = ("unknown", "reserved", 0) if step == "submitting" else ("ok", "settled", 1)
    assert (made.status, made.ledger, made.submissions) == expected


def test_what_a_provider_answered_at_once_is_fetched_from_its_url_after_a_kill(home: Path) -> None:
    made = crashed(SPECS["ideogram"], "submitted", home)
    assert (made.status, made.ledger, made.submissions) == ("ok", "settled", 1)


def test_what_was_in_a_lost_reply_alone_is_unknown_and_stays_reserved(home: Path) -> None:
    made = crashed(SPECS["stability"], "submitted", home)
    assert (made.status, made.ledger, made.submissions) == ("unknown", "reserved", 1)
    assert "a reply that this process does not have" in made.reason


def test_no_byte_that_was_written_holds_the_key(home: Path) -> None:
    cell(SPECS["kling"], None, home)
    written = [path.read_bytes() for path in home.rglob("*") if path.is_file()]
    assert written
    assert not any(SECRET.encode() in content for content in written)
