"""The table of refusals says how many of how many, why, and what is left of quality."""

from leaderboard.board.tables.refusals import refusals
from leaderboard.inference.intervals import mean_interval
from leaderboard.inference.rates import rate_interval
from leaderboard.standings.queries import BoardMetric
from leaderboard.standings.refusals import Refusals

RIGHT = BoardMetric(
    name="right",
    title="Right",
    unit="share",
    higher_is_better=True,
    low=0.0,
    high=1.0,
    kind="quality",
    version="1",
    fingerprint="f",
)


def test_a_row_holds_the_share_the_means_and_the_reasons():
    shy = Refusals(
        model="shy",
        rate=rate_interval(3, 12),
        hits=3,
        attempts=12,
        reasons={"moderation_blocked": 2, "no code given": 1},
        usual=mean_interval([1.0] * 9, bounds=(0.0, 1.0)),
        common=None,
        floored=mean_interval([1.0] * 9 + [0.0] * 3, bounds=(0.0, 1.0)),
    )
    [row] = refusals([shy], RIGHT, {"shy": "Shy 1"}).rows
    texts = {key: cell.text.replace("\u202f", "") for key, cell in row.items()}
    assert texts == {
        "model": "Shy 1",
        "refused": "3 of 12",
        "usual": "100.0%",
        "common": "–",
        "floored": "75.0%",
        "reasons": "moderation_blocked (2), no code given (1)",
    }
    assert row["refused"].sub.startswith("5.5–57.2")
