"""Two tables differ where somebody is served by another, weighted otherwise, came or went; not in a score."""

import copy
from typing import Any

from leaderboard.routing.table.diff import differences


def tier(alias: str, *candidates: tuple[str, int]) -> dict[str, Any]:
    held = [{"deployment": name, "rank": at, "weight": w, "score": 0.5} for at, (name, w) in enumerate(candidates, 1)]
    return {"alias": alias, "candidates": held, "decision": {"reason": f"{candidates[0][0]} leads."}}


def table(*tiers: dict[str, Any], deployments: dict[str, str]) -> dict[str, Any]:
    routes = [{"tiers": {"hero": one}} for one in tiers]
    return {"routes": routes, "deployments": {n: {"status": s} for n, s in deployments.items()}, "tombstones": []}


OLD = table(tier("image.a.hero", ("oak", 100), ("fern", 0)), deployments={"oak": "active", "fern": "active"})


def test_scores_alone_are_no_difference() -> None:
    new = copy.deepcopy(OLD)
    new["routes"][0]["tiers"]["hero"]["candidates"][0]["score"] = 0.9
    assert differences(OLD, new) == ()


def test_a_tier_that_changed_hands_says_from_whom_to_whom_and_why() -> None:
    (one,) = differences(OLD, table(tier("image.a.hero", ("fern", 100), ("oak", 0)), deployments=_same()))
    assert (one.what, one.before, one.after, one.reason) == ("serves", "oak", "fern", "fern leads.")


def test_a_canary_is_a_difference_of_weight() -> None:
    (one,) = differences(OLD, table(tier("image.a.hero", ("oak", 90), ("fern", 10)), deployments=_same()))
    assert (one.what, one.before, one.after) == ("weight", "oak 100", "oak 90, fern 10")


def test_routes_and_deployments_come_and_go() -> None:
    new = table(tier("image.b.hero", ("reed", 100)), deployments={"oak": "deprecated", "reed": "active"})
    new["tombstones"] = [{"deployment": "fern", "reason": "Retired by its maker."}]
    found = {(one.name, one.what): (one.before, one.after, one.reason) for one in differences(OLD, new)}
    assert found == {
        ("image.b.hero", "new route"): ("", "reed", "reed leads."),
        ("image.a.hero", "gone route"): ("oak", "", ""),
        ("fern", "gone"): ("active", "", "Retired by its maker."),
        ("oak", "status"): ("active", "deprecated", ""),
        ("reed", "new"): ("", "active", ""),
    }


def _same() -> dict[str, str]:
    return {"oak": "active", "fern": "active"}
