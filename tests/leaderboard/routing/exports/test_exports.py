"""Exports: compared with committed files, and what each of them must hold whatever the table says."""

import copy
import datetime as dt
import json
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from data.errors import RoutingError, UnknownNameError
from leaderboard.routing.exports.flagd import flagd
from leaderboard.routing.exports.litellm import litellm
from leaderboard.routing.exports.openrouter import openrouter
from leaderboard.routing.exports.portkey import portkey
from leaderboard.routing.exports.rendering import TARGETS, targets
from leaderboard.routing.exports.rendering import export as export_table
from leaderboard.routing.revision import sealed
from leaderboard.routing.table.lint import lint
from leaderboard.routing.table.model import RoutingTable

GOLDEN = Path(__file__).parents[1] / "golden"
TABLE = json.loads((GOLDEN / "table.json").read_text())
DAY_AFTER = dt.datetime(2026, 11, 2, tzinfo=dt.UTC)
SOURCE = Path("table.json")


typed = RoutingTable.model_validate
TYPED = typed(TABLE)


def changed(change):
    table = copy.deepcopy(TABLE)
    change(table)
    return typed(sealed(table))


def export(table, *arguments, **options):
    return export_table(table if isinstance(table, RoutingTable) else typed(table), *arguments, **options)


def tier(table, route, name):
    return table["routes"][route]["tiers"][name]


def litellm_of(table):
    return yaml.safe_load(litellm(table).files["config.yaml"])


def groups(content, name):
    return [one["model_info"]["deployment"] for one in content["model_list"] if one["model_name"] == name]


def test_the_table_that_is_exported_holds():
    assert lint(TYPED) == []


@pytest.mark.parametrize("target", TARGETS)
def test_an_export_is_what_it_was(target):
    files = TARGETS[target](TYPED).files
    assert files
    for name, text in files.items():
        assert text == (GOLDEN / name).read_text(), name


@pytest.mark.parametrize("target", TARGETS)
def test_every_file_says_revision_serial_and_expiry(target):
    for text in TARGETS[target](TYPED).files.values():
        assert TABLE["revision"] in text
        assert TABLE["expires_at"] in text
        assert "serial" in text


@pytest.mark.parametrize("target", TARGETS)
def test_every_file_is_yaml_and_is_the_same_for_the_same_table(target):
    first, second = TARGETS[target](TYPED), TARGETS[target](typed(json.loads(json.dumps(TABLE))))
    assert first == second
    for text in first.files.values():
        assert all(isinstance(document, dict) for document in yaml.safe_load_all(text))


@pytest.mark.parametrize("target", TARGETS)
def test_a_season_of_local_models_exports_too(target, table):
    assert TARGETS[target](typed(table)).files


def test_a_weighted_tier_is_a_group_by_weight_and_falls_back_to_each_alone_and_then_down_the_chain():
    content = litellm_of(TYPED)
    held = [one for one in content["model_list"] if one["model_name"] == "image.photoreal.hero"]
    assert {one["model_info"]["deployment"]: one["litellm_params"]["weight"] for one in held} == {
        "big-1": 70,
        "big-2": 30,
    }
    assert content["router_settings"]["fallbacks"][1] == {
        "image.photoreal.hero": [
            "image.photoreal.hero.solo.big-1",
            "image.photoreal.hero.solo.big-2",
            "image.photoreal.workhorse",
        ]
    }


def test_a_priority_tier_is_its_first_candidate_and_the_others_come_after_it():
    content = litellm_of(TYPED)
    assert groups(content, "image.photoreal.workhorse") == ["quick-1"]
    fallbacks = {alias: after for one in content["router_settings"]["fallbacks"] for alias, after in one.items()}
    assert fallbacks["image.photoreal.workhorse"] == ["image.photoreal.workhorse.solo.house-1"]


def test_each_fallback_is_a_group_of_the_file():
    content = litellm_of(TYPED)
    names = {one["model_name"] for one in content["model_list"]}
    assert {
        name for one in content["router_settings"]["fallbacks"] for after in one.values() for name in after
    } <= names


def test_a_route_calls_its_default_tier():
    assert litellm_of(TYPED)["router_settings"]["model_group_alias"] == {
        "text-to-image.photoreal": "image.photoreal.workhorse",
        "text-to-video.overall": "video.overall.workhorse",
    }


def test_a_local_model_is_called_where_a_variable_says():
    [house] = [one for one in litellm_of(TYPED)["model_list"] if one["model_info"]["deployment"] == "house-1"]
    assert house["litellm_params"]["api_base"] == "os.environ/HALFLIFE_LOCAL_BASE_URL"
    assert house["litellm_params"]["api_key"] == "none"


@pytest.mark.parametrize("prefix", ["replicate", "huggingface", "ollama", "cloudflare", "no-such"])
def test_a_prefix_that_answers_with_nothing_is_left_out_and_said(prefix):
    def through(table):
        table["deployments"]["quick-1"]["adapters"]["litellm"]["model"] = f"{prefix}/quick-1"

    made = litellm(changed(through))
    assert f"{prefix}/" not in made.files["config.yaml"]
    assert any("quick-1" in one.what and repr(prefix) in one.why for one in made.left_out)


@pytest.mark.parametrize("target", ["litellm", "portkey"])
def test_a_remote_model_without_an_adapter_is_left_out_and_said(target):
    table = changed(lambda t: t["deployments"]["quick-1"].update(adapters={}))
    assert any("adapters" in one.why for one in TARGETS[target](table).left_out) or target == "portkey"
    assert "pictures.example" not in "".join(TARGETS[target](table).files.values())


def test_a_service_is_asked_only_for_names_that_the_table_knows():
    plain = changed(lambda t: [one.update(adapters={}) for one in t["deployments"].values()])
    made = openrouter(plain)
    assert json.loads(made.files["openrouter.json"])["requests"] == {}
    assert {one.what for one in made.left_out} == {t["alias"] for r in TABLE["routes"] for t in r["tiers"].values()}


def test_what_is_quarantined_serves_nobody():
    table = changed(lambda t: t["deployments"]["big-2"].update(status="quarantined"))
    for target, render in TARGETS.items():
        if target != "litellm-prices":
            assert "big-2" not in "".join(render(table).files.values()), target


def test_a_tier_that_nobody_may_serve_is_refused():
    table = changed(lambda t: t["deployments"]["reel-1"].update(status="retired"))
    with pytest.raises(RoutingError, match=r"may serve 'video\.overall\.workhorse', got only quarantined"):
        litellm(table)


def test_portkey_names_the_variables_to_put_in():
    content = json.loads(portkey(TYPED).files["portkey/image.photoreal.hero.json"])
    assert content["variables"] == ["BIG_KEY", "HALFLIFE_LOCAL_BASE_URL", "QUICK_KEY"]


def test_a_config_too_long_for_a_header_is_refused():
    table = copy.deepcopy(TABLE)
    entry = table["deployments"]["big-1"]
    entry["adapters"]["portkey"]["model"] = "m" * 500
    candidate = tier(table, 0, "hero")["candidates"][0]
    for i in range(40):
        table["deployments"][f"more-{i}"] = copy.deepcopy(entry)
        tier(table, 0, "hero")["candidates"].append(candidate | {"deployment": f"more-{i}"})
    with pytest.raises(RoutingError, match=r"at most 16,384 bytes of Portkey config for 'image\.photoreal\.hero'"):
        portkey(typed(sealed(table)))


@pytest.mark.parametrize(("on_expiry", "after"), [("use-default-only", "quick-1"), ("fail-closed", None)])
def test_flagd_turns_to_what_the_table_says_once_a_tier_expires(on_expiry, after):
    table = changed(lambda t: t.update(on_expiry=on_expiry))
    flag = json.loads(flagd(table).files["flags.json"])["flags"]["image.photoreal.hero"]
    [condition, live, otherwise] = flag["targeting"]["if"]
    assert condition == {"<": [{"var": "$flagd.timestamp"}, 1796092200]}
    assert live == {"fractional": [["big-1", 70], ["big-2", 30]]}
    assert otherwise == after
    assert ("defaultVariant" in flag) == (on_expiry != "fail-closed")


def test_an_export_is_written_whole_and_readable_by_all(tmp_path):
    paths, left = export(TABLE, ["all"], tmp_path / "out", source=SOURCE, at=DAY_AFTER)
    assert {path.stat().st_mode & 0o777 for path in paths} == {0o644}
    assert not list(tmp_path.rglob("*.tmp"))
    assert ("portkey", "video.overall.hero") in {(target, one.what) for target, one in left}


def test_a_config_for_an_alias_that_is_no_more_goes_and_other_files_stay(tmp_path):
    export(TABLE, ["portkey"], tmp_path, source=SOURCE, at=DAY_AFTER)
    folder = tmp_path / "pictures.live" / "portkey"
    (folder / "mine.json").write_text("{}")
    gone = changed(lambda t: tier(t, 0, "hero").update(alias="image.photoreal.best"))
    export(gone, ["portkey"], tmp_path, source=SOURCE, at=DAY_AFTER)
    assert {path.name for path in folder.iterdir()} == {
        "image.photoreal.best.json",
        "image.photoreal.workhorse.json",
        "mine.json",
    }


def test_a_config_of_another_tables_alias_stays(tmp_path):
    other = changed(lambda t: (t.update(table_id="other.live"), tier(t, 0, "hero").update(alias="image.other.hero")))
    for table in (other, TABLE):
        export(table, ["portkey"], tmp_path, source=SOURCE, at=DAY_AFTER)
    assert (tmp_path / "other.live" / "portkey" / "image.other.hero.json").exists()
    assert (tmp_path / "pictures.live" / "portkey" / "image.photoreal.hero.json").exists()


@pytest.mark.parametrize(
    ("change", "key"),
    [
        (lambda t: tier(t, 0, "workhorse")["fallback"].update(chain=["image.photoreal.hero"]), "image.photoreal"),
        (lambda t: tier(t, 0, "hero")["candidates"][0].update(deployment="ghost"), "tiers.hero"),
        (lambda t: t.update(expires_at="2026-11-02T00:00:00Z", stale_after="2026-11-02T00:00:00Z"), "expires_at"),
        (lambda t: t.update(not_before="2026-11-03T00:00:00Z"), "not_before"),
    ],
)
def test_a_table_that_does_not_hold_is_refused_by_file_and_key_and_nothing_is_written(change, key, tmp_path):
    with pytest.raises(RoutingError, match=rf"table\.json, key '.*{key}"):
        export(changed(change), ["all"], tmp_path / "out", source=SOURCE, at=DAY_AFTER)
    assert not (tmp_path / "out").exists()


def test_a_tampered_table_is_refused(tmp_path):
    with pytest.raises(RoutingError, match="key 'revision': Expected sha256"):
        export({**TABLE, "poll_interval_s": 1}, ["all"], tmp_path, source=SOURCE, at=DAY_AFTER)


def test_an_unknown_gateway_is_answered_with_the_nearest():
    with pytest.raises(UnknownNameError, match="Did you mean 'litellm'"):
        targets(["litelm"])


weights = st.lists(st.integers(0, 1000), min_size=2, max_size=2).filter(sum)


@settings(max_examples=25, deadline=None)
@given(weights=weights, strategy=st.sampled_from(["weighted", "priority"]))
def test_whoever_has_no_weight_gets_no_call_from_any_gateway(weights, strategy):
    def share(table):
        tier(table, 0, "hero")["strategy"] = strategy
        for candidate, weight in zip(tier(table, 0, "hero")["candidates"], weights, strict=True):
            candidate["weight"] = weight

    table = changed(share)
    live = [name for name, weight in zip(["big-2", "big-1"], weights, strict=True) if weight]
    flag = json.loads(flagd(table).files["flags.json"])["flags"]["image.photoreal.hero"]
    assert sorted(flag["variants"]) == sorted(live)
    assert set(groups(litellm_of(table), "image.photoreal.hero")) == set(live if strategy == "weighted" else live[:1])
    assert {
        name for name in ("big-1", "big-2") if name in portkey(table).files["portkey/image.photoreal.hero.json"]
    } == set(live)
