import datetime as dt

import pytest

from leaderboard.lifecycle.survival import COLUMNS, survival
from leaderboard.lifecycle.tenure import Tenure, TenureProtocol

START = dt.date(2026, 1, 1)


def tenure(days, *, ended_by="overtaken", at_risk_after=0):
    left = START + dt.timedelta(days=days)
    return Tenure(
        model="m",
        entered=START,
        known_start=False,
        observed_from=START + dt.timedelta(days=at_risk_after),
        last_seen=left,
        left=None if ended_by == "censored" else left,
        observed_until=left,
        ended_by=ended_by,
        protocol=TenureProtocol(),
    )


def test_the_curve_is_kaplan_and_meiers():
    curve = survival([tenure(10), tenure(20, ended_by="censored"), tenure(30), tenure(40)]).set_index("age_days")
    assert curve.loc[10.0, "survival"] == pytest.approx(3 / 4)
    assert curve.loc[30.0, "survival"] == pytest.approx(3 / 4 * 1 / 2)
    assert curve.loc[30.0, "at_risk"] == 2


def test_the_band_holds_the_curve():
    curve = survival([tenure(n) for n in range(5, 60, 5)])
    assert (curve["low"] <= curve["survival"] + 1e-12).all()
    assert (curve["survival"] <= curve["high"] + 1e-12).all()


def test_a_tenure_that_comes_at_risk_late_is_not_at_risk_before():
    curve = survival([tenure(10), tenure(30), tenure(40, at_risk_after=20)]).set_index("age_days")
    assert curve.loc[10.0, "at_risk"] == 2
    assert curve.loc[30.0, "at_risk"] == 2


def test_a_retired_model_is_censored():
    assert survival([tenure(10, ended_by="retired"), tenure(30)])["survival"].tolist() == [1.0, 1.0, 0.0]


def test_nobody_at_risk_makes_an_empty_curve():
    assert survival([]).columns.tolist() == COLUMNS
