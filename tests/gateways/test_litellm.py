"""`litellm.Router` reads our config and does what the table says; its calls go to a server on loopback."""

import pytest
from scipy.stats import binom

from leaderboard.routing.exports.litellm import PREFIXES
from leaderboard.routing.exports.litellm import litellm as render
from leaderboard.routing.exports.litellm_prices import litellm_prices
from leaderboard.routing.table.model import RoutingTable

HERO, WORKHORSE = "image.photoreal.hero", "image.photoreal.workhorse"


@pytest.fixture
def loaded(litellm, table, tmp_path, upstream):
    """What a new Router holds after reading the export."""
    path = tmp_path / "config.yaml"
    path.write_text(render(RoutingTable.model_validate(table)).files["config.yaml"])
    return litellm.ask("load", path=str(path))


def within(count, n, share):
    """Whether a count is one that a binomial shows in all but one of a million runs."""
    return binom.ppf(5e-7, n, share) <= count <= binom.ppf(1 - 5e-7, n, share)


def test_it_holds_every_alias_and_says_revision_serial_and_expiry(loaded, table):
    aliases = {tier["alias"] for route in table["routes"] for tier in route["tiers"].values()}
    assert aliases <= {one["name"] for one in loaded}
    for one in loaded:
        said = one["info"]["routing"]
        assert {name: said[name] for name in ("serial", "revision", "expires_at")} == {
            name: table[name] for name in ("serial", "revision", "expires_at")
        }


def test_calls_are_shared_by_weight(loaded, litellm, upstream):
    answers = litellm.ask("images", model=HERO, n=200)
    assert {one["pictures"] for one in answers} == {1}
    assert upstream.asked["big-1"] + upstream.asked["big-2"] == 200
    assert within(upstream.asked["big-2"], 200, 0.3)


def test_each_key_reaches_its_own_provider_alone(loaded, litellm, upstream):
    upstream.failing.update({"big-1": 503, "big-2": 503})
    litellm.ask("images", model=HERO)
    assert {upstream.keys[name] for name in ("big-1", "big-2") if name in upstream.keys} == {"Bearer the-value-of-big"}
    assert upstream.keys["quick-1"] == "Bearer the-value-of-quick"


def test_when_the_primary_fails_its_sibling_answers(loaded, litellm, upstream):
    upstream.failing["big-1"] = 503
    answers = litellm.ask("images", model=HERO, n=5)
    assert [one["pictures"] for one in answers] == [1] * 5
    assert upstream.asked["big-2"] == 5


def test_when_a_tier_fails_its_fallback_answers_within_a_ceiling_of_calls(loaded, litellm, upstream):
    upstream.failing.update({"big-1": 500, "big-2": 500})
    [answer] = litellm.ask("images", model=HERO)
    assert answer["pictures"] == 1
    assert upstream.asked["quick-1"] == 1
    assert upstream.asked.total() <= 4


def test_when_all_fail_the_caller_is_told_and_each_step_was_asked_once(loaded, litellm, upstream):
    upstream.failing["*"] = 500
    [answer] = litellm.ask("images", model=HERO)
    assert "Error" in answer["error"]
    assert upstream.asked.total() == 5


def test_nobody_is_asked_without_end_by_a_client_that_retries(loaded, litellm, upstream):
    """LiteLLM does not hand `max_retries: 0` on for images: OpenAI's client asks three times at each step."""
    upstream.failing.update({"big-1": 500, "big-2": 500})
    upstream.asks_for_no_retry = False
    [answer] = litellm.ask("images", model=HERO)
    assert answer["pictures"] == 1
    assert upstream.asked.total() <= 3 * 3 + 1


def test_a_dead_hero_is_left_alone_after_its_first_failure(loaded, litellm, upstream):
    upstream.failing.update({"big-1": 500, "big-2": 500})
    upstream.asks_for_no_retry = False
    answers = litellm.ask("images", model=HERO, n=8)
    assert [one["pictures"] for one in answers] == [1] * 8
    assert upstream.asked["quick-1"] == 8
    assert upstream.asked["big-1"] + upstream.asked["big-2"] <= 4 * 3


def test_a_bad_prompt_cools_nobody_down(loaded, litellm, upstream):
    upstream.failing["*"] = 400
    litellm.ask("images", model=HERO)
    upstream.failing.clear()
    [answer] = litellm.ask("images", model=HERO)
    assert (answer["pictures"], upstream.asked["quick-1"]) == (1, 1)


def test_a_local_model_answers_where_the_variable_says(loaded, litellm, upstream):
    upstream.failing["quick-1"] = 502
    [answer] = litellm.ask("images", model=WORKHORSE)
    assert (answer["pictures"], upstream.asked["house-1"]) == (1, 1)


def test_a_route_by_its_own_id_is_its_default_tier(loaded, litellm, upstream):
    [answer] = litellm.ask("images", model="text-to-image.photoreal")
    assert (answer["pictures"], dict(upstream.asked)) == (1, {"quick-1": 1})


def test_a_tag_picks_the_canary(loaded, litellm, upstream):
    litellm.ask("images", model=HERO, n=8, metadata={"tags": ["canary"]})
    assert dict(upstream.asked) == {"big-2": 8}


def test_a_picture_costs_what_the_table_says(loaded, litellm, upstream):
    [answer] = litellm.ask("images", model=WORKHORSE)
    assert answer["cost"] == pytest.approx(0.01)


def test_a_video_is_asked_for(loaded, litellm, upstream):
    assert litellm.ask("video", model="video.overall.hero") == {"id": True, "status": "queued"}
    assert dict(upstream.asked) == {"reel-1": 1}


def test_a_picture_is_changed_and_falls_back(litellm, changed, upstream, tmp_path):
    def edits(table):
        table["routes"][0]["task"] = "image-edit"
        for name in ("big-1", "big-2", "quick-1", "house-1"):
            table["deployments"][name]["tasks"] = ["image-edit"]

    (tmp_path / "config.yaml").write_text(render(RoutingTable.model_validate(changed(edits))).files["config.yaml"])
    litellm.ask("load", path=str(tmp_path / "config.yaml"))
    upstream.failing.update({"big-1": 503, "big-2": 503})
    assert litellm.ask("edit", model=HERO) == 1
    assert upstream.asked["quick-1"] == 1


@pytest.mark.parametrize("mode", PREFIXES)
def test_no_allowed_prefix_answers_a_failure_with_nothing(mode, litellm, upstream):
    upstream.failing["*"] = 500
    found = litellm.ask("prefixes", mode=mode, names=sorted(PREFIXES[mode]), base=f"{upstream.url}/v1")
    assert {name: said for name, said in found.items() if not isinstance(said, str)} == {}


def test_the_prefixes_that_are_not_allowed_do_answer_with_nothing(litellm, upstream):
    names = ["replicate", "ollama", "cloudflare"]
    found = litellm.ask("prefixes", mode="image_generation", names=names, base=f"{upstream.url}/v1")
    assert found == {"replicate": 0, "ollama": 0, "cloudflare": 0}
    assert upstream.asked.total() == 0


def test_its_price_map_takes_our_entries(litellm, table, tmp_path):
    path = tmp_path / "prices.json"
    path.write_text(litellm_prices(RoutingTable.model_validate(table)).files["model_prices.json"])
    held = litellm.ask("price", path=str(path), model="openai/big-1")
    assert (held["output_cost_per_image"], held["deprecation_date"]) == (0.03, "2027-02-01")
    assert (held["info"], held["metadata"]["revision"]) == (0.03, table["revision"])
