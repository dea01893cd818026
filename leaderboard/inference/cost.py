"""What a sample costs: the mean over prompts with its interval; an unknown cost is counted, never taken as zero."""

from typing import TYPE_CHECKING

import numpy as np

from leaderboard.inference.intervals import mean_interval

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = [
    "model",
    "usd_per_sample",
    "low",
    "high",
    "n_prompts",
    "n_known",
    "n_unknown",
    "n_ok",
    "total_usd",
    "usd_per_ok",
    "source",
    "method",
    "confidence",
    "reason",
]


def cost_summary(samples: "pd.DataFrame", *, confidence: float = 0.95) -> "pd.DataFrame":
    """Return one row a model in US dollars; columns model, prompt, status, cost_usd and cost_source are read.

    `usd_per_sample` is the mean over prompts (attempts averaged within a prompt) of every attempt with a known cost,
    failed ones too, for they are paid. `usd_per_ok` is what a sample that can be used costs: all known money over the
    ok samples, None where some cost is unknown. No cost known: None, with the reason.
    """
    import pandas as pd

    rows = [_row(str(model), held, confidence) for model, held in samples.groupby("model", sort=True)]
    return pd.DataFrame(rows, columns=COLUMNS)


def _row(model: str, held: "pd.DataFrame", confidence: float) -> dict[str, object]:
    known = held[held["cost_usd"].notna()]
    ok, unknown = int((held["status"] == "ok").sum()), len(held) - len(known)
    row: dict[str, object] = {
        "model": model,
        "n_known": len(known),
        "n_unknown": unknown,
        "n_ok": ok,
        "confidence": confidence,
        "source": ", ".join(sorted(set(known["cost_source"]))) or "unknown",
    }
    if known.empty:
        return row | {"n_prompts": 0, "method": "none", "reason": f"No cost is known for {unknown} samples."}
    total = float(known["cost_usd"].sum())
    found = mean_interval(
        known.groupby("prompt")["cost_usd"].mean().to_numpy(dtype=np.float64), confidence=confidence, bounds=(0.0, None)
    )
    return row | {
        "usd_per_sample": found.estimate,
        "low": found.low,
        "high": found.high,
        "n_prompts": found.n,
        "total_usd": total,
        "usd_per_ok": total / ok if ok and not unknown else None,
        "method": found.method,
        "reason": found.reason,
    }
