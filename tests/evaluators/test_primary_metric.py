"""The metric that ranks a suite exists, ranks, and reads what the suite's task makes."""

from dataclasses import replace

import pytest

from data.errors import HalflifeError, UnknownNameError
from data.suites import load_suite, suite_names
from evaluators.primary_metric import check_primary_metric


@pytest.mark.parametrize("name", suite_names())
def test_our_suites_are_ranked_by_metrics_that_can(name):
    check_primary_metric(load_suite(name))


def test_a_misspelt_metric_is_answered_with_the_nearest():
    with pytest.raises(UnknownNameError, match=r"Unknown primary_metric 'clipscore'. Did you mean 'clip_score'\?"):
        check_primary_metric(replace(load_suite("shapes"), primary_metric="clipscore"))


@pytest.mark.parametrize(
    ("suite", "metric", "why"),
    [
        ("shapes", "video_clip_score", "reads no image"),
        ("moving-shapes", "clip_score", "reads no video"),
        ("shapes", "integrity_ok", "does not rank models"),
    ],
)
def test_a_metric_that_cannot_rank_the_suite_is_refused_with_those_that_can(suite, metric, why):
    with pytest.raises(HalflifeError, match=f"got '{metric}', which {why}. Known: "):
        check_primary_metric(replace(load_suite(suite), primary_metric=metric))
