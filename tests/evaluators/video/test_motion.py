"""The sensors of motion through a whole file: what the pure measures say of its frames, at the file's own moments."""

import numpy as np
import pytest

from evaluators.video import motion_measures
from evaluators.video.flow import flow_series
from evaluators.video.motion import DECLARATION, MOST_FRAMES, Motion


def measured(item, lab) -> dict:
    return {name: result.value for name, result in Motion().evaluate([item], lab.context)[0].items()}


def test_a_file_is_measured_like_its_frames(film, drawn, lab) -> None:
    clip = drawn()
    flow = flow_series(clip, np.arange(16) / 8)
    values = measured(film(clip), lab)
    assert values["dynamic_degree"] == pytest.approx(motion_measures.dynamic_degree(flow), abs=1e-5)
    assert values["jerk"] == pytest.approx(motion_measures.jerk(flow), abs=1e-4)
    assert values["cuts"] == 0


def test_twice_the_rate_in_the_file_is_twice_the_speed(film, drawn, lab) -> None:
    slow, fast = (measured(film(drawn(), rate=rate), lab)["dynamic_degree"] for rate in (8, 16))
    assert fast == pytest.approx(2 * slow, rel=1e-3)


def test_a_cut_is_found_where_it_is(film, drawn, lab) -> None:
    light = 255 - drawn()
    results = Motion().evaluate([film(np.concatenate([drawn()[:6], light[6:]]))], lab.context)[0]
    assert (results["cuts"].value, results["cuts"].detail) == (1, {"frames": [6]})


def test_a_long_clip_is_measured_at_every_second_frame(film, drawn, lab) -> None:
    frames, rate = np.concatenate([drawn()] * 23), 24
    assert MOST_FRAMES < len(frames) <= 2 * MOST_FRAMES
    flow = flow_series(frames[::2], np.arange(0, len(frames), 2) / rate)
    values = measured(film(frames, rate=rate), lab)
    assert values["dynamic_degree"] == pytest.approx(motion_measures.dynamic_degree(flow), rel=1e-3)


def test_one_frame_shows_no_motion_and_two_no_flicker(film, drawn, lab) -> None:
    one, two = (Motion().evaluate([film(drawn()[:count])], lab.context)[0] for count in (1, 2))
    assert {result.reason for result in one.values()} == {"Nothing can move in it."}
    assert two["flicker"].reason == two["jerk"].reason == "It has fewer than three frames."
    assert two["dynamic_degree"].value > 0


def test_no_sensor_of_motion_ranks_and_more_motion_is_not_better() -> None:
    assert {metric.kind for metric in DECLARATION.metrics} == {"sensor"}
    assert [metric.name for metric in DECLARATION.metrics if not metric.neutral] == ["flicker"]
