"""The colours and shapes of the charts: close to Okabe and Ito's palette, readable on light and on dark pages."""

from typing import Final

BLUE: Final = "#1f77c9"
ORANGE: Final = "#d9622b"
GREEN: Final = "#159a78"
GREY: Final = "#8a94a3"
INK: Final = "#737e8c"
FAINT: Final = "#8a94a355"

ROLES: Final = ("hero", "workhorse", "on the front", "dominated")
ROLE_COLOURS: Final = (ORANGE, BLUE, GREEN, GREY)
ROLE_SIZES: Final = (260, 150, 130, 130)
ROLE_SHAPES: Final = ("diamond", "square", "circle", "circle")

ENDINGS: Final = ("still there", "overtaken", "withdrawn")
ENDING_COLOURS: Final = (BLUE, GREY, ORANGE)

MARKS: Final = ("silent change", "quarantined", "deprecated", "retired")
MARK_COLOURS: Final = (ORANGE, ORANGE, INK, INK)
MARK_SHAPES: Final = ("diamond", "cross", "triangle-down", "square")

KINDS: Final = ("linear", "attention", "convolution")
KIND_COLOURS: Final = (BLUE, ORANGE, GREEN)

PARTS: Final = ("weights", "activations")
PART_COLOURS: Final = (GREY, BLUE)

SERIES: Final = (BLUE, ORANGE, GREEN, "#8c5bb5", "#b8901f", "#c2477f", "#3e9fb8", GREY)
"""A colour a model, for at most eight."""

COST_MARKS: Final = ("this shape", "measured", "attention overtakes the rest")
COST_MARK_SHAPES: Final = ("circle", "diamond", "cross")
