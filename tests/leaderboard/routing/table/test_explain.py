import datetime as dt
import json
import shutil

import numpy as np
import pytest

from data.errors import InputFileError, RoutingError, UnknownNameError
from data.home import Home
from data.lifecycle.states import StateChange, write_states
from data.store.snapshot import current as newest
from leaderboard.routing.policy.rules import Policy, TierRule
from leaderboard.routing.revision import sealed
from leaderboard.routing.serving.publish import current, publish, roll_back
from leaderboard.routing.serving.reproduce import derive, sound_table
from leaderboard.routing.table.build import build_from
from leaderboard.routing.table.explain import explain
from leaderboard.routing.table.model import RoutingTable

MADE = dt.datetime(2026, 6, 1, 8, 30, 15, 123456, tzinfo=dt.UTC)
RULES = {
    "hero": TierRule(max_cost_usd=5e-6, max_latency_p95_s=20.0),
    "workhorse": TierRule(objective="cheapest-within-tolerance", quality_share=0.8),
}


@pytest.fixture(scope="module")
def published(sealed_season, tmp_path_factory):
    """A published table of the made season under a policy with budgets, and the home that it lies in."""
    home = Home(tmp_path_factory.mktemp("explained") / "observatory")
    shutil.copytree(sealed_season, home.path)
    with newest(home).connect() as cursor:
        table = build_from(
            cursor, suite="shapes", calendar="replayed", generated_at=MADE, policy=Policy(k=2, tiers=RULES)
        )
    publish(table, home.routing)
    return home, table


@pytest.fixture(scope="module")
def derived(published):
    home, table = published
    return derive(home, table)


def test_a_table_is_derived_again_to_the_byte(derived):
    assert derived.sentence == "Built again from its runs: the same table, byte for byte."
    assert (derived.same_bytes, derived.agrees, derived.differences) == (True, True, ())


def test_nothing_of_the_store_or_the_snapshot_is_needed(published, tmp_path):
    home, table = published
    bare = Home(tmp_path / "bare")
    shutil.copytree(home.runs, bare.runs)
    assert derive(bare, table).same_bytes


def test_a_table_that_was_changed_and_sealed_again_is_found_out(published):
    home, table = published
    other = table.to_json()
    other["routes"][0]["tiers"]["hero"]["decision"].update(reason="Because.")
    found = derive(home, RoutingTable.model_validate(sealed(other)))
    assert not found.agrees
    assert "$.routes[0].tiers.hero.decision.reason was published as 'Because.' and is " in found.sentence


def test_a_table_that_was_gone_back_to_says_the_same(published, tmp_path):
    home, table = published
    other = Home(tmp_path / "other")
    shutil.copytree(home.path, other.path)
    with newest(other).connect() as cursor:
        second = build_from(
            cursor, suite="shapes", calendar="replayed", generated_at=MADE + dt.timedelta(days=1), previous=table
        )
    publish(second, other.routing)
    roll_back(other.routing, table.table_id, table.revision, at=MADE + dt.timedelta(days=60))
    found = derive(other, current(other.routing, table.table_id).content)
    assert (found.same_bytes, found.agrees) == (False, True)
    assert found.sentence.endswith("the same routes for the same reasons; serial or times differ.")


def test_a_signature_is_no_difference(published):
    home, table = published
    assert derive(
        home, RoutingTable.model_validate({**table.to_json(), "signatures": [{"keyid": "k", "sig": "c2ln"}]})
    ).agrees


def test_a_run_that_was_changed_is_refused(published, tmp_path):
    home, table = published
    other = Home(tmp_path / "other")
    shutil.copytree(home.runs, other.runs)
    scores = next(other.runs.rglob("scores.parquet"))
    scores.write_bytes(scores.read_bytes()[:-1] + b"?")
    with pytest.raises(InputFileError, match=r"scores.parquet"):
        derive(other, table)


def test_a_run_that_is_not_here_is_named(published, tmp_path):
    with pytest.raises(RoutingError, match="got no folder of 20260301-shapes-0a"):
        derive(Home(tmp_path), published[1])


def test_what_was_decided_later_does_not_count(published, tmp_path):
    home, table = published
    later = Home(tmp_path / "later")
    shutil.copytree(home.path, later.path)
    change = StateChange(
        model="better",
        state="quarantined",
        day=dt.date(2026, 5, 29),
        reason="It changed.",
        by="hand",
        at=MADE + dt.timedelta(hours=1),
    )
    write_states(later, [change])
    assert derive(later, table).same_bytes


def test_what_was_decided_before_does(published, tmp_path):
    home, table = published
    earlier = Home(tmp_path / "earlier")
    shutil.copytree(home.path, earlier.path)
    change = StateChange(
        model="better",
        state="quarantined",
        day=dt.date(2026, 5, 1),
        reason="It changed.",
        by="hand",
        at=MADE - dt.timedelta(hours=1),
    )
    write_states(earlier, [change])
    assert not derive(earlier, table).agrees


def test_a_table_that_lint_refuses_is_not_explained(published, tmp_path):
    path = tmp_path / "tampered.json"
    path.write_text(json.dumps({**published[1].to_json(), "poll_interval_s": 1}))
    with pytest.raises(RoutingError, match=r"tampered.json, got revision: Expected sha256"):
        sound_table(path)


def test_every_model_of_the_field_is_explained_the_holder_first(derived):
    (hero,) = explain(derived.evidence, derived.policy, "image.overall.hero")
    assert [one.model for one in hero.field] == ["better", "best", "thrifty", "old"]
    assert [one.holds for one in hero.field] == [True, False, False, False]
    best = hero.field[1]
    assert best.words.startswith("Breaks the tier's budget: it costs 8.88")
    assert [(one.key, one.kept) for one in best.verdicts] == [("max_cost_usd", False), ("max_latency_p95_s", True)]


def test_a_route_has_both_tiers_and_an_alias_one(derived):
    both = explain(derived.evidence, derived.policy, "text-to-image.overall")
    assert [one.alias for one in both] == ["image.overall.hero", "image.overall.workhorse"]
    assert both[1].aim == "the cheapest with at least 80% of better's quality"


def test_the_holder_is_the_one_in_the_table(derived, published):
    for route in published[1].routes:
        for one in explain(derived.evidence, derived.policy, route.id):
            tier = route.tiers[one.tier]
            assert one.decision.incumbent == tier.candidates[0].deployment
            assert one.decision.reason == tier.decision.reason
            assert one.history[-1].day == one.decision.since


def test_the_paired_difference_stands_with_an_interval_that_agrees_with_its_p(derived):
    (hero,) = explain(derived.evidence, derived.policy, "image.overall.hero")
    window = derived.evidence.last_window("*")
    for one in hero.field[1:]:
        other, own = window.column(one.model), window.column("better")
        assert one.beside.difference == pytest.approx(np.mean(other - own))
        assert -1 <= one.beside.low <= one.beside.difference <= one.beside.high <= 1
        assert (one.beside.low > 0 or one.beside.high < 0) == (one.beside.p < 0.05)


def test_a_workhorse_says_who_is_not_good_enough_and_who_is_dearer(derived):
    (work,) = explain(derived.evidence, derived.policy, "image.overall.workhorse")
    said = {one.model: one.words for one in work.field if not one.holds}
    assert said["old"].startswith("Below 80% of better's quality by 0.")
    assert any("dearer than the holder" in words for words in said.values())


def test_an_explanation_is_json(derived):
    for one in explain(derived.evidence, derived.policy, "text-to-image.overall"):
        said = json.loads(json.dumps(one.to_json(), allow_nan=False))
        assert said["decision"]["day"] == "2026-05-29"
        assert said["rule"]["objective"] == one.rule.objective


def test_an_unknown_alias_is_answered_with_the_nearest(derived):
    with pytest.raises(UnknownNameError, match=r"Did you mean 'image.single.hero'"):
        explain(derived.evidence, derived.policy, "image.singel.hero")
