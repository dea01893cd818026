"""Whether a value fits a JSON Schema, as compiled closures: a fast yes for large tables, before the slow why not.

It knows the keywords that the routing table's schema uses, and refuses to compile any other: a schema that grows must
be answered here, not half read. The sentences come from jsonschema, which is asked only about what does not fit.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

Check = Callable[[Any], bool]
ANNOTATIONS: Final = frozenset({"$schema", "$id", "$defs", "$comment", "title", "description", "default", "examples"})
KINDS: Final[Mapping[str, Check]] = {
    "string": lambda value: isinstance(value, str),
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "boolean": lambda value: isinstance(value, bool),
    "null": lambda value: value is None,
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "integer": lambda value: not isinstance(value, bool) and (isinstance(value, int) or _whole(value)),
}


def compiled(schema: Mapping[str, Any]) -> Check:
    """Return a function that says whether a JSON value fits a schema. ValueError for a keyword it does not know."""
    return _Compiler(schema).check(schema)


class _Compiler:
    """Turns each part of a schema into a function, references once each."""

    def __init__(self, root: Mapping[str, Any]) -> None:
        self.definitions: Mapping[str, Any] = root.get("$defs", {})
        self.made: dict[str, Check] = {}

    def check(self, schema: Mapping[str, Any] | bool) -> Check:
        if isinstance(schema, bool):
            return lambda _: schema
        checks = [one for name in schema if (one := self._keyword(name, schema)) is not None]
        if len(checks) == 1:
            return checks[0]
        return lambda value: all(check(value) for check in checks)

    def _keyword(self, name: str, schema: Mapping[str, Any]) -> Check | None:
        if name in ANNOTATIONS or name in ("additionalProperties", "items"):
            # The last two stand with the keyword that they complete.
            alone = {"additionalProperties": "properties", "items": "prefixItems"}.get(name)
            return self._complete(name, schema) if alone and alone not in schema else None
        maker = {
            "$ref": self._reference,
            "anyOf": self._any_of,
            "properties": self._properties,
            "propertyNames": self._property_names,
            "prefixItems": self._prefix_items,
        }.get(name)
        if maker is not None:
            return maker(schema)
        if name not in PLAIN:
            raise ValueError(f"Expected a known keyword in the schema, got {name!r}.")
        return PLAIN[name](schema[name])

    def _complete(self, name: str, schema: Mapping[str, Any]) -> Check:
        return self._properties(schema) if name == "additionalProperties" else self._prefix_items(schema)

    def _reference(self, schema: Mapping[str, Any]) -> Check:
        name = str(schema["$ref"]).removeprefix("#/$defs/")
        if name not in self.made:
            self.made[name] = self.check(self.definitions[name])
        return self.made[name]

    def _any_of(self, schema: Mapping[str, Any]) -> Check:
        checks = [self.check(one) for one in schema["anyOf"]]
        return lambda value: any(check(value) for check in checks)

    def _properties(self, schema: Mapping[str, Any]) -> Check:
        known = {name: self.check(one) for name, one in schema.get("properties", {}).items()}
        other = self.check(schema.get("additionalProperties", True))
        return lambda value: (
            not isinstance(value, dict) or all(known.get(name, other)(item) for name, item in value.items())
        )

    def _property_names(self, schema: Mapping[str, Any]) -> Check:
        check = self.check(schema["propertyNames"])
        return lambda value: not isinstance(value, dict) or all(map(check, value))

    def _prefix_items(self, schema: Mapping[str, Any]) -> Check:
        first = [self.check(one) for one in schema.get("prefixItems", ())]
        other = self.check(schema.get("items", True))

        def fits(value: Any) -> bool:
            if not isinstance(value, list):
                return True
            return all((first[i] if i < len(first) else other)(item) for i, item in enumerate(value))

        return fits


def _type(kinds: str | Sequence[str]) -> Check:
    checks = [KINDS[kind] for kind in ([kinds] if isinstance(kinds, str) else kinds)]
    return checks[0] if len(checks) == 1 else lambda value: any(check(value) for check in checks)


def _pattern(pattern: str) -> Check:
    search = re.compile(pattern).search
    return lambda value: not isinstance(value, str) or search(value) is not None


def _number(holds: Callable[[Any, Any], bool]) -> Callable[[Any], Check]:
    return lambda limit: lambda value: not KINDS["number"](value) or holds(value, limit)


def _sized(
    kind: type[str] | type[list[Any]] | type[dict[str, Any]], holds: Callable[[int, int], bool]
) -> Callable[[Any], Check]:
    return lambda limit: lambda value: not isinstance(value, kind) or holds(len(value), limit)


def _same(value: Any, other: Any) -> bool:
    """JSON's equality: true is not 1."""
    return bool(value == other) and isinstance(value, bool) == isinstance(other, bool)


def _whole(value: Any) -> bool:
    return isinstance(value, float) and value.is_integer()


def _unique(wanted: bool) -> Check:
    def fits(value: Any) -> bool:
        if not isinstance(value, list) or not wanted:
            return True
        return len({json.dumps(_plain(item), sort_keys=True) for item in value}) == len(value)

    return fits


def _plain(value: Any) -> Any:
    """JSON has one kind of number: 2.0 is 2."""
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return int(value) if _whole(value) else value


PLAIN: Final[Mapping[str, Callable[[Any], Check]]] = {
    "type": _type,
    "pattern": _pattern,
    "const": lambda wanted: lambda value: _same(value, wanted),
    "enum": lambda wanted: lambda value: any(_same(value, one) for one in wanted),
    "required": lambda names: lambda value: not isinstance(value, dict) or all(name in value for name in names),
    "uniqueItems": _unique,
    "minimum": _number(lambda value, limit: value >= limit),
    "maximum": _number(lambda value, limit: value <= limit),
    "exclusiveMinimum": _number(lambda value, limit: value > limit),
    "minLength": _sized(str, lambda size, limit: size >= limit),
    "maxLength": _sized(str, lambda size, limit: size <= limit),
    "minItems": _sized(list, lambda size, limit: size >= limit),
    "minProperties": _sized(dict, lambda size, limit: size >= limit),
}
