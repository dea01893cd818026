"""The survival curve of places at the top, by Kaplan and Meier, for the page: no shape is assumed."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from leaderboard.lifecycle.tenure import Tenure

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = ["age_days", "survival", "low", "high", "at_risk", "events"]


def survival(tenures: Sequence[Tenure], *, confidence: float = 0.95) -> "pd.DataFrame":
    """Return the Kaplan–Meier curve of tenures with its band (log-log Greenwood), by age in days since first seen in.

    Tenures that came at risk late enter late (delayed entry). `at_risk` counts the tenures at each age. Without any
    tenure at risk the table is empty. Computed by lifelines, which is imported where it is used.

    >>> survival([]).empty
    True
    """
    import pandas as pd

    at_risk = [tenure for tenure in tenures if tenure.exposure_days > 0]
    if not at_risk:
        return pd.DataFrame(columns=COLUMNS)
    from lifelines import KaplanMeierFitter

    entry = [tenure.age_at_risk_from for tenure in at_risk]
    ages = [start + tenure.exposure_days for start, tenure in zip(entry, at_risk, strict=True)]
    fitter = KaplanMeierFitter(alpha=1 - confidence)
    fitter.fit(ages, [tenure.ended_by == "overtaken" for tenure in at_risk], entry=entry if any(entry) else None)
    curve, band = fitter.survival_function_.iloc[:, 0], fitter.confidence_interval_
    events = fitter.event_table.reindex(curve.index)
    return pd.DataFrame(
        {
            "age_days": curve.index.to_numpy(dtype=float),
            "survival": curve.to_numpy(dtype=float),
            "low": band.iloc[:, 0].to_numpy(dtype=float),
            "high": band.iloc[:, 1].to_numpy(dtype=float),
            "at_risk": events["at_risk"].to_numpy(dtype=int),
            "events": events["observed"].to_numpy(dtype=int),
        },
        columns=COLUMNS,
    )
