"""The committed model card is what its figures say."""

import json
from pathlib import Path

from data.embedded.training.card import render, wilson
from data.embedded.training.evaluate import CARD, FIGURES
from data.embedded.weight_files import WEIGHTS


def test_the_committed_card_is_rendered_from_the_committed_figures() -> None:
    figures = json.loads(FIGURES.read_text(encoding="utf-8"))
    weight_bytes = sum(path.stat().st_size for path in Path(WEIGHTS).rglob("*") if path.is_file())
    assert render(figures, weight_bytes) == CARD.read_text(encoding="utf-8")


def test_wilsons_interval_is_that_of_a_worked_example() -> None:
    # Newcombe 1998, Statistics in Medicine 17, table I: 81 of 263 is 0.2553 to 0.3662.
    low, high = wilson(81 / 263, 263)
    assert (round(low, 4), round(high, 4)) == (0.2553, 0.3662)
