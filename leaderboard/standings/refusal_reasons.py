"""Why samples were refused, as the provider's own code or flag: never its free text, which may hold ids and prompts."""

import re
from typing import Final

NO_CODE: Final = "no code given"
MOST_WORDS: Final = 4
_FRAME: Final = re.compile(r"^(?:Refused|The task ended):\s*(?:\d{3}\s+)?")
_FLAG: Final = re.compile(r"the provider flags its (?:picture|answer) \(([A-Za-z][\w.-]*(?: [A-Za-z][A-Za-z_.-]*)?)")
_FIRST: Final = re.compile(r"[A-Za-z]+(?:[_.-][A-Za-z]+)+(?=[\s:,;]|$)")
_CODE: Final = re.compile(r"(?<![\w-])(?:[A-Za-z]+(?:_[A-Za-z]+)+|[A-Z]?[a-z]+(?:[A-Z][a-z]+)+|[A-Z]{4,})(?![\w-])")
_IDENTIFIER: Final = re.compile(r"(?i)(?:req|request|task|trace|job|gen|img|id|run|chatcmpl|msg)_")
_PLAIN_WORDS: Final = re.compile(r"[A-Za-z]+(?: [A-Za-z]+)*")


def reason_code(reason: str | None) -> str:
    """Return what a provider calls its reason for a refusal; without a code its words where they are few.

    >>> reason_code("Refused: 400 moderation_blocked Your request req_81af was rejected by the safety system.")
    'moderation_blocked'
    >>> reason_code("Refused: the provider flags its picture (finishReason IMAGE_SAFETY).")
    'finishReason IMAGE_SAFETY'
    >>> reason_code("The task ended: Request Moderated"), reason_code("Refused: 400 We cannot draw that, Bob.")
    ('Request Moderated', 'no code given')
    """
    said = (reason or "").strip()
    if flag := _FLAG.search(said):
        return str(flag.group(1))
    words = _FRAME.sub("", said)
    named = _FIRST.match(words)
    candidates: list[str] = [*([named.group()] if named else []), *_CODE.findall(words)]
    code = next((each for each in candidates if not _IDENTIFIER.match(each)), None)
    if code is not None:
        return code
    plain = words.rstrip(".")
    is_short = _PLAIN_WORDS.fullmatch(plain) and len(plain.split()) <= MOST_WORDS
    return plain if is_short else NO_CODE
