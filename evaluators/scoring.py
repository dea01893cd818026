"""Scores a run: reads and decodes each batch's media once for all evaluators, and journals their results.

What the run's journals hold under the same metric, version and fingerprint is not scored again. A sample that is not ok
is never scored; what cannot be measured on an ok sample becomes a score without a value, with the reason, whatever an
evaluator raises on it. A suite is scored by the evaluators of its modality. A video is decoded once for all of them.
"""

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from data.errors import HalflifeError, UnknownNameError
from data.media import MediaStore
from data.runs import RunFolder, ScoreKey
from data.serialization import bytes_digest, canonical
from data.video.reader import VideoReader
from data.vocabulary import Progress, Prompt, Sample, Score
from evaluators import registry
from evaluators.eval_input import Declaration, EvalInput, Evaluator, MetricResult, MetricResults, RunContext, decode_all
from evaluators.reasons import unexpected
from evaluators.video.frames import READ_LIMITS

BATCH: Final = 32
BATCH_BYTES: Final = 128 * 2**20
"""Bytes of the decoded media of a batch, unless a single sample takes more."""
WORKER: Final = "scores"
NO_MEDIA: Final = "The media store does not hold the sample's file."
OTHER_MEDIA: Final = "The sample's file is not the one that was delivered."


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


@dataclass(frozen=True)
class _EvaluatorRun:
    """An evaluator on one run, with the fingerprint of what it would write."""

    evaluator: Evaluator
    context: RunContext
    fingerprint: str

    @property
    def facts(self) -> Declaration:
        return self.evaluator.declaration

    def keys(self, sample: Sample) -> list[ScoreKey]:
        return [(sample.id, metric.name, self.facts.version, self.fingerprint) for metric in self.facts.metrics]

    def lacks(self, sample: Sample, kept: set[ScoreKey]) -> bool:
        return any(key not in kept for key in self.keys(sample))

    def scores(self, eval_inputs: Sequence[EvalInput]) -> list[Score]:
        """The scores of all inputs. What an evaluator raises on one of them becomes the reasons of that one.

        What the user can fix (weights, a disk that is full) concerns every input and is raised.
        """
        try:
            return self._taken(eval_inputs)
        except HalflifeError:
            raise
        except Exception as error:  # noqa: BLE001 - one bad input never stops the others
            if len(eval_inputs) == 1:
                return self._without(eval_inputs[0], unexpected(self.facts.name, error))
        return [score for eval_input in eval_inputs for score in self.scores([eval_input])]

    def _taken(self, eval_inputs: Sequence[EvalInput]) -> list[Score]:
        if "pixels" in self.facts.needs:
            decode_all(eval_inputs)
        reasons = [self._refusal(eval_input) for eval_input in eval_inputs]
        accepted = [eval_input for eval_input, reason in zip(eval_inputs, reasons, strict=True) if reason is None]
        evaluated = self.evaluator.evaluate(accepted, self.context) if accepted else []
        scores = [
            score
            for eval_input, results in zip(accepted, evaluated, strict=True)
            for score in self._written(eval_input, results)
        ]
        for eval_input, reason in zip(eval_inputs, reasons, strict=True):
            if reason is not None:
                scores += self._without(eval_input, reason)
        return scores

    def _without(self, eval_input: EvalInput, reason: str) -> list[Score]:
        missing = dict.fromkeys((metric.name for metric in self.facts.metrics), MetricResult(None, reason))
        return self._written(eval_input, missing)

    def _written(self, eval_input: EvalInput, results: MetricResults) -> list[Score]:
        return [self._score(eval_input, metric.name, results[metric.name]) for metric in self.facts.metrics]

    def _score(self, eval_input: EvalInput, metric: str, result: MetricResult) -> Score:
        value = None if result.value is None else float(result.value)
        finite = value is None or math.isfinite(value)
        score = Score(
            sample=eval_input.sample.id,
            metric=metric,
            value=value if finite else None,
            reason=result.reason if finite else f"{self.facts.name} gave a number that is not finite.",
            evaluator=self.facts.name,
            version=self.facts.version,
            fingerprint=self.fingerprint,
            detail=result.detail if finite else None,
        )
        canonical(score.detail)  # Raises here, for this input alone, for what no journal could hold.
        return score

    def _refusal(self, eval_input: EvalInput) -> str | None:
        if eval_input.missing is not None:
            return eval_input.missing
        if "expectation" in self.facts.needs and eval_input.prompt.expectation is None:
            return "The prompt states no expectation."
        if "frames" in self.facts.needs:
            return eval_input.clip_error
        return eval_input.decode_error if "pixels" in self.facts.needs else None


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
    opened = [_EvaluatorRun(evaluator, context, evaluator.fingerprint(context)) for evaluator in chosen]
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
    evaluators: Sequence[_EvaluatorRun]
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
            for batch in batches(samples):
                scores = [score for score in self._scores(batch) if _key(score) not in self.kept]
                journal.append_many("score", scores)
                yield _Batch(len(batch), scores)

    def _scores(self, batch: Sequence[Sample]) -> Iterator[Score]:
        prompts = {prompt.id: prompt for prompt in self.run.plan.suite.prompts}
        eval_inputs = [self._eval_input(sample, prompts[sample.prompt]) for sample in batch]
        for evaluator_run in self.evaluators:
            lacking = [item for item in eval_inputs if evaluator_run.lacks(item.sample, self.kept)]
            yield from evaluator_run.scores(lacking)

    def _eval_input(self, sample: Sample, prompt: Prompt) -> EvalInput:
        data, delivery = _stored(self.media, sample.media), _stored(self.media, sample.delivery)
        if data is None:
            return EvalInput(sample, prompt, b"", NO_MEDIA)
        missing = None if bytes_digest(data) == sample.media else OTHER_MEDIA
        if delivery is not None and bytes_digest(delivery) != sample.delivery:
            delivery = None
        return EvalInput(sample, prompt, data, missing, delivery, self.reader)


def batches(samples: Sequence[Sample]) -> Iterator[list[Sample]]:
    """Yield `samples` in order, at most `BATCH` together, whose decoded media take at most `BATCH_BYTES`.

    One sample that takes more is a batch by itself.
    """
    batch: list[Sample] = []
    held = 0
    for sample in samples:
        size = decoded_bytes(sample)
        if batch and (len(batch) == BATCH or held + size > BATCH_BYTES):
            yield batch
            batch, held = [], 0
        batch.append(sample)
        held += size
    if batch:
        yield batch


def decoded_bytes(sample: Sample) -> int:
    """Return the bytes that a sample's pixels take, by what came and else by what was asked; 0 where nothing was."""
    width, height = sample.width or sample.width_asked or 0, sample.height or sample.height_asked or 0
    return 3 * width * height * (sample.frames or sample.frames_asked)


def _stored(media: MediaStore, sha256: str | None) -> bytes | None:
    try:
        return media.path(sha256 or "").read_bytes()
    except (UnknownNameError, OSError):
        return None


def _kept(run: RunFolder, media: MediaStore) -> set[ScoreKey]:
    """The scores that stand. One that lacked its file is made again once the file is there."""
    samples, scores = run.samples(), run.scores()
    lacking = {score.sample for score in scores.values() if score.reason == NO_MEDIA}
    restored = {name for name in lacking if _is_there(media, samples[name])}
    return {key for key, score in scores.items() if not (score.reason == NO_MEDIA and score.sample in restored)}


def _is_there(media: MediaStore, sample: Sample) -> bool:
    try:
        return media.path(sample.media or "").is_file()
    except UnknownNameError:
        return False


def _key(score: Score) -> ScoreKey:
    return score.sample, score.metric, score.version, score.fingerprint
