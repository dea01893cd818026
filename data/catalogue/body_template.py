"""The body of a request to a provider as its spec writes it: JSON with `{prompt}` and the like to be filled in.

A text that is one placeholder and nothing else becomes the value in its own type (`"{seed}"` is a number), and
`"{seconds:text}"` the same as text. A key whose placeholder has no value in a request is left out.
"""

import re
from collections.abc import Mapping
from typing import Any, Final

from data.errors import did_you_mean

FIELDS: Final = (
    *("model", "prompt", "negative_prompt", "seed", "width", "height", "short_side", "aspect_ratio", "seconds"),
    *("frames", "fps", "steps", "guidance", "audio", "request_id"),
)
PLACEHOLDER: Final = re.compile(r"\{([A-Za-z_]*)(:text)?\}")


class _LeftOut:
    """What a template with a placeholder without a value renders to."""


LEFT_OUT: Final = _LeftOut()


def check_template(template: Any) -> Any:
    """Return a template. Raises ValueError for a placeholder that is not known.

    >>> check_template({"prompt": "{promt}"})
    Traceback (most recent call last):
    ValueError: Expected a placeholder out of aspect_ratio, audio, fps, frames, guidance, height, model, \
negative_prompt, prompt, request_id, seconds, seed, short_side, steps, width, got 'promt'. Did you mean 'prompt'?
    """
    for name in _names(template):
        if name not in FIELDS:
            known = ", ".join(sorted(FIELDS))
            raise ValueError(f"Expected a placeholder out of {known}, got {name!r:.80}.{did_you_mean(name, FIELDS)}")
    return template


def uses(template: Any, name: str) -> bool:
    """Return whether a template has the placeholder `name`.

    >>> uses({"input": {"size": "{width}x{height}"}}, "width")
    True
    """
    return name in _names(template)


def rendered(template: Any, values: Mapping[str, Any]) -> Any:
    """Return a template filled in with `values`, without the keys whose placeholders have none.

    >>> rendered({"size": "{width}x{height}", "seed": "{seed}", "n": 1}, {"width": 64, "height": 48, "seed": None})
    {'size': '64x48', 'n': 1}
    """
    if isinstance(template, dict):
        filled = {key: rendered(value, values) for key, value in template.items()}
        return {key: value for key, value in filled.items() if value is not LEFT_OUT}
    if isinstance(template, list):
        return [value for value in (rendered(item, values) for item in template) if value is not LEFT_OUT]
    return _text(template, values) if isinstance(template, str) else template


def _text(template: str, values: Mapping[str, Any]) -> Any:
    if any(values.get(name) is None for name in _names(template)):
        return LEFT_OUT
    whole = PLACEHOLDER.fullmatch(template)
    if whole and not whole.group(2):
        return values[whole.group(1)]
    return PLACEHOLDER.sub(lambda match: str(values[match.group(1)]), template)


def _names(template: Any) -> list[str]:
    if isinstance(template, dict):
        return [name for value in template.values() for name in _names(value)]
    if isinstance(template, list):
        return [name for value in template for name in _names(value)]
    return [match.group(1) for match in PLACEHOLDER.finditer(template)] if isinstance(template, str) else []
