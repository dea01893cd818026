"""The JSON Schema of the typed table, as it is published: `python -m leaderboard.routing.table.json_schema` prints it.

pydantic writes a schema that means the same in other words; here it gets the words of the committed file, whose meaning
never changes: named definitions for what readers meet more than once, everything else where it stands.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from leaderboard.routing.table.model import DEFINITION, SCHEMA_ID, RoutingTable

SCHEMA: Final = Path(__file__).parent / "schema" / "routing-table.v1.json"
"""The committed schema, which is the published one."""
DROPPED: Final = ("title", "description", "default")
SAID_ALONE: Final = ("const", "enum")


def table_schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) that the typed table has."""
    generated = RoutingTable.model_json_schema()
    definitions: dict[str, Any] = {}
    body = _rewritten(generated, generated["$defs"], definitions)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": SCHEMA_ID,
        "title": "Routing table, version 1",
        "description": RoutingTable.__doc__,
        **body,
        "$defs": definitions,
    }


def _rewritten(node: Mapping[str, Any], models: Mapping[str, Any], definitions: dict[str, Any]) -> dict[str, Any]:
    """Return a schema with models in place, types that have a name as references, and plain words for the rest."""
    if "$ref" in node:
        return _rewritten(models[node["$ref"].rpartition("/")[2]], models, definitions)
    name = node.get(DEFINITION)
    content = {key: value for key, value in node.items() if key not in (*DROPPED, DEFINITION, "$defs")}
    if "anyOf" in content:
        members = [_rewritten(each, models, definitions) for each in content.pop("anyOf")]
        content |= _united(members)
    else:
        content = _parts_rewritten(content, models, definitions)
    if name is None:
        return content
    definitions[name] = content
    return {"$ref": f"#/$defs/{name}"}


def _parts_rewritten(content: dict[str, Any], models: Mapping[str, Any], definitions: dict[str, Any]) -> dict[str, Any]:
    """Return an object, a list or a plain value with each schema inside it rewritten."""
    for pattern, value in content.pop("patternProperties", {}).items():
        name = next(name for name, each in definitions.items() if each.get("pattern") == pattern)
        content |= {"additionalProperties": value, "propertyNames": {"$ref": f"#/$defs/{name}"}}
    for key in ("items", "additionalProperties"):
        if isinstance(content.get(key), Mapping):
            content[key] = _rewritten(content[key], models, definitions)
    if "prefixItems" in content:
        content["prefixItems"] = [_rewritten(each, models, definitions) for each in content["prefixItems"]]
        content["items"] = False
        content.pop("maxItems")
    if "properties" in content:
        required = content.get("required", [])
        content["properties"] = {
            key: _rewritten(value if key in required else _without_null(value), models, definitions)
            for key, value in content["properties"].items()
        }
    if any(word in content for word in SAID_ALONE):
        content.pop("type", None)
    return _closed(content)


def _united(members: list[dict[str, Any]]) -> dict[str, Any]:
    """Return alternatives as one schema where JSON Schema can: a number of either kind, or a type or null."""
    if any(member.get("type") == "number" for member in members):
        members = [member for member in members if member.get("type") != "integer"]
    if len(members) == 1:
        return members[0]
    plain = [member for member in members if member != {"type": "null"}]
    if len(plain) == 1 and "$ref" not in plain[0] and len(plain) < len(members):
        return plain[0] | {"type": [plain[0]["type"], "null"]}
    return {"anyOf": members}


def _without_null(node: Mapping[str, Any]) -> Mapping[str, Any]:
    """A key that may be absent is never null."""
    if "anyOf" not in node:
        return node
    return {**node, "anyOf": [each for each in node["anyOf"] if each != {"type": "null"}]}


def _closed(node: dict[str, Any]) -> dict[str, Any]:
    """Write an object whose keys are an enumeration as the properties that it must have."""
    names = node.get("propertyNames", {}).get("enum")
    if names is None:
        return node
    properties = dict.fromkeys(names, node["additionalProperties"])
    return {"type": "object", "properties": properties, "required": names, "additionalProperties": False}


if __name__ == "__main__":
    print(json.dumps(table_schema(), indent=2))
