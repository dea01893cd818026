"""Planned moments: a Poisson process, a constant distance, a trace."""

from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from data.errors import HalflifeError, InputFileError
from harness.load.arrivals import constant, poisson, read_trace


def test_poisson_gaps_are_exponential_and_the_seed_repeats_them():
    moments = poisson(20.0, 200.0, seed=4)
    assert stats.kstest(np.diff(moments), stats.expon(scale=1 / 20).cdf).pvalue > 0.01
    assert moments == poisson(20.0, 200.0, seed=4) != poisson(20.0, 200.0, seed=5)


def test_constant_moments_are_as_many_as_the_rate_says():
    assert len(constant(3.0, 10.0)) == 30
    assert np.diff(constant(3.0, 10.0)) == pytest.approx(1 / 3)


def test_a_trace_begins_at_its_first_moment(tmp_path: Path):
    (tmp_path / "t.txt").write_text("10.5\n\n11\n14.25\n")
    assert read_trace(tmp_path / "t.txt") == (0.0, 0.5, 3.75)


@pytest.mark.parametrize(
    ("text", "words"),
    [("1\nsoon\n", "line 2"), ("2\n1\n", "line 2.*Sort"), ("nan\n", "line 1"), ("inf\n", "line 1"), ("", "got 0")],
)
def test_a_trace_that_is_none_is_said_with_its_line(tmp_path: Path, text: str, words: str):
    (tmp_path / "t.txt").write_text(text)
    with pytest.raises(InputFileError, match=words):
        read_trace(tmp_path / "t.txt")


@pytest.mark.parametrize(("rate", "seconds"), [(0, 1), (1, 0), (float("inf"), 1), (1e6, 1e6), (float("nan"), 1)])
def test_a_rate_that_is_none_is_refused(rate: float, seconds: float):
    with pytest.raises(HalflifeError, match="Expected a rate"):
        constant(rate, seconds)
