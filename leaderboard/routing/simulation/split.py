"""A history in two halves of the prompts: one decides, the other evaluates the decisions.

The halves are drawn by prompt, within each category, and are the same on every day: a prompt is never on both sides.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from data.vocabulary import ALL_CATEGORIES
from leaderboard.routing.decisions.decision_window import DecisionWindow


def halves(
    history: Sequence[DecisionWindow], draw: int
) -> tuple[tuple[DecisionWindow, ...], tuple[DecisionWindow, ...]]:
    """Return the decision windows on the first half of the prompts, and on the second.

    `draw` numbers the division; of an odd number of prompts the first half gets one more. Raises ValueError for a
    window whose prompts are not named.
    """
    first = _first_half(history, draw)
    return tuple(_only(each, first, True) for each in history), tuple(_only(each, first, False) for each in history)


def _first_half(history: Iterable[DecisionWindow], draw: int) -> frozenset[str]:
    """Draw within each category; a prompt of several, or of all together, goes where its first category puts it."""
    members: dict[str, set[str]] = {}
    for window in history:
        if len(window.prompts) != len(window.means):
            raise ValueError(f"Expected a name for each of {len(window.means)} prompts, got {len(window.prompts)}.")
        members.setdefault(window.category, set()).update(window.prompts)
    by_category = {category: prompts for category, prompts in members.items() if category != ALL_CATEGORIES} or members
    drawn = set[str]()
    for prompts in by_category.values():
        prompts.difference_update(drawn)
        drawn.update(prompts)
    first = {
        prompt
        for category, prompts in by_category.items()
        for prompt in sorted(prompts, key=lambda prompt: _lot(draw, category, prompt))[: (len(prompts) + 1) // 2]
    }
    return frozenset(first)


def _lot(draw: int, category: str, prompt: str) -> str:
    return hashlib.sha256(f"{draw}\n{category}\n{prompt}".encode()).hexdigest()


def _only(window: DecisionWindow, first: frozenset[str], wanted: bool) -> DecisionWindow:
    rows = np.array([(prompt in first) == wanted for prompt in window.prompts], dtype=bool)
    kept = tuple(prompt for prompt, keep in zip(window.prompts, rows, strict=True) if keep)
    return replace(window, means=np.asarray(window.means[rows]), prompts=kept)
