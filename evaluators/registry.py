"""Which evaluators there are: one literal table, then third parties by the entry point group `halflife.evaluators`.

A third party's entry point names an `EvaluatorEntry`, whose evaluator and metrics have names that nobody else took.
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
from evaluators.video import clip_score as video_clip_score
from evaluators.video import delivery_loss, motion, motion_check, temporal_consistency
from evaluators.video import integrity as video_integrity

GROUP: Final = "halflife.evaluators"


@dataclass(frozen=True)
class EvaluatorContext:
    """What evaluators are opened with. `card` is the TOML card of an encoder, None for the embedded one."""

    cache: Path
    card: Path | None = None

    @cached_property
    def embedder(self) -> Embedder:
        """The encoder behind its cache, shared by all evaluators that read its vectors."""
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
        """Its `EvaluatorEntry`."""


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
        "video_integrity": EvaluatorEntry(
            video_integrity.DECLARATION, lambda context: video_integrity.VideoIntegrity()
        ),
        "motion_check": EvaluatorEntry(motion_check.DECLARATION, lambda context: motion_check.MotionCheck()),
        "video_clip_score": EvaluatorEntry(
            video_clip_score.DECLARATION, lambda context: video_clip_score.VideoClipScore(context.embedder)
        ),
        "motion": EvaluatorEntry(motion.DECLARATION, lambda context: motion.Motion()),
        "temporal_consistency": EvaluatorEntry(
            temporal_consistency.DECLARATION, lambda context: temporal_consistency.TemporalConsistency(context.embedder)
        ),
        "delivery_loss": EvaluatorEntry(
            delivery_loss.DECLARATION, lambda context: delivery_loss.DeliveryLoss(context.embedder)
        ),
    }
)


def entries(installed: Iterable[EntryPoint] | None = None) -> Mapping[str, EvaluatorEntry]:
    """The table with third parties' evaluators (default: those installed). Raises PluginError on a clash of names.

    >>> list(entries([]))[:5]
    ['integrity', 'shapes_check', 'clip_score', 'r_precision', 'image_statistics']
    """
    table = dict(EVALUATORS)
    for entry_point in entry_points(group=GROUP) if installed is None else installed:
        table[entry_point.name] = _admitted(entry_point, table)
    return MappingProxyType(table)


def metrics(table: Mapping[str, EvaluatorEntry] | None = None) -> dict[str, Metric]:
    """Every metric that can be computed, by name.

    >>> metrics(EVALUATORS)["clip_score"].unit
    '100 × cosine'
    """
    table = entries() if table is None else table
    return {metric.name: metric for entry in table.values() for metric in entry.declaration.metrics}


def metric(name: str) -> Metric:
    """The metric of that name. Raises UnknownNameError with the nearest one.

    >>> metric("r_precision").bounds
    (0.0, 1.0)
    """
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
    table = entries()
    for name in names or ():
        if name not in table:
            raise UnknownNameError("evaluator", name, table)
    context = EvaluatorContext(cache, card)
    return tuple(table[name].open(context) for name in (table if names is None else dict.fromkeys(names)))


def _admitted(entry_point: EntryPoint, table: Mapping[str, EvaluatorEntry]) -> EvaluatorEntry:
    entry = entry_point.load()
    if not isinstance(entry, EvaluatorEntry) or entry.declaration.name != entry_point.name:
        raise PluginError(
            f"Expected the entry point {entry_point.name!r} of {GROUP!r} to name an "
            f"evaluators.registry.EvaluatorEntry called {entry_point.name!r}, got {entry!r:.80}. "
            "Correct or uninstall that package."
        )
    taken = set(metrics(table)) & {metric.name for metric in entry.declaration.metrics}
    if entry_point.name in table or taken:
        what = f"metric {min(taken)!r}" if taken else f"evaluator {entry_point.name!r}"
        raise PluginError(
            f"Expected new names from the installed evaluator {entry_point.name!r}, got the {what}, which is taken. "
            "Rename or uninstall it."
        )
    return entry
