"""The revision is the hash of the RFC 8785 bytes, whichever way they were come by."""

import hashlib

import rfc8785
from hypothesis import example, given, settings
from hypothesis import strategies as st

from leaderboard.routing.revision import revision_of

values = st.recursive(
    st.none()
    | st.booleans()
    | st.text(max_size=8)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.sampled_from([30.0, -0.0, 1e-7, 1e16, 1e21, 0.1, 100.5, 1e-6, 1234.5]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(st.sampled_from(["a", "b", "Ä", "revision", "signatures"]) | st.text(max_size=3), values))
@example({"é": 1, "\U00010000": 2, "\uffff": 3, "z": '\x00\x1f\x7f"\\/\u2028'})
def test_it_is_the_hash_of_the_canonical_bytes_without_revision_and_signatures(table):
    covered = {key: value for key, value in table.items() if key not in ("revision", "signatures")}
    assert revision_of(table) == "sha256:" + hashlib.sha256(rfc8785.dumps(covered)).hexdigest()
