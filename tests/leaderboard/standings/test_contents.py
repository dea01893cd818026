"""A suite's name means its newest content; `@` and a version or a digest mean any other."""

from typing import NamedTuple

import pytest

from data.errors import HalflifeError, UnknownNameError
from leaderboard.standings.contents import of_reference, reference_to


class Content(NamedTuple):
    suite: str
    version: str
    suite_digest: str


NEW, OLD = Content("shapes", "2", "abcdef0" + 57 * "1"), Content("shapes", "1", "abcdef9" + 57 * "2")
SAME = Content("shapes", "1", "123456" + 58 * "3")
CLIPS = Content("clips", "1", 64 * "4")


@pytest.mark.parametrize(
    ("reference", "content"),
    [
        ("shapes", NEW),
        ("shapes@1", OLD),
        ("shapes@abcdef9", OLD),
        (OLD.suite_digest, OLD),
        (reference_to(*OLD[::2]), OLD),
        ("clips", CLIPS),
    ],
)
def test_a_reference_means_one_content(reference, content):
    assert of_reference(reference, [NEW, CLIPS, OLD]) == [content]


def test_a_version_or_a_digest_that_fits_several_is_answered_with_the_ways_to_name_them():
    for reference in ("shapes@1", "shapes@abcdef"):
        with pytest.raises(HalflifeError, match=r"which fits several. Give shapes@\w{12} or shapes@\w{12}\."):
            of_reference(reference, [NEW, OLD, SAME])


@pytest.mark.parametrize("reference", ["shape", "shapes@9", "shapes@abc", "clips@2", "@1"])
def test_what_fits_none_is_answered_with_what_there_is(reference):
    with pytest.raises(UnknownNameError, match="Known: "):
        of_reference(reference, [NEW, OLD, CLIPS])
