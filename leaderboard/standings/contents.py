"""Which content of a suite is meant: `NAME` is the newest that was run, `NAME@VERSION` or `NAME@DIGEST` any other."""

from collections.abc import Sequence
from typing import Final, Protocol, TypeVar

from data.errors import HalflifeError, UnknownNameError

SHORT: Final = 12
"""The hexadecimal digits of a digest that a reference has."""
FEWEST: Final = 6
"""The fewest of them that are taken for a digest."""


class SuiteContent(Protocol):
    """What has the name, the version and the digest of a suite."""

    @property
    def suite(self) -> str:
        """The suite's name."""

    @property
    def version(self) -> str:
        """The version that it calls itself."""

    @property
    def suite_digest(self) -> str:
        """The sha256 of what it holds."""


C = TypeVar("C", bound=SuiteContent)


def reference_to(suite: str, digest: str) -> str:
    """Return how a content is named wherever a suite is.

    >>> reference_to("shapes", "0123456789abcdef")
    'shapes@0123456789ab'
    """
    return f"{suite}@{digest[:SHORT]}"


def of_reference(reference: str, contents: Sequence[C], *, kind: str = "suite with standings") -> list[C]:
    """Return those of `contents` (the newest first) that have the content that a reference or a whole digest names.

    Raises UnknownNameError where there is none, HalflifeError where a version or the begin of a digest fits several.
    """
    named = [each for each in contents if _fits(reference, each)]
    digests = list(dict.fromkeys(each.suite_digest for each in named))
    if not digests:
        known = {_known(each, with_content="@" in reference) for each in contents}
        raise UnknownNameError(kind, reference, known)
    if "@" in reference and len(digests) > 1:
        ways = " or ".join(dict.fromkeys(reference_to(each.suite, each.suite_digest) for each in named))
        raise HalflifeError(f"Expected one content of a suite, got {reference!r}, which fits several. Give {ways}.")
    return [each for each in named if each.suite_digest == digests[0]]


def _known(content: SuiteContent, *, with_content: bool) -> str:
    return reference_to(content.suite, content.suite_digest) if with_content else content.suite


def _fits(reference: str, content: SuiteContent) -> bool:
    name, at, part = reference.partition("@")
    if not at:
        return reference in (content.suite, content.suite_digest)
    is_digest = len(part) >= FEWEST and content.suite_digest.startswith(part)
    return name == content.suite and (part == content.version or is_digest)
