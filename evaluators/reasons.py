"""Reasons out of exceptions: the same sentence for the same fault in every run, as reasons are journalled and counted.

A decoder's own words are kept, without addresses of memory. The words of any other exception may hold what changes from
run to run (a free amount, a temporary path), so of those only the type is kept, and where it was raised.
"""

import re
import traceback
from typing import Final

_OBJECT_AT: Final = re.compile(r"\s*<[^<>]*\bat 0x[0-9a-f]+[^<>]*>", re.IGNORECASE)
_ADDRESS: Final = re.compile(r"\b0x[0-9a-f]+\b", re.IGNORECASE)


def steady(error: BaseException) -> str:
    """The words of `error` on one line, without addresses of memory.

    >>> steady(OSError("cannot identify image file <_io.BytesIO object at 0x7f21>"))
    'cannot identify image file'
    """
    return " ".join(_ADDRESS.sub("…", _OBJECT_AT.sub("", str(error))).split())


def brief(error: BaseException) -> str:
    """Type and steady words of `error` in at most 160 characters.

    >>> brief(SyntaxError("not a TIFF file."))
    'SyntaxError not a TIFF file'
    """
    return f"{type(error).__name__} {steady(error)}"[:160].rstrip(". ")


def unexpected(evaluator: str, error: BaseException) -> str:
    """Why `evaluator` has no result for a sample on which it raised `error`.

    >>> try:
    ...     len(object())
    ... except TypeError as error:
    ...     unexpected("entropy", error)
    'entropy could not score it: TypeError in <module>.'
    """
    frames = traceback.extract_tb(error.__traceback__)
    place = f" in {frames[-1].name}" if frames else ""
    return f"{evaluator} could not score it: {type(error).__name__}{place}."
