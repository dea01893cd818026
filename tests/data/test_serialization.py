"""Claims about canonical JSON, content hashes, and records to JSON and back."""

import dataclasses
import datetime as dt
import hashlib
import string
import types
import typing
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data import vocabulary
from data.commit import Commit
from data.serialization import bytes_digest, canonical, digest, file_sha256, from_json, parse, plain, to_json
from data.vocabulary import Charge, LocalSource, Model, Price, PriceUnit, RemoteSource, Sample, Score, Settings

RECORDS = [
    *(
        item
        for item in vars(vocabulary).values()
        if isinstance(item, type) and dataclasses.is_dataclass(item) and item not in (vocabulary.Plan, Score)
    ),
    Commit,
]
IDENTIFIERS = st.text(string.ascii_lowercase + string.digits, min_size=1, max_size=20)
NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
INTEGERS = st.integers(-(2**53) + 1, 2**53 - 1)
JSON = st.recursive(
    st.none() | st.booleans() | INTEGERS | NUMBERS | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
SCALARS: dict[Any, st.SearchStrategy[Any]] = {
    str: st.text(min_size=1).filter(str.strip),
    int: INTEGERS,
    float: NUMBERS,
    bool: st.booleans(),
    dt.date: st.dates(),
    dt.datetime: st.datetimes(timezones=st.just(dt.UTC)),
    Any: JSON,
}


def values(hint: Any) -> st.SearchStrategy[Any]:
    """Every value that a type of the vocabulary allows."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is typing.Literal:
        return st.sampled_from(arguments)
    if origin in (typing.Union, types.UnionType):
        return st.one_of(*map(values, arguments))
    if origin is tuple:
        if arguments[-1] is Ellipsis:
            return st.lists(values(arguments[0]), max_size=3).map(tuple)
        return st.tuples(*map(values, arguments))
    if origin is not None and issubclass(origin, Mapping):
        return st.dictionaries(st.text(), values(arguments[1]), max_size=3)
    return st.none() if hint is types.NoneType else SCALARS[hint] if hint in SCALARS else records(hint)


def records(cls: type) -> st.SearchStrategy[Any]:
    """Every record of a class."""
    hints = typing.get_type_hints(cls)
    fields = {field.name: values(hints[field.name]) for field in dataclasses.fields(cls)}
    if cls is Model:
        fields["id"] = IDENTIFIERS
    if cls is Price:
        of_one_unit = {"unit": values(PriceUnit), "usd": NUMBERS, "charges": st.just(())}
        charges = st.lists(records(Charge), min_size=1, max_size=3).map(tuple)
        of_charges = {"unit": st.none(), "usd": st.none(), "charges": charges}
        return st.builds(cls, **fields | of_one_unit) | st.builds(cls, **fields | of_charges)
    if cls is Score:
        return st.builds(cls, **fields | {"reason": st.none(), "value": NUMBERS})
    return st.builds(cls, **fields)


@pytest.mark.parametrize("cls", RECORDS, ids=lambda cls: cls.__name__)
def test_every_record_comes_back_from_its_json(cls: type) -> None:
    @settings(max_examples=40)
    @given(records(cls))
    def comes_back(record: Any) -> None:
        assert from_json(cls, parse(canonical(record))) == record
        assert from_json(cls, to_json(record)) == record

    comes_back()


@given(st.one_of(records(Score), st.builds(lambda s: dataclasses.replace(s, value=None, reason="r"), records(Score))))
def test_a_score_and_a_missing_score_come_back(score: Score) -> None:
    assert from_json(Score, parse(canonical(score))) == score


def test_a_plan_comes_back_whole(observatory: Any) -> None:
    plan = observatory.plan(
        models=[observatory.model(), observatory.model("other", settings=Settings(width=8, height=8))]
    )
    assert from_json(vocabulary.Plan, parse(canonical(plan))) == plan


@given(JSON)
def test_canonical_json_is_json_that_says_the_same(content: Any) -> None:
    assert parse(canonical(content)) == content
    assert canonical(parse(canonical(content))) == canonical(content)


def test_canonical_json_is_rfc_8785s_own_example() -> None:
    content = {
        "numbers": [333333333.33333329, 1e30, 4.50, 2e-3, 0.000000000000000000000000001],
        "string": '\u20ac$\u000f\nA\'B"\\\\"/',
        "literals": [None, True, False],
    }
    assert canonical(content).decode() == (
        '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],'
        '"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'
    )


def test_a_digest_does_not_depend_on_the_order_of_keys() -> None:
    assert digest({"a": 1, "b": (1, 2)}) == digest({"b": [1.0, 2.0], "a": 1})


@pytest.mark.parametrize("content", [float("nan"), float("inf"), 2**53])
def test_a_number_that_json_cannot_hold_is_refused(content: float) -> None:
    with pytest.raises(ValueError, match=r"not representable|exceed"):
        canonical({"value": content})


def test_a_naive_time_is_refused() -> None:
    with pytest.raises(ValueError, match="a datetime with a time zone, got the naive 2026-03-01"):
        canonical(dt.datetime(2026, 3, 1))


def test_times_are_written_in_utc() -> None:
    berlin = dt.timezone(dt.timedelta(hours=1))
    assert plain(dt.datetime(2026, 3, 1, 1, tzinfo=berlin)) == "2026-03-01T00:00:00.000000Z"


def test_half_a_surrogate_pair_does_not_stop_a_journal() -> None:
    assert parse(canonical({"text": "a\ud800b"})) == {"text": "a\ufffdb"}


def test_only_text_is_a_key() -> None:
    with pytest.raises(TypeError, match="Expected text as a JSON key, got 1"):
        canonical({1: 2})


def test_an_unknown_key_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match=r"Settings: expected only the keys width, .*, got 'depth'\."):
        from_json(Settings, {"width": 1, "height": 1, "depth": 1})


def test_a_missing_key_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="Settings: expected the keys height, got none"):
        from_json(Settings, {"width": 1})


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"width": "1"}, r"Settings\.width: expected int, got '1'"),
        ({"width": True}, r"Settings\.width: expected int, got True"),
        ({"fps": "fast"}, r"Settings\.fps: expected a number, got 'fast'"),
        ({"extra": [1]}, r"Settings\.extra: expected an object, got \[1\]"),
    ],
)
def test_a_wrong_type_is_refused_with_its_place(changes: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        from_json(Settings, {"width": 1, "height": 1} | changes)


def test_a_choice_that_is_none_is_refused(observatory: Any) -> None:
    row = to_json(observatory.model().source) | {"dtype": "int8"}
    with pytest.raises(ValueError, match=r"LocalSource\.dtype: expected one of 'float32', .*, got 'int8'"):
        from_json(LocalSource, row)


def test_sources_are_told_apart_by_their_keys(observatory: Any) -> None:
    remote = RemoteSource(adapter="openai_images", base_url="https://example.org", model="m")
    model = observatory.model(source=remote)
    assert from_json(Model, to_json(model)).source == remote
    with pytest.raises(
        ValueError, match=r"Model\.source: expected a LocalSource or RemoteSource or BroughtSource, got \{\}"
    ):
        from_json(Model, to_json(model) | {"source": {}})


@pytest.mark.parametrize(("value", "sentence"), [("noon", "a time such as"), ("2026-03-01T00:00:00", "with its zone")])
def test_a_time_that_is_none_is_refused(observatory: Any, value: str, sentence: str) -> None:
    plan = observatory.plan()
    row = to_json(observatory.sample(plan, plan.requests[0])) | {"started_at": value}
    with pytest.raises(ValueError, match=rf"Sample\.started_at: expected .*{sentence}"):
        from_json(Sample, row)


def test_a_files_sha256_is_that_of_its_bytes(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"abc" * 100_000)
    expected = hashlib.sha256(b"abc" * 100_000).hexdigest()
    assert file_sha256(tmp_path / "file") == bytes_digest(b"abc" * 100_000) == expected
