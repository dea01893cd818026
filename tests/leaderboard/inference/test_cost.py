import pandas as pd
import pytest

from leaderboard.inference.cost import cost_summary


def samples(costs, statuses=None, model="m"):
    return pd.DataFrame(
        {
            "model": model,
            "prompt": [f"p{i // 2}" for i in range(len(costs))],
            "cost_usd": pd.array(costs, dtype="Float64"),
            "status": statuses or ["ok"] * len(costs),
            "cost_source": ["unknown" if c is None else "reported" for c in costs],
        }
    )


def test_attempts_are_averaged_within_a_prompt_first():
    row = cost_summary(samples([1.0, 3.0, 4.0])).iloc[0]
    assert (row["usd_per_sample"], row["n_prompts"], row["total_usd"]) == (3.0, 2, 8.0)


def test_an_unknown_cost_is_counted_and_never_zero():
    row = cost_summary(samples([2.0, None, 4.0, None])).iloc[0]
    assert (row["usd_per_sample"], row["n_known"], row["n_unknown"]) == (3.0, 2, 2)
    assert row["source"] == "reported"
    assert pd.isna(row["usd_per_ok"])


def test_failed_attempts_are_paid_by_the_good_ones():
    row = cost_summary(samples([1.0, 1.0, 1.0, 1.0], ["ok", "failed", "ok", "refused"])).iloc[0]
    assert (row["usd_per_sample"], row["usd_per_ok"]) == (1.0, 2.0)


def test_no_known_cost_has_a_reason():
    row = cost_summary(samples([None, None])).iloc[0]
    assert pd.isna(row["usd_per_sample"])
    assert row["reason"] == "No cost is known for 2 samples."


def test_the_interval_never_goes_below_zero():
    row = cost_summary(samples([0.0, 0.0, 0.0, 0.0, 9.0, 9.0])).iloc[0]
    assert (row["low"], row["usd_per_sample"]) == (0.0, pytest.approx(3.0))
