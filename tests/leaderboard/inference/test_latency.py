import numpy as np
import pandas as pd

from leaderboard.inference.latency import latency_summary


def calls(n=30, **more):
    frame = pd.DataFrame(
        {
            "model": "m",
            "status": "ok",
            "call": ["first"] + ["steady"] * (n - 1),
            "seconds": [9.0] + [1.0 + i / 100 for i in range(n - 1)],
            "step_seconds": [[5.0, 5.0]] + [[0.1, 0.2, 0.3]] * (n - 1),
            "decode_seconds": None,
        }
    )
    return frame.assign(**more)


def test_the_first_call_and_loading_stand_apart():
    loads = pd.DataFrame({"model": ["m"], "load_seconds": [4.0]})
    found = latency_summary(calls(), loads).set_index("phase")
    assert found.loc["first call", ["p50", "n"]].tolist() == [9.0, 1]
    assert found.loc["load", "p50"] == 4.0
    assert found.loc["seconds", "p95"] < 2


def test_a_phase_that_no_call_saw_has_no_row():
    assert "decode" not in set(latency_summary(calls())["phase"])


def test_a_step_is_the_median_step_of_each_steady_call():
    row = latency_summary(calls()).set_index("phase").loc["step"]
    assert (row["p50"], row["n"]) == (0.2, 29)


def test_calls_that_failed_do_not_count():
    frame = calls()
    frame.loc[5:, "status"] = "timed-out"
    assert latency_summary(frame).set_index("phase").loc["seconds", "n"] == 4


def test_few_calls_have_no_p95_but_a_reason():
    row = latency_summary(calls(10)).set_index("phase").loc["seconds"]
    assert pd.isna(row["p95"])
    assert row["p95_reason"] == "A p95 needs 20 calls, got 9."


def test_no_samples_make_an_empty_table():
    assert latency_summary(calls().iloc[:0]).empty


def test_steps_read_from_the_warehouse_are_arrays():
    frame = calls().assign(step_seconds=lambda f: [np.array(steps) for steps in f["step_seconds"]])
    assert "step" in set(latency_summary(frame)["phase"])
