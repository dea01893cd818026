"""Changed bytes of endpoints that repeat themselves exactly."""

from leaderboard.drift.byte_changes import byte_change


def test_an_endpoint_that_repeats_itself_is_held_to_its_bytes():
    nights = [["a", "b", None]] * 5
    assert byte_change(nights) == (True, None, ())
    assert byte_change([*nights, ["a", "x", "c"]]) == (True, 5, (1,))


def test_an_endpoint_that_never_repeats_itself_is_not():
    assert byte_change([["a"], ["b"], ["a"], ["c"]]) == (False, None, ())
    assert not byte_change([["a"], ["a"]]).deterministic
    assert not byte_change([]).deterministic
