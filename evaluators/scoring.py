"""Scores a run: reads and decodes each batch's media once for all evaluators, and journals their results.

What the run's journals hold under the same metric, version and fingerprint is not scored again. A sample that is not ok
is never scored; what cannot be measured on an ok sample becomes a score without a value, with the reason, whatever an
evaluator raises on it. A suite is scored by the evaluators of its modality. A video is decoded once for all of them.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from data.media import MediaStore
from data.runs import RunFolder, ScoreKey
from data.video.reader import VideoReader
from data.vocabulary import Progress, Sample, Score
from evaluators import registry
from evaluators.batches import NO_MEDIA, batches, is_there, read_media
from evaluators.eval_input import EvalInput, Evaluator, RunContext
from evaluators.evaluator_run import EvaluatorRun
from evaluators.video.frames import READ_LIMITS

WORKER: Final = "scores"


@dataclass(frozen=True, slots=True)
class ScoringSummary:
    """What one scoring did: ok samples, samples that are not ok, scores made now, scores kept, and reasons of new ones.

    `reasons` counts new scores without a value, by metric.
    """

    samples: int
    not_ok: int
    scored: int
    kept: int
    reasons: Mapping[str, int]


def score(
    run: RunFolder,
    media: MediaStore,
    cache: Path,
    *,
    evaluators: Sequence[Evaluator] | None = None,
    progress: Progress,
) -> ScoringSummary:
    """Score what is not yet scored of `run`, durably batch by batch; a second call does nothing.

    `evaluators` defaults to all of the registry, with their vectors in `cache`; those of the suite's modality score.
    The run should be complete: duplicates are those among the samples that it has now. Raises HomeError when the
    journal cannot be written.
    """
    given = registry.open_evaluators(cache) if evaluators is None else evaluators
    modality = run.plan.suite.modality
    chosen = [evaluator for evaluator in given if modality in evaluator.declaration.modalities]
    samples = run.samples().values()
    ok = tuple(sample for sample in samples if sample.status == "ok")
    context = RunContext(run.plan.suite.prompts, ok)
    opened = [EvaluatorRun(evaluator, context, evaluator.fingerprint(context)) for evaluator in chosen]
    scoring = _Scoring(run, media, opened, _kept(run, media), VideoReader(READ_LIMITS))
    unscored = scoring.unscored(ok)
    made: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    progress.begin("score", len(ok))
    progress.advance(len(ok) - len(unscored))
    for batch in scoring.journalled(unscored):
        made.update(score.metric for score in batch.scores)
        reasons.update(score.metric for score in batch.scores if score.value is None)
        progress.advance(batch.samples)
    progress.end()
    wanted = sum(len(evaluator_run.facts.metrics) for evaluator_run in opened) * len(ok)
    return ScoringSummary(len(ok), len(samples) - len(ok), made.total(), wanted - made.total(), dict(reasons))


@dataclass(frozen=True, slots=True)
class _Batch:
    samples: int
    scores: Sequence[Score]


@dataclass(frozen=True, slots=True)
class _Scoring:
    """One run, its media, the evaluators that score it, and the scores that it has already."""

    run: RunFolder
    media: MediaStore
    evaluators: Sequence[EvaluatorRun]
    kept: set[ScoreKey]
    reader: VideoReader

    def unscored(self, samples: Sequence[Sample]) -> list[Sample]:
        return [
            sample
            for sample in samples
            if any(evaluator_run.lacks(sample, self.kept) for evaluator_run in self.evaluators)
        ]

    def journalled(self, samples: Sequence[Sample]) -> Iterator[_Batch]:
        if not samples:
            return
        self.run.declare(metric for evaluator_run in self.evaluators for metric in evaluator_run.facts.metrics)
        with self.run.journal(WORKER) as journal, self.reader:
            prompts = {prompt.id: prompt for prompt in self.run.plan.suite.prompts}
            for batch in batches(read_media(samples, prompts, self.media, self.reader)):
                scores = [score for score in self._scores(batch) if _key(score) not in self.kept]
                journal.append_many("score", scores)
                yield _Batch(len(batch), scores)

    def _scores(self, batch: Sequence[EvalInput]) -> Iterator[Score]:
        for evaluator_run in self.evaluators:
            lacking = [item for item in batch if evaluator_run.lacks(item.sample, self.kept)]
            yield from evaluator_run.scores(lacking)


def _kept(run: RunFolder, media: MediaStore) -> set[ScoreKey]:
    """The scores that stand. One that lacked its file is made again once the file is there."""
    samples, scores = run.samples(), run.scores()
    lacking = {score.sample for score in scores.values() if score.reason == NO_MEDIA}
    restored = {name for name in lacking if is_there(media, samples[name])}
    return {key for key, score in scores.items() if not (score.reason == NO_MEDIA and score.sample in restored)}


def _key(score: Score) -> ScoreKey:
    return score.sample, score.metric, score.version, score.fingerprint
