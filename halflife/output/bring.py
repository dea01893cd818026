"""What of a folder was matched to prompts, and what was not, in the terminal."""

from collections import Counter
from collections.abc import Iterable
from typing import Final

from halflife.output.terminal import Terminal
from halflife.workflows.bring import Brought

MOST_SHOWN: Final = 10


def matches(console: Terminal, brought: Brought) -> None:
    """Print how many files fit how many prompts, what was left out and why, and which prompts have no file."""
    items, suite = brought.matched.items, brought.suite
    files = {(item.row.file, item.model) for item in items}
    counts = Counter(item.model for item in items)
    of_each = ", ".join(f"{model} {number}" for model, number in sorted(counts.items()))
    prompts = len({item.prompt.id for item in items})
    _say(
        console,
        f"{len(files)} files fit {prompts} of {len(suite.prompts)} prompts of {suite.name}; samples: {of_each}.",
    )
    if brought.unread_columns:
        _say(console, f"Columns that are not read: {_some(brought.unread_columns)}.")
    for place, reason in brought.matched.left_out[:MOST_SHOWN]:
        _say(console, f"Left out {place}: {reason}")
    if len(brought.matched.left_out) > MOST_SHOWN:
        _say(console, f"Left out {len(brought.matched.left_out) - MOST_SHOWN} more.")
    for model in sorted(counts):
        has = {item.prompt.id for item in items if item.model == model}
        without = [prompt.id for prompt in suite.prompts if prompt.id not in has]
        if without:
            _say(console, f"{model} has no file for {len(without)} prompts: {_some(without)}.")


def _some(names: Iterable[str]) -> str:
    listed = list(names)
    more = f" and {len(listed) - MOST_SHOWN} more" if len(listed) > MOST_SHOWN else ""
    return ", ".join(listed[:MOST_SHOWN]) + more


def _say(console: Terminal, sentence: str) -> None:
    console.print(sentence, soft_wrap=True)
