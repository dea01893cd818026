"""The sum never exceeds the cap, whoever spends, in whatever order, and whoever dies."""

import datetime as dt
import os
import signal
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data.errors import SpendingError
from data.store.control import Control
from data.vocabulary import Model, Price
from harness.budget import TICKS_PER_USD, Reservation, SpendingLedger, SubmittedBeforeError, upper_bound

ROOT = Path(__file__).parents[2]
STEPS = st.lists(
    st.tuples(st.integers(0, 1), st.sampled_from(["reserve", "settle", "release"]), st.floats(0, 0.4), st.floats(0, 1)),
    max_size=20,
)


def ledger(folder: Path, run: str = "run-1", cap: float | None = 1.0, budget: str | None = None) -> SpendingLedger:
    return SpendingLedger(Control(folder / "control.sqlite"), run=run, cap_usd=cap, budget=budget)


def spending(folder: Path, budget: str = "run-1") -> tuple[float, float]:
    """Dollars that are settled and reserved in a budget, as they stand in the control database."""
    query = (
        "SELECT coalesce(sum(settled_ticks), 0), coalesce(sum(CASE state WHEN 'reserved' THEN reserved_ticks END), 0) "
        "FROM reservations WHERE budget = ?"
    )
    with Control(folder / "control.sqlite").reading() as connection:
        settled, reserved = connection.execute(query, [budget]).fetchone()
    return settled / TICKS_PER_USD, reserved / TICKS_PER_USD


def price(unit: str, usd: float) -> Price:
    return Price(unit=unit, usd=usd, as_of=dt.date(2026, 11, 1), source="a list")  # type: ignore[arg-type]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(STEPS)
def test_settled_and_reserved_never_exceed_the_cap_under_any_interleaving(
    steps: list[tuple[int, str, float, float]],
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        both = [ledger(Path(folder), run, budget="night") for run in ("run-1", "run-2")]
        reservations: list[Reservation] = []
        for number, (who, what, usd, part) in enumerate(steps):
            if what == "reserve":
                try:
                    reservations.append(both[who].reserve(f"r{number}", "painter", usd=usd))
                except SpendingError:
                    assert sum(spending(Path(folder), "night")) + usd > 1.0 - 1e-9
            elif reservations and what == "settle":
                reservation = reservations.pop()
                both[who].settle(reservation, reservation.usd * part, "reported")
            elif reservations:
                both[who].release(reservations.pop(0))
            settled, reserved = spending(Path(folder), "night")
            assert settled + reserved <= 1.0 + 1e-9
            assert reserved == pytest.approx(sum(reservation.usd for reservation in reservations), abs=1e-8)


def test_ten_times_ten_cents_are_a_dollar_exactly(tmp_path: Path) -> None:
    mine = ledger(tmp_path)
    for number in range(10):
        mine.settle(mine.reserve(f"r{number}", "painter", usd=0.1), 0.1, "reported")
    assert spending(tmp_path)[0] == 1.0
    with pytest.raises(SpendingError, match=r"at most \$1 spent, got \$1 spent, \$0 in flight or unknown, and \$1e-10"):
        mine.reserve("r10", "painter", usd=1e-10)
    mine.reserve("free", "painter", usd=0.0)


def test_what_is_in_flight_counts(tmp_path: Path) -> None:
    mine = ledger(tmp_path)
    mine.reserve("r1", "painter", usd=0.7)
    with pytest.raises(SpendingError, match=r"\$0.7 in flight or unknown, and \$0.4 for the next request of 'painter'"):
        mine.reserve("r2", "painter", usd=0.4)
    with pytest.raises(SpendingError, match="Raise the cap"):
        mine.require_room(0.4, "painter")
    mine.require_room(0.3, "painter")


def test_released_money_can_be_spent_and_a_request_that_made_nothing_is_free_to_go_again(tmp_path: Path) -> None:
    mine = ledger(tmp_path)
    mine.release(mine.reserve("r1", "painter", usd=0.9))
    assert mine.reserve("r1", "painter", usd=0.9).usd == 0.9


def test_a_cost_over_its_bound_is_recorded_as_it_was_and_stops_what_follows(tmp_path: Path) -> None:
    mine = ledger(tmp_path)
    mine.settle(mine.reserve("r1", "painter", usd=0.5), 1.5, "reported")
    assert spending(tmp_path)[0] == 1.5
    with pytest.raises(SpendingError, match=r"got \$1.5 spent"):
        mine.reserve("r2", "painter", usd=0.0)


def test_a_request_is_reserved_once_a_run_unless_it_may_go_again(tmp_path: Path) -> None:
    mine = ledger(tmp_path)
    mine.settle(mine.reserve("r1", "painter", usd=0.1), 0.05, "reported")
    with pytest.raises(SubmittedBeforeError, match=r"for \$0.05"):
        mine.reserve("r1", "painter", usd=0.1)
    mine.reserve("r1", "painter", usd=0.1, again=True)
    ledger(tmp_path, run="run-2").reserve("r1", "painter", usd=0.1)


def test_budgets_are_apart_and_a_shared_one_is_one(tmp_path: Path) -> None:
    ledger(tmp_path, run="a").reserve("r1", "painter", usd=1.0)
    ledger(tmp_path, run="b").reserve("r1", "painter", usd=1.0)
    ledger(tmp_path, run="c", budget="night").reserve("r1", "painter", usd=0.6)
    with pytest.raises(SpendingError, match=r"\$0.6 in flight"):
        ledger(tmp_path, run="d", budget="night").reserve("r1", "painter", usd=0.6)


def test_a_reservation_is_resolved_once(tmp_path: Path) -> None:
    mine = ledger(tmp_path)
    reservation = mine.reserve("r1", "painter", usd=0.1)
    mine.settle(reservation, 0.1, "reported")
    with pytest.raises(ValueError, match="resolved already"):
        mine.release(reservation)


@pytest.mark.parametrize("usd", [-0.01, float("nan"), float("inf"), 1e12])
def test_an_amount_that_is_none_is_refused(tmp_path: Path, usd: float) -> None:
    with pytest.raises(SpendingError, match="Expected an amount for 'painter' from 0 to"):
        ledger(tmp_path).reserve("r1", "painter", usd=usd)
    with pytest.raises(SpendingError, match="Expected a cap from 0 to"):
        ledger(tmp_path, cap=usd)


def test_no_cap_no_ledger(tmp_path: Path) -> None:
    with pytest.raises(SpendingError, match="Expected a cap on what this run may spend, got none"):
        ledger(tmp_path, cap=None)


def test_the_upper_bound_is_the_price_or_what_was_assumed(model: Model) -> None:
    assert upper_bound(replace(model, price=price("image", 0.04))) == 0.04
    assert upper_bound(replace(model, price=price("request", 0.02)), assumed_usd=9.0) == 0.02
    assert upper_bound(model, assumed_usd=0.3) == 0.3
    with pytest.raises(SpendingError, match="Expected a price of 'painter', got none"):
        upper_bound(model)
    with pytest.raises(SpendingError, match="Expected 'most' in the price of 'painter' for the unit 'second-of-video'"):
        upper_bound(replace(model, price=price("second-of-video", 0.3)))


SPENDER = """
import sys
from pathlib import Path
from data.errors import SpendingError
from data.store.control import Control
from harness.budget import SpendingLedger
ledger = SpendingLedger(Control(Path(sys.argv[1])), run=sys.argv[2], cap_usd=0.5, budget="night")
print("ready", flush=True)
sys.stdin.readline()
done = 0
try:
    for number in range(30):
        one = ledger.reserve(f"r{number}", "painter", usd=0.01)
        done += 1
        if number % 2:
            ledger.settle(one, 0.01, "reported")
except SpendingError:
    pass
print(done, flush=True)
sys.stdin.readline()
"""


def spender(folder: Path, run: str) -> "subprocess.Popen[str]":
    command = [sys.executable, "-c", SPENDER, str(folder / "control.sqlite"), run]
    return subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def line(process: "subprocess.Popen[str]", push: bool = False) -> str:
    assert process.stdin is not None
    assert process.stdout is not None
    if push:
        process.stdin.write("\n")
        process.stdin.flush()
    return process.stdout.readline().strip()


def test_three_processes_together_stay_under_the_cap_and_a_kill_frees_nothing(tmp_path: Path) -> None:
    processes = [spender(tmp_path, f"run-{number}") for number in range(3)]
    assert [line(process) for process in processes] == ["ready"] * 3
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    assert sum(int(line(process)) for process in processes) == 50
    for process in processes:
        os.kill(process.pid, signal.SIGKILL)
        process.communicate()
    settled, reserved = spending(tmp_path, "night")
    assert settled + reserved == pytest.approx(0.5, abs=1e-9)
    assert reserved >= 0.25 - 1e-9
