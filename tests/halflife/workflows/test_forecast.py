"""What a run would cost: at most by its price, likely by what earlier samples used; and its bill."""

import datetime as dt
from dataclasses import replace
from pathlib import Path

import pytest

from data.home import Home
from data.runs import RunFolder
from data.store.control import Control
from data.store.sealing import seal
from data.store.warehouse import Warehouse
from data.vocabulary import Sample
from halflife.workflows.forecast import billed, forecast
from halflife.workflows.observe import planned
from halflife.workflows.run_spec import RunSpec
from harness.budget import SpendingLedger

CATALOGUE = """
family = "mine"
provider = "studio"
licence = "Terms"

[[models]]
id = "mine-1"
title = "Mine"
released = 2026-01-01
revision = "1"
revision_pinned = true
remote = { adapter = "openai_images", base_url = "https://studio.example/v1", model = "m" }
settings = { width = 64, height = 64 }
price = { unit = "output-token", usd = 0.001, most = 500, as_of = 2026-11-20, source = "a page" }
"""
TOKENS = {"usage": {"input_tokens": 10, "output_tokens": 100}}


@pytest.fixture
def spec(tmp_path: Path) -> RunSpec:
    catalogue = tmp_path / "mine.toml"
    catalogue.write_text(CATALOGUE)
    day = dt.date(2026, 11, 20)
    return RunSpec(suite="shapes", models=("mine-1",), prompts=1, day=day, cap_usd=2.0, catalogue=(catalogue,))


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = Home(tmp_path / "observatory")
    made.prepare()
    return made


def make(home: Home, spec: RunSpec, *, count: int = 5, usd: float = 0.1) -> RunFolder:
    """Journal `count` samples of a run, each of which used 100 tokens."""
    plan = planned(spec)
    run = RunFolder.create(home, plan)
    with run.journal("worker") as journal:
        for request in plan.requests[:count]:
            sample = Sample(
                id=request.id,
                run_id=plan.run_id,
                model=request.model,
                prompt=request.prompt,
                category=request.category,
                seed=request.seed,
                status="ok",
                reason=None,
                started_at=dt.datetime(2026, 11, 20, tzinfo=dt.UTC),
                call="steady",
                timing=None,
                width_asked=64,
                height_asked=64,
                cost_usd=usd,
                cost_source="units-times-price",
                provider_timings=TOKENS,
            )
            journal.append("sample", sample)
    return run


def test_without_earlier_samples_only_the_most_is_known_and_nothing_is_written(home: Home, spec: RunSpec) -> None:
    before = sorted(home.path.rglob("*"))
    [row] = forecast(home, spec).models
    assert (row.most_usd, row.likely_usd, row.earlier, len(row.requests)) == (0.5, None, 0, 5)
    assert sorted(home.path.rglob("*")) == before


def test_earlier_samples_tell_what_is_likely_at_the_price_of_now(home: Home, spec: RunSpec) -> None:
    seal(make(home, spec))
    with Warehouse.own(home) as warehouse:
        warehouse.ingest_all()
        warehouse.publish()
    spec.catalogue[0].write_text(CATALOGUE.replace("usd = 0.001", "usd = 0.002"))
    [row] = forecast(home, replace(spec, day=dt.date(2026, 11, 21))).models
    assert (row.most_usd, row.likely_usd, row.earlier) == (1.0, pytest.approx(0.2), 5)
    other = CATALOGUE.replace("width = 64", "width = 128")
    spec.catalogue[0].write_text(other)
    assert forecast(home, replace(spec, day=dt.date(2026, 11, 21))).models[0].earlier == 0


def test_what_was_made_is_not_forecast_and_what_was_spent_counts_against_the_cap(home: Home, spec: RunSpec) -> None:
    run = make(home, spec, count=2)
    ledger = SpendingLedger(Control(home.control), run=run.run_id, cap_usd=2.0)
    ledger.settle(ledger.reserve("r1", "mine-1", usd=0.5), 0.4, "reported")
    expected = forecast(home, spec)
    assert (expected.requests, expected.most_usd, expected.spent_usd) == (3, pytest.approx(1.5), pytest.approx(0.4))
    assert (expected.is_held, forecast(home, replace(spec, cap_usd=1.8)).is_held) == (True, False)


@pytest.mark.parametrize(("usd", "over"), [(0.5, None), (0.509, None), (0.55, 1.1)])
def test_a_bill_over_its_forecast_by_more_than_two_per_cent_is_told(
    home: Home, spec: RunSpec, usd: float, over: float | None
) -> None:
    expected = forecast(home, spec)
    make(home, spec, count=3, usd=usd)
    [bill] = billed(home, expected, spec)
    assert (bill.samples, bill.billed_usd, bill.forecast_usd) == (3, pytest.approx(3 * usd), pytest.approx(1.5))
    assert bill.over == (over if over is None else pytest.approx(over))
