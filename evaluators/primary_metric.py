"""Whether the metric that ranks a suite can: checked when the suite is read, before anything is made or paid for."""

from collections.abc import Mapping

from data.errors import HalflifeError, UnknownNameError
from data.vocabulary import Metric, Modality, Suite
from evaluators.registry import EvaluatorEntry, entries, metrics


def ranking_metrics(modality: Modality, table: Mapping[str, EvaluatorEntry] | None = None) -> list[str]:
    """Return the names of the metrics that can rank samples of a modality: of quality, and better one way round.

    >>> ranking_metrics("video")[:2]
    ['motion_correct', 'motion_count']
    """
    able = [entry for entry in (table or entries()).values() if modality in entry.declaration.modalities]
    return [metric.name for entry in able for metric in entry.declaration.metrics if _ranks(metric)]


def check_primary_metric(suite: Suite) -> None:
    """Refuse a primary metric that there is not (UnknownNameError), or that cannot rank the suite (HalflifeError)."""
    known, able = metrics(), ranking_metrics(suite.modality)
    name = suite.primary_metric
    if name in able:
        return
    if name not in known:
        raise UnknownNameError("primary_metric", name, able)
    why = "does not rank models" if not _ranks(known[name]) else f"reads no {suite.modality}"
    raise HalflifeError(
        f"Expected a primary_metric that ranks the {suite.modality}s of suite {suite.name!r} ({suite.task}), got "
        f"{name!r}, which {why}. Known: {', '.join(able)}."
    )


def _ranks(metric: Metric) -> bool:
    return metric.kind == "quality" and not metric.neutral
