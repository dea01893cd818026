import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.errors import InputFileError
from data.vocabulary import ALL_CATEGORIES
from leaderboard.routing.policy.file import SHIPPED_FILE, load_policy, policy_of, read_policy
from leaderboard.routing.policy.rules import SHIPPED, Policy, TierRule


@pytest.fixture
def written(tmp_path):
    def write(text):
        path = tmp_path / "routing.toml"
        path.write_text(text)
        return path

    return write


def test_the_shipped_file_says_what_the_code_means(tmp_path):
    assert read_policy(SHIPPED_FILE) == Policy()
    assert load_policy(tmp_path).source == SHIPPED


def test_an_empty_file_is_the_shipped_policy(written):
    assert read_policy(written("")) == Policy()


def test_the_homes_own_file_is_used_and_a_given_one_goes_first(written, tmp_path):
    own = written("k = 5")
    other = tmp_path / "other.toml"
    other.write_text("k = 7")
    assert load_policy(own.parent).k == 5
    assert load_policy(own.parent, other).k == 7


def test_a_tier_keeps_the_shipped_keys_that_its_file_does_not_give(written):
    rule = read_policy(written("[tiers.workhorse]\nmax_cost_usd = 0.01")).rule("single", "workhorse")
    assert rule == TierRule(objective="cheapest-within-tolerance", max_cost_usd=0.01)


def test_a_category_of_its_own_is_laid_over_the_tier(written):
    policy = read_policy(
        written('[tiers.hero]\nmax_cost_usd = 0.01\nresolution = "1024x768"\n[overrides.single.hero]\nmax_cost_usd = 1')
    )
    assert policy.rule("pair", "hero").max_cost_usd == 0.01
    assert policy.rule("single", "hero") == TierRule(max_cost_usd=1, resolution=(1024, 768))


def test_overall_is_all_categories_together(written):
    policy = read_policy(written('categories = ["overall"]\n[overrides.overall.hero]\nseconds = 5'))
    assert policy.categories == (ALL_CATEGORIES,)
    assert policy.rule(ALL_CATEGORIES, "hero").seconds == 5


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("margn = 2", r"routing.toml, key 'margn': Expected a known key, got 'margn'. Did you mean 'margin'\?"),
        ("[tiers.hero]\nmax_cost = 1", r"key 'tiers.hero.max_cost': .* Did you mean 'max_cost_usd'\?"),
        ("[tiers.draft]\nquality_share = 0.5", "key 'tiers.draft': Expected a known key"),
        ("canary_weight = 100", "key 'canary_weight': Expected less than or equal to 99, got 100"),
        ("confidence = 1.0", "key 'confidence': Expected less than 1, got 1.0"),
        ("margin = nan", "key 'margin': Expected "),
        ("k = '3'", "key 'k': Expected a valid integer, got '3'"),
        ("categories = []", "key 'categories': "),
        ("[tiers.hero]\nobjective = 'cheap'", "key 'tiers.hero.objective': Expected 'best-quality', "),
        ("[tiers.hero]\nresolution = 'big'", "key 'tiers.hero.resolution': Expected a resolution such as '1024x1024'"),
        ("[overrides.single.hero]\nseconds = 0", "key 'overrides.single.hero.seconds': Expected greater than 0"),
        ("[tiers.hero", "routing.toml.*: Expected TOML"),
    ],
)
def test_a_broken_policy_is_one_sentence_with_file_and_key(written, text, said):
    with pytest.raises(InputFileError, match=said):
        read_policy(written(text))


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(InputFileError, match=r"nowhere.toml: Expected a readable file"):
        load_policy(tmp_path, tmp_path / "nowhere.toml")


def test_a_table_of_the_shipped_policy_says_it_as_tables_always_did():
    assert set(Policy().to_json()) == {
        "k",
        "gap_days",
        "confidence",
        "switch_margin",
        "min_dwell_days",
        "prior_half_life_days",
        "max_failure_share",
        "canary_days",
        "canary_weight",
        "budget_headroom",
        "poll_interval_s",
        "workhorse_quality_share",
    }


rules = st.builds(
    TierRule,
    objective=st.sampled_from(["best-quality", "cheapest-within-tolerance", "fastest-within-tolerance"]),
    quality_share=st.floats(0.01, 1),
    max_cost_usd=st.none() | st.floats(0, 10),
    max_latency_p95_s=st.none() | st.floats(0.01, 100),
    min_quality=st.none() | st.floats(-5, 5),
    resolution=st.none() | st.tuples(st.integers(1, 9999), st.integers(1, 9999)),
    seconds=st.none() | st.floats(0.1, 60),
    allow_cost_escalation=st.booleans(),
)
tiers = st.fixed_dictionaries({"hero": rules, "workhorse": rules})


@given(
    st.builds(
        Policy,
        k=st.integers(1, 9),
        switch_margin=st.floats(0, 9),
        significance=st.none() | st.floats(0.001, 0.5),
        categories=st.none() | st.just((ALL_CATEGORIES, "single")),
        tiers=tiers,
        overrides=st.dictionaries(st.sampled_from([ALL_CATEGORIES, "single"]), tiers, max_size=2),
    )
)
def test_a_policy_can_be_read_back_from_the_table_that_it_made(policy):
    assert policy_of(policy.to_json(), "table") == policy
