"""The typed table takes what jsonschema takes by the committed schema, and says of each key what does not fit."""

import copy
import json
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.errors import RoutingError
from leaderboard.routing.table.json_schema import SCHEMA
from leaderboard.routing.table.parsing import parse_table, parsed

TABLE = json.loads((Path(__file__).parents[1] / "golden" / "table.json").read_text())
REFERENCE = jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text()))

json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from([0.5, 2.0, -1.0, "", "a", "A", "a.b", "2026-1"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=6,
)


def fits(content):
    return parsed(content)[0] is not None


def with_rules():
    """The golden table as schema 1.1 has it, with every key that may be absent."""
    table = copy.deepcopy(TABLE)
    rule = {
        "objective": "best-quality",
        "quality_share": 0.9,
        "max_cost_usd": 1,
        "max_latency_p95_s": 2.5,
        "min_quality": -1.0,
        "resolution": "512x512",
        "seconds": 5,
        "allow_cost_escalation": True,
    }
    table["schema_version"] = "1.1"
    table["policy"] |= {
        "gap_days": 7,
        "workhorse_quality_share": 1,
        "max_failure_share": 0.1,
        "canary_days": 2,
        "canary_weight": 10,
        "budget_headroom": 2.0,
        "poll_interval_s": 300,
        "significance": 0.01,
        "categories": ["overall", "overall"],
        "tiers": {"hero": rule},
        "overrides": {"Any Name": {"workhorse": rule, "hero": rule}},
    }
    tier = table["routes"][0]["tiers"]["hero"]
    tier["fallback"]["allow_cost_escalation"] = False
    tier["candidates"][0]["at_shape"] = {
        "size": "99999999x1",
        "seconds": None,
        "latency_s": {"p50": 1, "p95": None},
        "cost_usd": 0,
        "basis": "predicted",
        "said": "predicted",
        "scored_at": "64x64",
    }
    table["signatures"] = [{"keyid": "k", "sig": "c2ln"}]
    return table


def places(value, path=()):
    """Every place in a value: the keys that lead to it."""
    yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield from places(item, (*path, key))


TABLES = [(table, [path for path in places(table) if path]) for table in (TABLE, with_rules())]


@pytest.mark.parametrize("table", [table for table, _ in TABLES])
def test_a_table_that_fits_is_read_and_written_without_a_change(table):
    assert REFERENCE.is_valid(table)
    content = parse_table(table, Path("table.json")).to_json()
    assert content == table
    assert json.dumps(content, sort_keys=True) == json.dumps(table, sort_keys=True)


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_a_changed_table_fits_where_jsonschema_says_so(data):
    original, paths = data.draw(st.sampled_from(TABLES))
    table = copy.deepcopy(original)
    *way, last = data.draw(st.sampled_from(paths))
    parent = table
    for key in way:
        parent = parent[key]
    change = data.draw(st.sampled_from(["replace", "remove", "add", "repeat"]))
    if change == "replace":
        parent[last] = data.draw(json_values)
    elif change == "remove":
        parent.pop(last)
    elif isinstance(parent, list):
        parent.append(copy.deepcopy(parent[last]) if change == "repeat" else data.draw(json_values))
    else:
        parent[data.draw(st.sampled_from(["start", "schema_id", "other", "model", last]))] = data.draw(json_values)
    assert fits(table) == REFERENCE.is_valid(table)


@pytest.mark.parametrize("content", [None, [], "table", 1, {}, {"kind": "shopping-list"}])
def test_anything_else_than_a_table_does_not_fit(content):
    assert not fits(content)


@pytest.mark.parametrize("number", [2, 2.0])
def test_numbers_are_the_same_however_they_are_written(number):
    table = {**TABLE, "serial": number}
    assert (parsed(table)[0].serial, type(parsed(table)[0].serial)) == (2, int)
    twice = copy.deepcopy(TABLE)
    twice["routes"][0]["tiers"]["hero"]["fallback"]["on_status_codes"] = [429, 429.0]
    assert not fits(twice)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda t: t.pop("evidence"), r"key '\$\.evidence': Expected a value, got none. Add the key."),
        (
            lambda t: t.update(colour=1),
            r"key '\$\.colour': Expected a known key, got one that the schema does n",
        ),
        (lambda t: t.update(serial=0), r"key '\$\.serial': Expected a number of at least 1, got 0."),
        (lambda t: t.update(serial=True), r"key '\$\.serial': Expected a valid integer, got True."),
        (lambda t: t.update(table_id="A b"), r"key '\$\.table_id': Expected text of the form .*, got 'A b'."),
        (
            lambda t: t.update(on_expiry="stop"),
            r"key '\$\.on_expiry': Expected 'hold-last-known-good', 'use-default",
        ),
        (lambda t: t.update(signatures=None), r"key '\$\.signatures': Expected a value, or no such key, got null"),
        (
            lambda t: t["routes"][0]["tiers"].pop("hero"),
            r"key '\$\.routes\[0\]\.tiers': Expected the tiers 'work",
        ),
        (
            lambda t: t["routes"][1]["tiers"]["hero"]["candidates"][0].update(score="high"),
            r"key '\$\.routes\[1\]\.tiers\.hero\.candidates\[0\]\.score': Expected a valid number, got 'high'.",
        ),
        (lambda t: t["deployments"].update({"A b": {}}), r"key '\$\.deployments\.A b': Expected text of the form"),
    ],
)
def test_what_does_not_fit_is_one_sentence_with_file_and_key(change, sentence):
    table = copy.deepcopy(TABLE)
    change(table)
    with pytest.raises(RoutingError, match=rf"^table\.json, {sentence}"):
        parse_table(table, Path("table.json"))
