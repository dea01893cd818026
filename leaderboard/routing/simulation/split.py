"""A history in two halves of the prompts, one to decide by and one to judge by: no policy marks its own work.

The halves are drawn by prompt, within each category, and are the same on every day: a prompt that decides never judges.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from leaderboard.routing.decisions.decision_window import DecisionWindow
from leaderboard.standings.prompt_means import ALL


def halves(
    history: Sequence[DecisionWindow], draw: int
) -> tuple[tuple[DecisionWindow, ...], tuple[DecisionWindow, ...]]:
    """Return the windows as the first half of the prompts shows them, and as the second does.

    `draw` numbers the division; of an odd number of prompts the first half gets one more. Raises ValueError for a
    window whose prompts are not named.
    """
    first = _first_half(history, draw)
    return tuple(_only(one, first, True) for one in history), tuple(_only(one, first, False) for one in history)


def _first_half(history: Iterable[DecisionWindow], draw: int) -> frozenset[str]:
    """Draw within each category; a prompt of all categories together goes where its own category puts it."""
    members: dict[str, set[str]] = {}
    for window in history:
        if len(window.prompts) != len(window.means):
            raise ValueError(f"Expected a name for each of {len(window.means)} prompts, got {len(window.prompts)}.")
        members.setdefault(window.category, set()).update(window.prompts)
    own = {category: held for category, held in members.items() if category != ALL} or members
    found = {
        prompt
        for category, held in own.items()
        for prompt in sorted(held, key=lambda prompt: _lot(draw, category, prompt))[: (len(held) + 1) // 2]
    }
    return frozenset(found)


def _lot(draw: int, category: str, prompt: str) -> str:
    return hashlib.sha256(f"{draw}\n{category}\n{prompt}".encode()).hexdigest()


def _only(window: DecisionWindow, first: frozenset[str], wanted: bool) -> DecisionWindow:
    rows = np.array([(prompt in first) == wanted for prompt in window.prompts], dtype=bool)
    kept = tuple(prompt for prompt, keep in zip(window.prompts, rows, strict=True) if keep)
    return replace(window, means=np.asarray(window.means[rows]), prompts=kept)
