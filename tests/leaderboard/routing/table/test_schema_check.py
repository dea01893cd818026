"""The fast check says yes and no where jsonschema does."""

import copy
import json
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leaderboard.routing.table.lint import SCHEMA
from leaderboard.routing.table.schema_check import compiled

TABLE = json.loads((Path(__file__).parents[1] / "golden" / "table.json").read_text())
ROUTING = json.loads(SCHEMA.read_text())
FITS, REFERENCE = compiled(ROUTING), jsonschema.Draft202012Validator(ROUTING)

json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from([0.5, 2.0, -1.0, "", "a", "A", "a.b", "2026-1"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=6,
)


def places(value, path=()):
    """Every place in a value: the keys that lead to it."""
    yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield from places(item, (*path, key))


PLACES = list(places(TABLE))


def test_the_golden_table_fits():
    assert FITS(TABLE)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_a_changed_table_fits_where_jsonschema_says_so(data):
    table = copy.deepcopy(TABLE)
    *way, last = data.draw(st.sampled_from([one for one in PLACES if one]))
    held = table
    for key in way:
        held = held[key]
    if data.draw(st.booleans()):
        held[last] = data.draw(json_values)
    else:
        held.pop(last)
    assert FITS(table) == REFERENCE.is_valid(table)


def test_numbers_are_the_same_however_they_are_written():
    check = compiled({"uniqueItems": True})
    assert [check(value) for value in ([2, 2.0], [[2], [2.0]], [1, True], [0, False], ["1", 1])] == [
        False,
        False,
        True,
        True,
        True,
    ]


KEYWORDS = [
    {"type": "integer"},
    {"type": "number", "minimum": 1},
    {"maximum": 1},
    {"exclusiveMinimum": 0},
    {"minLength": 1},
    {"maxLength": 1},
    {"minItems": 2},
    {"minProperties": 1},
    {"uniqueItems": True},
    {"const": 1},
    {"enum": [True, "a", None]},
    {"pattern": "^a"},
    {"type": ["array", "null"], "prefixItems": [{"type": "integer"}], "items": False},
    {"items": {"type": "string"}},
    {"properties": {"a": {"type": "integer"}}, "additionalProperties": False},
    {"additionalProperties": {"type": "null"}},
    {"propertyNames": {"pattern": "[ab]"}},
    {"required": ["a"]},
    {"anyOf": [{"type": "null"}, {"$ref": "#/$defs/x"}], "$defs": {"x": {"type": "string"}}},
]


@pytest.mark.parametrize("schema", KEYWORDS, ids=str)
@settings(max_examples=40, deadline=None)
@given(value=json_values)
def test_each_keyword_means_what_it_means_to_jsonschema(schema, value):
    assert compiled(schema)(value) == jsonschema.Draft202012Validator(schema).is_valid(value)


def test_a_keyword_that_it_does_not_know_is_refused():
    with pytest.raises(ValueError, match="got 'oneOf'"):
        compiled({"oneOf": []})
