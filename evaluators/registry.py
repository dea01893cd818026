"""Which evaluators there are: one literal table, then third parties by the entry point group `halflife.evaluators`.

A third party's entry point names an `Entry`. It may not take the name of an evaluator or a metric that is taken.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import entry_points
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, Protocol

from data.errors import PluginError, UnknownNameError
from data.vocabulary import Metric
from evaluators import clip_score, image_statistics, integrity, r_precision, shapes_check
from evaluators.embeddings.cache import EmbeddingCache
from evaluators.embeddings.embedder import Embedder
from evaluators.embeddings.encoder import Encoder
from evaluators.embeddings.encoders import chosen_encoder
from evaluators.eval_input import Declaration, Evaluator

GROUP: Final = "halflife.evaluators"


@dataclass(frozen=True)
class EvaluatorContext:
    """What evaluators are opened with. `card` is the TOML card of an encoder, None for the embedded one."""

    cache: Path
    card: Path | None = None

    @cached_property
    def embedder(self) -> Embedder:
        """The encoder behind its cache: one for all heads."""
        encoder: Encoder = chosen_encoder(self.card)
        return Embedder(encoder, EmbeddingCache(self.cache))


@dataclass(frozen=True, slots=True)
class EvaluatorEntry:
    """One evaluator of the table: its facts, and how it is opened."""

    declaration: Declaration
    open: Callable[[EvaluatorContext], Evaluator]


class EntryPoint(Protocol):
    """A third party's entry point, as `importlib.metadata` gives it."""

    @property
    def name(self) -> str:
        """The evaluator's name."""

    def load(self) -> Any:
        """Its `Entry`."""


EVALUATORS: Final[Mapping[str, EvaluatorEntry]] = MappingProxyType(
    {
        "integrity": EvaluatorEntry(integrity.DECLARATION, lambda context: integrity.Integrity()),
        "shapes_check": EvaluatorEntry(shapes_check.DECLARATION, lambda context: shapes_check.ShapesCheck()),
        "clip_score": EvaluatorEntry(clip_score.DECLARATION, lambda context: clip_score.ClipScore(context.embedder)),
        "r_precision": EvaluatorEntry(
            r_precision.DECLARATION, lambda context: r_precision.RPrecision(context.embedder)
        ),
        "image_statistics": EvaluatorEntry(
            image_statistics.DECLARATION, lambda context: image_statistics.ImageStatistics()
        ),
    }
)


def entries(points: Iterable[EntryPoint] | None = None) -> Mapping[str, EvaluatorEntry]:
    """The table and the third parties' (default: those installed). Raises PluginError on a clash of names."""
    known = dict(EVALUATORS)
    for point in entry_points(group=GROUP) if points is None else points:
        known[point.name] = _admitted(point, known)
    return MappingProxyType(known)


def metrics(known: Mapping[str, EvaluatorEntry] | None = None) -> dict[str, Metric]:
    """Every metric that can be taken, by name."""
    table = entries() if known is None else known
    return {metric.name: metric for entry in table.values() for metric in entry.declaration.metrics}


def metric(name: str) -> Metric:
    """The metric of that name. Raises UnknownNameError with the nearest one."""
    known = metrics()
    if name not in known:
        raise UnknownNameError("metric", name, known)
    return known[name]


def open_evaluators(
    cache: Path, names: Sequence[str] | None = None, *, card: Path | None = None
) -> tuple[Evaluator, ...]:
    """The named evaluators (default: all), sharing one encoder whose vectors are kept in `cache`.

    Raises UnknownNameError with the nearest name.
    """
    known = entries()
    for name in names or ():
        if name not in known:
            raise UnknownNameError("evaluator", name, known)
    context = EvaluatorContext(cache, card)
    return tuple(known[name].open(context) for name in (known if names is None else dict.fromkeys(names)))


def _admitted(point: EntryPoint, known: Mapping[str, EvaluatorEntry]) -> EvaluatorEntry:
    entry = point.load()
    if not isinstance(entry, EvaluatorEntry) or entry.declaration.name != point.name:
        raise PluginError(
            f"Expected the entry point {point.name!r} of {GROUP!r} to name an evaluators.registry.Entry called "
            f"{point.name!r}, got {entry!r:.80}. Correct or uninstall that package."
        )
    taken = set(metrics(known)) & {metric.name for metric in entry.declaration.metrics}
    if point.name in known or taken:
        what = f"metric {min(taken)!r}" if taken else f"evaluator {point.name!r}"
        raise PluginError(
            f"Expected new names from the installed evaluator {point.name!r}, got the {what}, which is taken. "
            "Rename or uninstall it."
        )
    return entry
