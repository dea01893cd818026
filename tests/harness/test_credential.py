"""A secret's value leaves by one door only."""

import pickle

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data.errors import ServiceError
from harness.credential import Credential
from harness.remote.transport.environment import Environment

CALM = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])

SECRET = "sk-planted-4711-Zebra"
HELD = Credential("A_KEY", {"A_KEY": f" {SECRET}\n"})


def test_the_value_is_shown_by_reveal_alone() -> None:
    assert HELD.reveal() == SECRET
    assert SECRET not in repr(HELD) + str(HELD) + f"{HELD}"
    assert SECRET not in repr(Environment(environ={"A_KEY": SECRET}))


def test_it_is_never_pickled() -> None:
    with pytest.raises(TypeError, match="never pickled"):
        pickle.dumps(HELD)


@pytest.mark.parametrize("environ", [{}, {"A_KEY": ""}, {"A_KEY": "  \n"}])
def test_a_variable_that_is_not_set_is_named(environ: dict[str, str]) -> None:
    with pytest.raises(ServiceError, match="environment variable A_KEY, got none"):
        Credential("A_KEY", environ)


@pytest.mark.parametrize("value", ["schlüssel", "two\nlines", "a\x00b"])
def test_a_value_that_no_header_can_carry_is_refused_without_being_shown(value: str) -> None:
    with pytest.raises(ServiceError, match="Expected printable ASCII") as caught:
        Credential("A_KEY", {"A_KEY": value})
    assert value not in str(caught.value)


def test_a_server_without_a_key_gets_a_placeholder_that_is_not_scrubbed() -> None:
    nothing = Credential(None, {})
    assert nothing.scrub(f"the word {nothing.reveal()}") == f"the word {nothing.reveal()}"


@CALM
@given(st.integers(0, len(SECRET) - 8), st.integers(8, len(SECRET)), st.integers(0, 400), st.booleans())
def test_no_part_of_eight_letters_is_kept(first: int, length: int, before: int, is_cut: bool) -> None:
    part = SECRET[first : first + max(8, length)]
    text = "x" * before + part + ("" if is_cut else " y" * 400)
    for said in (HELD.scrub(text), HELD.hide(text), HELD.hide_bytes(text.encode()).decode()):
        assert not any(SECRET[i : i + 8] in said for i in range(len(SECRET) - 7))
    assert HELD.hide(text) == text.replace(part, "[secret]")


def test_a_key_cut_where_the_text_is_cut_is_taken_out() -> None:
    for before in range(6_000 - len(SECRET), 6_001):
        said = HELD.scrub("a " * (before // 2) + SECRET + " and so on")
        assert not any(SECRET[i : i + 8] in said for i in range(len(SECRET) - 7))


@CALM
@given(st.text(max_size=400), st.text(max_size=400))
def test_no_text_keeps_the_value(before: str, after: str) -> None:
    scrubbed = HELD.scrub(before + SECRET + after)
    assert SECRET not in scrubbed
    assert len(scrubbed) <= 300
    assert "\n" not in scrubbed
    assert SECRET not in HELD.hide(before + SECRET + after)


@pytest.mark.parametrize(
    "text", ["Bearer abcdef123456", "key sk-proj-AbCdEf123456", "hf_abcdefghij", "https://x.example/a?sig=abcdef&e=1"]
)
def test_what_looks_like_a_key_goes_too(text: str) -> None:
    scrubbed = HELD.scrub(f"wrong: {text}.")
    assert not any(part in scrubbed for part in ("abcdef", "AbCdEf"))
