"""Who delivers unsound media more often than the policy allows gets no route; the reason says share and limit."""

import datetime as dt
from dataclasses import replace

import pytest

from data.errors import RoutingError
from leaderboard.routing.decisions.decision_window import UnsoundShare
from leaderboard.routing.decisions.load_evidence import evidence
from leaderboard.routing.policy.file import policy_of, read_policy
from leaderboard.routing.policy.rules import Policy
from leaderboard.routing.table.build import build, build_from
from leaderboard.routing.table.explain import explain
from leaderboard.standings import daily

AT = dt.datetime(2026, 5, 2, tzinfo=dt.UTC)
SHARE = UnsoundShare(n=6, attempts=20, low=0.119, high=0.543, confidence=0.95, limit=0.1)


@pytest.fixture
def table(warehouse, fill, made):
    """Return a table from models given as name, share of right samples, and unsound samples of 40 in all."""
    model, run = made

    def build_table(*models, policy=None):
        named = tuple(model(name=name, right=right, unsound=unsound) for name, right, unsound in models)
        fill(run(run_id="r", calendar="replayed", models=named, prompts=40, seeds=(0,)))
        daily.update(warehouse)
        with warehouse.cursor() as cursor:
            return build_from(cursor, suite="shapes", calendar="replayed", generated_at=AT, policy=policy)

    return build_table


def test_a_leader_with_too_many_unsound_media_is_not_routed_and_the_reason_says_why(table):
    built = table(("dark", 1.0, 6), ("plain", 0.6, 0))
    hero = built.by_alias["image.overall.hero"]
    assert [each.deployment for each in hero.candidates] == ["plain"]
    assert "dark gets no route: it delivers unsound media in 12 of 40 attempts (30%, 95% interval 16.6% to 46.5%)" in (
        hero.decision.reason
    )
    assert "10% allowed" in hero.decision.reason
    assert built.deployments["dark"].status == "quarantined"


def test_a_share_within_the_limit_changes_nothing(table):
    built = table(("dark", 1.0, 2), ("plain", 0.6, 0))
    assert built.by_alias["image.overall.hero"].candidates[0].deployment == "dark"
    assert built.policy.max_unsound_share is None


def test_where_nobody_delivers_sound_media_there_is_no_table(table):
    with pytest.raises(RoutingError, match=r"dark delivers unsound media in 16 of 40 .*raise max_unsound_share"):
        table(("dark", 1.0, 8), ("black", 0.6, 20))


def test_the_limit_of_a_policy_is_in_the_table_and_read_back(table, tmp_path):
    file = tmp_path / "routing.toml"
    file.write_text("max_unsound_share = 0.5\n")
    policy = read_policy(file)
    built = table(("dark", 1.0, 6), ("plain", 0.6, 0), policy=policy)
    assert built.by_alias["image.overall.hero"].candidates[0].deployment == "dark"
    assert (built.policy.max_unsound_share, built.schema_version) == (0.5, "1.2")
    assert policy_of(built.policy.to_json(), "table").max_unsound_share == 0.5


def test_an_incumbent_whose_media_become_unsound_leaves_at_once(season):
    measured, last = season, season.last_window("*")
    hero = "m5"
    bad = {name: replace(each, unsound=SHARE) if name == hero else each for name, each in last.stats.items()}
    windows = [window for window in measured.windows if window != last]
    final = replace(last, first=last.last, stats=bad)
    kept = replace(last, last=last.last - dt.timedelta(days=1))
    built = build(replace(measured, windows=(*windows, kept, final)), generated_at=AT)
    tier = built.by_alias["image.overall.hero"]
    assert tier.decision.action == "quarantine"
    assert tier.decision.reason.startswith("m5 gets no route any more: it delivers unsound media in 6 of 20")
    assert hero not in [each.deployment for each in tier.candidates]


def test_explain_lists_the_limit(warehouse, table):
    table(("dark", 1.0, 6), ("plain", 0.6, 0))
    with warehouse.cursor() as cursor:
        measured = evidence(cursor, suite="shapes", calendar="replayed")
    (tier,) = explain(measured, Policy(), "image.overall.hero")
    dark = next(each for each in tier.field if each.model == "dark")
    assert [(each.key, each.kept) for each in dark.verdicts] == [("max_unsound_share", False)]
    assert "delivers unsound media in 12 of 40" in dark.words


@pytest.mark.parametrize(
    ("n", "attempts", "limit", "kept"), [(2, 20, 0.1, True), (3, 20, 0.1, False), (29, 100, 0.29, True)]
)
def test_a_share_at_the_limit_is_kept(n, attempts, limit, kept):
    assert replace(SHARE, n=n, attempts=attempts, limit=limit).kept is kept


def test_a_newest_run_without_one_sound_sample_ends_the_route(warehouse, fill, made):
    """Nobody stands on its day, so the window before is the last one; the route ends all the same."""
    model, run = made
    for day, unsound in ((1, 0), (2, 20)):
        named = (model(name="only", right=0.9, unsound=unsound),)
        at = dt.datetime(2026, 5, day, 12)
        fill(
            run(run_id=f"r{day}", calendar="live", models=named, seeds=(0,), day=at.date(), committed_at=at, prompts=40)
        )
    daily.update(warehouse)
    with warehouse.cursor() as cursor, pytest.raises(RoutingError, match="only delivers unsound media in 40 of 40"):
        build_from(cursor, suite="shapes", calendar="live", generated_at=AT)
