"""The core against independent implementations: lifelines for the likelihood, scipy's Gamma for the posterior."""

import math
import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from leaderboard.lifecycle.exponential import most_likely, posterior_half_life, rates
from leaderboard.lifecycle.half_life import JEFFREYS, Prior
from leaderboard.lifecycle.spell import Spell, exposures

warnings.filterwarnings("ignore", category=FutureWarning, module="lifelines")
PRIOR = (Prior().shape, Prior().rate_days)


def spell(start, last, out=None, *, ended_by="overtaken", entered=None):
    return Spell(
        subject="m",
        entered=start if entered is None else entered,
        at_risk_from=start,
        last_in=last,
        first_out=last if out is None else out,
        ended_by=ended_by,
    )


def observed_spells(seed, *, models=40, width=0.0):
    generator = np.random.default_rng(seed)
    ages, limits = generator.exponential(40.0, models), generator.uniform(10, 90, models)
    entry = generator.choice([0.0, 5.0], models)
    rows = [(e, e + min(a, c), a <= c) for e, a, c in zip(entry, ages, limits, strict=True)]
    return [
        spell(
            e,
            math.floor(t / width) * width if ended and width and math.floor(t / width) * width > e else t,
            max(t, math.ceil(t / width) * width) if ended and width else None,
            ended_by="overtaken" if ended else "censored",
            entered=0.0,
        )
        for e, t, ended in rows
    ]


@pytest.mark.parametrize("seed", range(4))
def test_with_known_ends_it_is_what_lifelines_fits_with_entry_and_censoring(seed):
    from lifelines import ExponentialFitter

    spells = observed_spells(seed)
    ages = [item.last_in for item in spells]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fitted = ExponentialFitter().fit(
            ages, [item.ended_by == "overtaken" for item in spells], entry=[item.at_risk_from for item in spells]
        )
    assert most_likely(rates(exposures(spells))) == pytest.approx(fitted.median_survival_time_, rel=1e-6)


@pytest.mark.parametrize("seed", range(3))
def test_with_bracketed_ends_it_is_what_lifelines_fits_to_intervals(seed):
    from lifelines import ExponentialFitter

    spells = [item for item in observed_spells(seed, width=7.0) if item.at_risk_from == 0]
    upper = [item.first_out if item.ended_by == "overtaken" else math.inf for item in spells]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fitted = ExponentialFitter().fit_interval_censoring([item.last_in for item in spells], upper)
    assert most_likely(rates(exposures(spells))) == pytest.approx(fitted.median_survival_time_, rel=1e-4)


def test_the_integral_is_the_closed_form_where_brackets_are_narrow():
    closed = observed_spells(3)
    narrow = [
        spell(o.at_risk_from, o.last_in - 1e-4, o.last_in + 1e-4) if o.ended_by == "overtaken" else o for o in closed
    ]
    exact, integrated = (posterior_half_life(rates(exposures(item)), PRIOR, 0.025) for item in (closed, narrow))
    assert integrated == pytest.approx(exact, rel=1e-3)


def test_the_posterior_is_a_gamma():
    data = rates(exposures([spell(0, 40), spell(0, 60), spell(0, 30, ended_by="censored")]))
    posterior = stats.gamma(PRIOR[0] + 2, scale=1 / (PRIOR[1] + 130))
    _, low, high = posterior_half_life(data, PRIOR, 0.025)
    assert (low, high) == pytest.approx(tuple(math.log(2) / posterior.ppf([0.975, 0.025])))


@given(st.lists(st.tuples(st.floats(0.01, 300), st.floats(0, 30), st.booleans()), min_size=1, max_size=20))
def test_the_most_likely_half_life_lies_in_its_interval(rows):
    spells = [
        spell(0, low, low + width if ended else None, ended_by="overtaken" if ended else "censored")
        for low, width, ended in rows
    ]
    data = rates(exposures(spells))
    days = most_likely(data)
    if days is not None:
        _, low, high = posterior_half_life(data, JEFFREYS, 0.025)
        assert low <= days <= high


def test_without_an_event_nothing_is_most_likely():
    assert most_likely(rates(exposures([spell(0, 30, ended_by="censored")]))) is None


def test_a_withdrawal_between_two_looks_is_censored_in_their_middle():
    data = exposures([spell(0, 7, 14, ended_by="withdrawn")])
    assert (data.low[0], data.high[0], data.events) == (10.5, 10.5, 0)


def test_a_stay_that_ends_before_it_begins_is_refused():
    with pytest.raises(ValueError, match="moments follow each other"):
        spell(10, 5)
