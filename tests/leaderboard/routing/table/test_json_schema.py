"""The typed table and the published schema are the same: the schema is generated from the one and equals the other."""

import json

import jsonschema

from leaderboard.routing.table.json_schema import SCHEMA, table_schema


def test_the_generated_schema_is_the_committed_one():
    assert table_schema() == json.loads(SCHEMA.read_text(encoding="utf-8"))


def test_the_schema_is_a_schema():
    jsonschema.Draft202012Validator.check_schema(table_schema())
