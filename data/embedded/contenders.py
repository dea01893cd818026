"""Which weight folder, how many steps and which guidance make which contender. A literal table, oldest first.

A contender may share its weights with another: the same network with fewer steps is a model of its own to whoever pays
for it.
"""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class WeightSource:
    """Where a weight folder comes from: a training run (`training_schedule`) and the images seen by then."""

    run: str
    images: int


@dataclass(frozen=True, slots=True)
class EmbeddedModel:
    """One embedded text-to-image model; `released` is the suggested day (ISO 8601) of its catalogue entry."""

    id: str
    folder: str
    steps: int
    guidance: float
    released: str
    note: str


FOLDERS: Final[dict[str, WeightSource]] = {
    "nano": WeightSource("nano", 190_032),
    "draft": WeightSource("main", 230_016),
    "small": WeightSource("main", 270_000),
    "mini": WeightSource("main", 300_000),
    "base": WeightSource("main", 340_032),
    "swift": WeightSource("main", 545_040),
    "grand": WeightSource("main", 705_024),
}

CONTENDERS: Final[tuple[EmbeddedModel, ...]] = (
    EmbeddedModel("shapes-nano", "nano", 8, 2.5, "2026-03-02", "a smaller network: colours, hardly a shape"),
    EmbeddedModel("shapes-draft", "draft", 12, 2.5, "2026-05-11", "single things, but pairs in any order"),
    EmbeddedModel("shapes-small", "small", 16, 2.5, "2026-08-01", "order learned, shapes in pairs still mixed up"),
    EmbeddedModel("shapes-mini", "mini", 8, 2.5, "2026-08-14", "half of shapes-small's steps, trained longer"),
    EmbeddedModel("shapes-base", "base", 16, 2.5, "2026-08-28", "most pairs right"),
    EmbeddedModel("shapes-flash", "swift", 4, 3.0, "2026-09-11", "shapes-swift's weights in four steps"),
    EmbeddedModel("shapes-swift", "swift", 8, 3.0, "2026-09-25", "the workhorse: nearly all pairs, in eight steps"),
    EmbeddedModel("shapes-grand", "grand", 20, 3.0, "2026-10-09", "the hero: trained longest"),
)


def contender(name: str) -> EmbeddedModel:
    """The contender of that id. Raises KeyError with the known ids."""
    contenders = {contender.id: contender for contender in CONTENDERS}
    if name not in contenders:
        raise KeyError(f"Unknown embedded contender {name!r}. Known: {', '.join(contenders)}.")
    return contenders[name]
