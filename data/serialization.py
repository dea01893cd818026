"""Canonical JSON, content hashes, and records to JSON and back.

Canonical JSON is RFC 8785 (sorted keys, no white space, shortest numbers), so that the same content has the same
sha256 on every machine. Dates are ISO 8601, times RFC 3339 in UTC with a `Z`.
"""

import dataclasses
import datetime as dt
import functools
import hashlib
import json
import types
import typing
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import rfc8785

Record = TypeVar("Record")
Decoder = Callable[[Any, str], Any]

LARGEST_EXACT_INTEGER = 2**53 - 1


def canonical(obj: Any) -> bytes:
    """Return the RFC 8785 bytes of `obj`: records, mappings, sequences, dates, aware datetimes and JSON's own types.

    Half surrogate pairs, which UTF-8 cannot hold, become U+FFFD. Raises ValueError on NaN, infinities and integers
    beyond ±(2**53 - 1), which JSON cannot hold exactly, and on naive datetimes.

    >>> canonical({"b": (1, 2.50), "a": dt.date(2026, 1, 31)})
    b'{"a":"2026-01-31","b":[1,2.5]}'
    """
    encoded: bytes = rfc8785.dumps(plain(obj))
    return encoded


def digest(obj: Any) -> str:
    """Return the sha256 (64 hex digits) of the canonical JSON of `obj`.

    >>> digest({"a": 1, "b": 2}) == digest({"b": 2, "a": 1})
    True
    """
    return bytes_digest(canonical(obj))


def bytes_digest(data: bytes) -> str:
    """Return the sha256 (64 hex digits) of `data`.

    >>> bytes_digest(b"")[:12]
    'e3b0c44298fc'
    """
    return hashlib.sha256(data).hexdigest()


def file_sha256(path: Path) -> str:
    """Return the sha256 (64 hex digits) of the file's content, read in pieces."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def to_json(record: Any) -> dict[str, Any]:
    """Return a vocabulary record as a JSON object with every field named, defaults included.

    >>> from data.vocabulary import Prompt
    >>> to_json(Prompt(id="red", text="a red circle", category="single"))["tags"]
    []

    Only a field marked `unwritten_default` is left out while it has its default.
    """
    if not dataclasses.is_dataclass(record) or isinstance(record, type):
        raise TypeError(f"Expected a record of the vocabulary, got {type(record).__name__}.")
    cls = type(record)
    content = {name: plain(getattr(record, name)) for name in _written_always(cls)}
    for name, default in _unwritten_defaults(cls):
        value = getattr(record, name)
        if value != default:
            content[name] = plain(value)
    return content


def from_json(cls: type[Record], mapping: Mapping[str, Any]) -> Record:
    """Return the record of class `cls` that `to_json` gave as `mapping`.

    Raises ValueError that names the place on unknown keys, missing keys and wrong types; nothing is converted but
    dates, times, tuples and whole numbers where a float is meant.

    >>> from data.vocabulary import Prompt
    >>> from_json(Prompt, {"id": "red", "text": "a red circle", "category": "single", "tags": ["a"]}).tags
    ('a',)
    >>> from_json(Prompt, {"id": "red", "text": "a red circle"})
    Traceback (most recent call last):
    ValueError: Prompt: expected the keys category, got none.
    """
    return typing.cast(Record, _decode_record(cls, mapping, cls.__name__))


def parse(data: bytes | str) -> Any:
    """Return what JSON text says; integers too large to be exact are floats again, as they were written.

    >>> parse("[1, 9007199254740993]")
    [1, 9007199254740992.0]

    Raises ValueError on a key that stands twice in one object: which of its values counts, each reader decides.
    """
    return json.loads(data, parse_int=_integer, object_pairs_hook=unique_keys)


def unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return the keys and values of a JSON object, for `object_pairs_hook`; ValueError on a key that stands twice.

    >>> unique_keys([("a", 1), ("a", 2)])
    Traceback (most recent call last):
    ValueError: the key 'a' twice in one object
    """
    content = dict(pairs)
    if len(content) < len(pairs):
        seen = set[str]()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise ValueError(f"the key {twice[:80]!r} twice in one object")
    return content


def instant(value: dt.datetime) -> str:
    """Return an aware datetime as RFC 3339 in UTC, `2026-01-31T02:30:00.000000Z`; ValueError on a naive one.

    >>> instant(dt.datetime(2026, 1, 31, 2, 30, tzinfo=dt.UTC))
    '2026-01-31T02:30:00.000000Z'
    """
    if value.tzinfo is None:
        raise ValueError(f"Expected a datetime with a time zone, got the naive {value.isoformat()}.")
    return value.astimezone(dt.UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def plain(value: Any) -> Any:
    """Return `value` out of dicts, lists, str, int, float, bool and None only.

    >>> plain({"days": (dt.date(2026, 1, 31),)})
    {'days': ['2026-01-31']}
    """
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, str):
        return _well_formed(value)
    if isinstance(value, Mapping):
        return {_key(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, dt.datetime):
        return instant(value)
    if isinstance(value, dt.date):
        return value.isoformat()
    return to_json(value)


def _key(key: Any) -> str:
    if not isinstance(key, str):
        raise TypeError(f"Expected text as a JSON key, got {key!r}.")
    return _well_formed(key)


def _well_formed(text: str) -> str:
    if text.isascii():
        return text
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _integer(digits: str) -> int | float:
    number = int(digits) if len(digits) <= len(str(LARGEST_EXACT_INTEGER)) + 1 else float(digits)
    return number if abs(number) <= LARGEST_EXACT_INTEGER else float(digits)


@functools.cache
def _field_names(cls: type) -> tuple[str, ...]:
    return tuple(field.name for field in dataclasses.fields(cls))


@functools.cache
def _written_always(cls: type) -> tuple[str, ...]:
    return tuple(field.name for field in dataclasses.fields(cls) if not field.metadata.get("unwritten_default"))


@functools.cache
def _unwritten_defaults(cls: type) -> tuple[tuple[str, Any], ...]:
    marked = [field for field in dataclasses.fields(cls) if field.metadata.get("unwritten_default")]
    missing = dataclasses.MISSING
    return tuple((f.name, f.default if f.default_factory is missing else f.default_factory()) for f in marked)


@functools.cache
def _decoders(cls: type) -> dict[str, Decoder]:
    hints = typing.get_type_hints(cls)
    return {name: _decoder(hints[name]) for name in _field_names(cls)}


@functools.cache
def _required(cls: type) -> frozenset[str]:
    missing = dataclasses.MISSING
    fields = dataclasses.fields(cls)
    return frozenset(f.name for f in fields if f.default is missing and f.default_factory is missing)


def _decode_record(cls: type, value: Any, place: str) -> Any:
    if not isinstance(value, Mapping):
        raise ValueError(f"{place}: expected an object, got {value!r}.")
    decoders = _decoders(cls)
    if not value.keys() <= decoders.keys():
        unknown = ", ".join(repr(key) for key in sorted(set(value) - set(decoders)))
        raise ValueError(f"{place}: expected only the keys {', '.join(decoders)}, got {unknown}.")
    if not _required(cls) <= value.keys():
        raise ValueError(f"{place}: expected the keys {', '.join(sorted(_required(cls) - set(value)))}, got none.")
    return cls(**{name: decoders[name](item, f"{place}.{name}") for name, item in value.items()})


def _decoder(hint: Any) -> Decoder:
    """Compile one type of the vocabulary to a function that checks and converts its JSON form."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if hint is Any:
        return lambda value, place: value
    if origin is typing.Literal:
        return _literal(arguments)
    if origin in (typing.Union, types.UnionType):
        return _union(arguments)
    if origin is tuple:
        return _tuple(arguments)
    if isinstance(hint, type) and dataclasses.is_dataclass(hint):
        return functools.partial(_decode_record, hint)
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return _mapping(_decoder(arguments[1]))
    return SCALARS[hint]


def _literal(choices: tuple[Any, ...]) -> Decoder:
    def decode(value: Any, place: str) -> Any:
        if value not in choices:
            raise ValueError(f"{place}: expected one of {', '.join(map(repr, choices))}, got {value!r}.")
        return value

    return decode


def _union(arguments: tuple[Any, ...]) -> Decoder:
    members = [argument for argument in arguments if argument is not types.NoneType]
    optional = len(members) < len(arguments)
    only = _decoder(members[0]) if len(members) == 1 else _one_of(members)

    def decode(value: Any, place: str) -> Any:
        return None if optional and value is None else only(value, place)

    return decode


def _one_of(classes: list[type]) -> Decoder:
    """Records that are told apart by their keys."""

    def decode(value: Any, place: str) -> Any:
        keys = set(value) if isinstance(value, Mapping) else set()
        for cls in classes:
            if _required(cls) <= keys <= set(_field_names(cls)):
                return _decode_record(cls, value, place)
        raise ValueError(f"{place}: expected a {' or '.join(c.__name__ for c in classes)}, got {value!r}.")

    return decode


def _tuple(arguments: tuple[Any, ...]) -> Decoder:
    endless = len(arguments) == 2 and arguments[1] is Ellipsis
    decoders = [_decoder(argument) for argument in arguments if argument is not Ellipsis]

    def decode(value: Any, place: str) -> tuple[Any, ...]:
        if not isinstance(value, list | tuple) or not (endless or len(value) == len(decoders)):
            raise ValueError(f"{place}: expected a list{'' if endless else f' of {len(decoders)}'}, got {value!r}.")
        by_item = decoders * len(value) if endless else decoders
        return tuple(decode(item, f"{place}[{i}]") for i, (decode, item) in enumerate(zip(by_item, value, strict=True)))

    return decode


def _mapping(decode_item: Decoder) -> Decoder:
    def decode(value: Any, place: str) -> dict[str, Any]:
        if not isinstance(value, Mapping):
            raise ValueError(f"{place}: expected an object, got {value!r}.")
        return {key: decode_item(item, f"{place}[{key!r}]") for key, item in value.items()}

    return decode


def _exactly(kind: type) -> Decoder:
    def decode(value: Any, place: str) -> Any:
        if type(value) is not kind:
            raise ValueError(f"{place}: expected {kind.__name__}, got {value!r}.")
        return value

    return decode


def _number(value: Any, place: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"{place}: expected a number, got {value!r}.")
    return float(value)


def _instant(value: Any, place: str) -> dt.datetime:
    try:
        moment = dt.datetime.fromisoformat(value)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{place}: expected a time such as 2026-01-31T02:30:00Z, got {value!r}.") from error
    if moment.tzinfo is None:
        raise ValueError(f"{place}: expected a time with its zone (Z), got {value!r}.")
    return moment.astimezone(dt.UTC)


def _day(value: Any, place: str) -> dt.date:
    try:
        return dt.date.fromisoformat(value)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{place}: expected a date such as 2026-01-31, got {value!r}.") from error


SCALARS: Mapping[Any, Decoder] = {
    str: _exactly(str),
    int: _exactly(int),
    bool: _exactly(bool),
    float: _number,
    dt.datetime: _instant,
    dt.date: _day,
}
