"""How dates are read: weekly snapshots are recognised, exact dates stay exact."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leaderboard.lifecycle.interval_observations import IntervalObservation, spacing, spells_of_observations


def sighting(entered, left, *, until=400.0, since=None, ended_by=None):
    return IntervalObservation(
        subject="m",
        entered=entered,
        left=left,
        observed_from=since,
        observed_until=until,
        ended_by=ended_by or ("censored" if left is None else "overtaken"),
    )


def weekly(generator, mean, count=60):
    entered = generator.uniform(0, 300, count)
    dates = [
        (7 * np.ceil(e / 7), 7 * np.ceil((e + t) / 7))
        for e, t in zip(entered, generator.exponential(mean, count), strict=True)
    ]
    return [sighting(float(a), float(b), until=1400.0) for a, b in dates if b > a]


@given(st.lists(st.integers(0, 60), min_size=5, max_size=40, unique=True), st.sampled_from([7, 14, 30]))
def test_snapshots_are_told_by_dates_that_lie_whole_weeks_apart(weeks, days):
    estimated = spacing([3.0 + days * week for week in weeks])
    assert estimated == 0 or estimated % days == 0


def test_five_dates_on_one_lattice_are_no_accident_and_three_may_be():
    assert spacing([0, 7, 14, 35, 49]) == 7
    assert spacing([0, 7, 21]) == 0


def test_days_of_any_kind_are_exact():
    spells, dates = spells_of_observations([sighting(float(e), float(e + 9)) for e in (0, 3, 10, 24, 31, 50)])
    assert (dates.reading, dates.spacing_days) == ("exact", 0)
    assert all(spell.last_in == spell.first_out for spell in spells)


def test_a_first_day_out_brackets_the_end_by_the_snapshot_before():
    spells, dates = spells_of_observations(weekly(np.random.default_rng(0), 40.0))
    assert (dates.reading, dates.spacing_days) == ("first out", 7)
    assert {spell.first_out - spell.last_in for spell in spells} == {7.0}


def test_stays_of_no_length_mean_that_the_last_day_in_was_written_down():
    observations = [
        sighting(spell.entered, spell.left - 7, until=1400.0) for spell in weekly(np.random.default_rng(1), 20.0)
    ]
    spells, dates = spells_of_observations(observations)
    assert dates.reading == "last in"
    assert {spell.first_out - spell.last_in for spell in spells} == {7.0}


def test_exact_dates_rounded_to_weeks_are_told_from_snapshots():
    generator = np.random.default_rng(2)
    entered, lasting = generator.uniform(0, 300, 300), generator.exponential(12.0, 300)
    observations = [
        sighting(float(7 * (e // 7)), float(7 * ((e + t) // 7)), until=1400.0)
        for e, t in zip(entered, lasting, strict=True)
    ]
    assert spells_of_observations(observations)[1].reading == "rounded"


def test_what_is_said_about_the_snapshots_counts():
    observations = weekly(np.random.default_rng(0), 40.0)
    assert spells_of_observations(observations, spacing_days=0)[1].reading == "exact"
    few, _ = spells_of_observations(observations[:2], spacing_days=7)
    assert {spell.first_out - spell.last_in for spell in few} == {7.0}


def test_a_truncated_stay_is_at_risk_from_the_start_of_observation():
    (spell,), _ = spells_of_observations([sighting(-50.0, 30.0, since=0.0)])
    assert (spell.at_risk_from, spell.entered, spell.last_in) == (0.0, -50.0, 30.0)


@pytest.mark.parametrize("until", [398.0, 400.0])
def test_a_stay_that_goes_on_is_known_up_to_the_last_look(until):
    observations = [*weekly(np.random.default_rng(0), 40.0), sighting(7.0, None, until=until)]
    assert spells_of_observations(observations)[0][-1].last_in == 392.0 + 7 * (until >= 399)


def test_ends_midway_between_the_snapshots_of_the_entries_are_middles():
    observations = [sighting(o.entered, o.left - 3.5, until=1400.0) for o in weekly(np.random.default_rng(0), 40.0)]
    spells, dates = spells_of_observations(observations)
    assert dates.reading == "middle"
    as_seen, _ = spells_of_observations(weekly(np.random.default_rng(0), 40.0))
    assert [(spell.last_in, spell.first_out) for spell in spells] == [
        (spell.last_in, spell.first_out) for spell in as_seen
    ]
