"""Outcomes: media with "ok" and only with it, a reason with everything else."""

import pytest

from harness.generator import Outcome


def test_an_outcome_that_is_ok_has_media() -> None:
    with pytest.raises(ValueError, match="Expected media with status 'ok'"):
        Outcome(status="ok")


def test_an_outcome_that_is_not_ok_has_a_reason() -> None:
    with pytest.raises(ValueError, match="Expected a reason"):
        Outcome(status="failed")


def test_a_delivery_file_comes_with_media() -> None:
    with pytest.raises(ValueError, match="Expected a delivery file with media"):
        Outcome(status="failed", reason="out of paint", delivery=b"x")


def test_an_outcome_that_is_ok_needs_no_reason() -> None:
    with pytest.raises(ValueError, match="Expected a reason with each status but 'ok'"):
        Outcome(status="ok", data=b"x", reason="because")
