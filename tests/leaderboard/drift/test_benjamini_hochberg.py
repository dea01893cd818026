"""Discoveries are those of scipy at the same false discovery rate."""

from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from leaderboard.drift.benjamini_hochberg import discoveries


@given(st.dictionaries(st.text(min_size=1, max_size=3), st.floats(0, 1), min_size=1, max_size=12))
def test_discoveries_are_those_of_scipy(p_values):
    adjusted = stats.false_discovery_control(list(p_values.values()))
    expected = {name for name, p in zip(p_values, adjusted, strict=True) if p <= 0.05}
    names = set(discoveries(p_values))
    edge = {name for name, p in zip(p_values, adjusted, strict=True) if abs(p - 0.05) < 1e-12}
    assert names - edge == expected - edge
