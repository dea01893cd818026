"""Entries of one prompt become one row: a repeated prompt is not new evidence."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from leaderboard.inference.vocabulary import Array


class Pooled(NamedTuple):
    """The means and seed counts of prompts, both of shape (prompts, models), and the prompts' names."""

    means: Array
    seeds: Array
    prompts: tuple[str, ...]


def pooled(means: Array, seeds: Array, units: Sequence[str]) -> Pooled:
    """Return one row a prompt, out of rows of entries: `units` names the prompt of each, in the order of the first.

    A prompt's mean is that of its entries that have one, each of them counted once; its seeds are all of theirs.

    >>> pooled(np.array([[0.2], [1.0], [0.6]]), np.ones((3, 1)), ["cup", "bowl", "cup"]).means.tolist()
    [[0.4], [1.0]]
    """
    prompts = tuple(dict.fromkeys(units))
    if len(prompts) == len(units):
        return Pooled(means, seeds, prompts)
    place = {prompt: row for row, prompt in enumerate(prompts)}
    rows, shape = [place[unit] for unit in units], (len(prompts), means.shape[1])
    total, known, counted = np.zeros(shape), np.zeros(shape), np.zeros(shape)
    np.add.at(total, rows, np.nan_to_num(means))
    np.add.at(known, rows, ~np.isnan(means))
    np.add.at(counted, rows, seeds)
    averaged = np.divide(total, known, out=np.full(shape, np.nan), where=known > 0)
    return Pooled(averaged, counted, prompts)
