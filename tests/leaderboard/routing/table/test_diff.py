"""Two tables differ where somebody is served by another, weighted otherwise, came or went; not in a score."""

from leaderboard.routing.table.diff import differences
from leaderboard.routing.table.model import (
    Deployment,
    Route,
    RouteTier,
    RoutingTable,
    TierCandidate,
    TierDecision,
    Tombstone,
)


def tier(alias: str, *candidates: tuple[str, int], score: float = 0.5) -> RouteTier:
    entries = tuple(
        TierCandidate.model_construct(deployment=name, rank=rank, weight=weight, score=score)
        for rank, (name, weight) in enumerate(candidates, 1)
    )
    decision = TierDecision.model_construct(reason=f"{candidates[0][0]} leads.")
    return RouteTier.model_construct(alias=alias, candidates=entries, decision=decision)


def table(*tiers: RouteTier, deployments: dict[str, str], tombstones: tuple[Tombstone, ...] = ()) -> RoutingTable:
    """As much of a table as tells one from another."""
    return RoutingTable.model_construct(
        routes=tuple(Route.model_construct(tiers={"hero": each}) for each in tiers),
        deployments={name: Deployment.model_construct(status=status) for name, status in deployments.items()},
        tombstones=tombstones,
    )


OLD = table(tier("image.a.hero", ("oak", 100), ("fern", 0)), deployments={"oak": "active", "fern": "active"})


def test_scores_alone_are_no_difference() -> None:
    new = table(tier("image.a.hero", ("oak", 100), ("fern", 0), score=0.9), deployments=_same())
    assert differences(OLD, new) == ()


def test_a_tier_that_changed_hands_says_from_whom_to_whom_and_why() -> None:
    (one,) = differences(OLD, table(tier("image.a.hero", ("fern", 100), ("oak", 0)), deployments=_same()))
    assert (one.what, one.before, one.after, one.reason) == ("serves", "oak", "fern", "fern leads.")


def test_a_canary_is_a_difference_of_weight() -> None:
    (one,) = differences(OLD, table(tier("image.a.hero", ("oak", 90), ("fern", 10)), deployments=_same()))
    assert (one.what, one.before, one.after) == ("weight", "oak 100", "oak 90, fern 10")


def test_routes_and_deployments_come_and_go() -> None:
    retired = Tombstone.model_construct(deployment="fern", reason="Retired by its maker.")
    statuses = {"oak": "deprecated", "reed": "active"}
    new = table(tier("image.b.hero", ("reed", 100)), deployments=statuses, tombstones=(retired,))
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
