"""All streams of one deployment together."""

import datetime as dt

import numpy as np
import pytest

from leaderboard.drift.detection import before_and_after, detect_drift
from leaderboard.drift.sentinel_series import SentinelSeries, WatchedDeployment

FIRST = dt.date(2026, 3, 1)
PROMPTS = 32


@pytest.fixture
def generator():
    return np.random.default_rng(0)


def nights(streams, *, media=None, shared=()):
    count = len(next(iter(streams.values())))
    return SentinelSeries(
        watched=WatchedDeployment(model="m", suite="sentinel", suite_digest="d"),
        days=tuple(FIRST + dt.timedelta(days=i) for i in range(count)),
        prompts=tuple(f"p{i}" for i in range(PROMPTS)),
        streams=streams,
        shared=frozenset(shared),
        keys=tuple((f"p{i}", 0) for i in range(PROMPTS)),
        media=media or [[f"{night}-{i}" for i in range(PROMPTS)] for night in range(count)],
    )


def quiet(generator, count=40, names=("clip_score", "size", "noise", "entropy")):
    return {name: generator.normal(size=(count, PROMPTS)) for name in names}


def test_quiet_nights_have_no_finding(generator):
    finding = detect_drift(nights(quiet(generator)))
    assert (finding.shifts, finding.day) == ({}, None)
    assert set(finding.p_values) == {"clip_score", "size", "noise", "entropy"}


def test_the_stream_that_changed_is_named_with_its_day_and_size(generator):
    streams = quiet(generator)
    streams["size"][30:] += 1.0
    finding = detect_drift(nights(streams))
    assert list(finding.shifts) == ["size"]
    assert abs((finding.day - FIRST).days - 30) <= 1
    assert finding.shifts["size"].low < 1.0 < finding.shifts["size"].high


def test_one_other_byte_of_an_endpoint_that_repeats_itself_is_enough(generator):
    media = [["same"] * PROMPTS for _ in range(12)]
    media[9] = ["other", *media[9][1:]]
    finding = detect_drift(nights({"clip_score": np.ones((12, PROMPTS))}, media=media))
    assert list(finding.shifts) == ["bytes"]
    assert finding.day == FIRST + dt.timedelta(days=9)


def test_pictures_that_became_others_are_found_although_no_score_moved(generator):
    streams, anchors = quiet(generator, 30), generator.normal(size=(2, PROMPTS, 6))
    hashes = [[f"{night}-{i}" for i in range(PROMPTS)] for night in range(30)]
    vectors = {
        f"{night}-{i}": anchors[int(night >= 20), i] + 0.1 * generator.normal(size=6)
        for night in range(30)
        for i in range(PROMPTS)
    }
    finding = detect_drift(nights(streams, media=hashes), vectors=lambda names: {name: vectors[name] for name in names})
    assert list(finding.shifts) == ["embeddings"]
    assert (finding.day - FIRST).days == 20
    assert finding.kernel_p == pytest.approx(0.001)


def test_a_busy_night_is_not_another_endpoint(generator):
    streams = {"latency": generator.normal(size=(60, PROMPTS)) + 2 * generator.normal(size=(60, 1))}
    assert not detect_drift(nights(streams, shared=["latency"])).shifts


def test_before_and_after_stand_side_by_side(generator):
    media = [["a"] * PROMPTS, ["a"] * PROMPTS, ["b"] * (PROMPTS - 1) + ["a"]]
    table = before_and_after(nights({"clip_score": np.ones((3, PROMPTS))}, media=media), FIRST + dt.timedelta(days=2))
    assert table.iloc[0].tolist() == ["p0", 0, "a", "b", False]
    assert table["same"].sum() == 1
