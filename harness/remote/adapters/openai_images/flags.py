"""What a provider's own flags say of a picture that came: that its filter blackened, blurred or replaced it.

fal answers `has_nsfw_concepts: [true]`, diffusers' servers `nsfw_content_detected`, Stability `finish_reason:
CONTENT_FILTERED` or the header `finish-reason`, Bedrock `finish_reasons: ["Filter reason: output image"]`, Gemini
`finishReason: IMAGE_SAFETY` and `raiFilteredReason`, xAI `respect_moderation: false`, Ideogram `is_image_safe: false`,
Runware `NSFWContent`, Azure `content_filter_results` with `filtered: true` in a category. A flag may stand beside the
picture, around it, or in a list with one a picture.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from harness.remote.error_causes import is_policy_code

DEEPEST: Final = 6
_UNSAFE: Final = re.compile(
    "(has|is|possible)?nsfw(concepts?|contents?|detected|contentdetected|contentsdetected|flagged|flag)?"
    "|(is|was|content|image|prompt|output)?(flagged|moderated|censored|filtered|blurred|blockedbysafety)"
)
_SAFE: Final = frozenset({"respectmoderation", "isimagesafe", "imagesafe", "issafe", "passedmoderation", "safe"})
_REASON: Final = re.compile(
    "(rai|content|image|safety)?(finish|block|filtered|filter|stop)reasons?|(moderation|safety)?(status|result|verdict)"
)
_VERDICTS: Final = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


def flagged(content: Any, picture: Mapping[str, Any], headers: Mapping[str, str]) -> str | None:
    """Return the flag of a reply's JSON or headers that says its first `picture` is none, None where none does.

    >>> flagged({"images": [{"url": "https://a/b.png"}], "has_nsfw_concepts": [True]}, {}, {})
    'has_nsfw_concepts'
    >>> flagged({"data": [{"b64_json": "…", "finishReason": "SUCCESS"}], "nsfw_content_detected": False}, {}, {})
    """
    named = [*_flags(content, picture, DEEPEST), *headers.items()]
    return next((words for name, value in named if (words := _refusal(name, value)) is not None), None)


def _flags(value: Any, picture: Mapping[str, Any], depth: int) -> Iterator[tuple[str, Any]]:
    """Yield each name and value that is said of the first picture: not those of the pictures after it."""
    if isinstance(value, list) and depth:
        of_picture = any(item is picture for item in value)
        for item in [picture] if of_picture else value[:1]:
            yield from _flags(item, picture, depth - 1)
    elif isinstance(value, Mapping) and depth:
        for name, item in value.items():
            yield str(name), item
            yield from _flags(item, picture, depth - 1)


def _refusal(name: str, value: Any) -> str | None:
    plain = re.sub("[^a-z0-9]", "", name.lower())
    first = value[0] if isinstance(value, list) and value else value
    if _REASON.fullmatch(plain) and isinstance(first, str):
        is_filter = is_policy_code(first) or first.lower().startswith("filter reason") or plain.startswith("rai")
        return f"{name} {first[:100]}" if is_filter and first.strip() else None
    verdict = _VERDICTS.get(str(first).strip().lower()) if isinstance(first, str | int) else None
    if verdict is True and _UNSAFE.fullmatch(plain):
        return name
    return f"{name} false" if verdict is False and plain in _SAFE else None
