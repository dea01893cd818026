"""The sentences about money: what a run costs at most, what is left, and the bill."""

from io import StringIO

import pytest
from rich.console import Console

from halflife.output.forecast import bills, forecasts, left, verdict
from harness.forecast import ModelBill, ModelForecast, RunForecast


def row(
    model: str = "painter", count: int = 10, most: float | None = 0.04, likely: float | None = None
) -> ModelForecast:
    ids = [f"{model}-{number}" for number in range(count)]
    return ModelForecast(model=model, requests=ids, most_usd=most, likely_usd=likely)


def expected(*rows: ModelForecast, cap: float | None = 1.0, spent: float = 0.0) -> RunForecast:
    return RunForecast(models=rows, cap_usd=cap, spent_usd=spent)


def printed(made: ModelBill) -> str:
    file = StringIO()
    bills(Console(file=file, width=200), [made])
    return file.getvalue()


def test_the_table_has_a_row_for_each_model_and_the_total_below() -> None:
    file = StringIO()
    forecasts(Console(file=file, width=200), expected(row(likely=0.04), row("sculptor", 2, 0.3), cap=1.5))
    text = file.getvalue()
    assert "painter" in text
    assert "no earlier samples" in text
    assert "In all at most $1.00 for 12 requests: the cap of $1.50 holds it." in text


@pytest.mark.parametrize(
    ("forecast", "sentence"),
    [
        (expected(row(), cap=0.4), "In all at most $0.40 for 10 requests: the cap of $0.40 holds it."),
        (expected(row(), cap=0.3), "more than the cap of $0.30, which may end the run before its last request."),
        (expected(row(), cap=None), "No cap is given: a run with remote models needs one (--cap)."),
        (expected(row(), spent=0.7), "beside $0.70 that this run spent or reserved before: more than the cap of $1.00"),
        (expected(row(most=None)), "No total: painter has no price. Declare it in a catalogue."),
    ],
)
def test_the_verdict_says_whether_the_cap_holds_the_most(forecast: RunForecast, sentence: str) -> None:
    assert sentence in verdict(forecast)


def test_where_a_run_stops_it_says_how_many_are_left_and_what_they_cost() -> None:
    assert left(expected(row(count=7))) == "Left in all: 7 samples of remote models, which cost at most $0.28."


def test_the_bill_says_what_is_over_bounded_and_not_believed() -> None:
    made = ModelBill(model="painter", samples=3, billed_usd=0.15, forecast_usd=0.12, bounded=1, claimed=2)
    lines = printed(made).splitlines()
    assert lines[0] == "Billed for painter: $0.15 for 3 samples, $0.12 forecast."
    assert lines[1] == "painter was billed 25 % over its forecast: check its price in the catalogue."
    assert lines[2].startswith("1 of them at the greatest cost of a request")
    assert lines[3].startswith("2 of them claim a cost")


def test_a_bill_within_its_forecast_is_one_line() -> None:
    made = ModelBill(model="painter", samples=1, billed_usd=0.04, forecast_usd=0.04, bounded=0, claimed=0)
    assert printed(made) == "Billed for painter: $0.04 for 1 sample, $0.04 forecast.\n"
