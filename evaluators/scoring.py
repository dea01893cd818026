"""Scores a run: reads and decodes each batch's media once for all evaluators, and journals what they find.

What the run's journals hold under the same metric, version and fingerprint is not done again. A sample that is not ok
is never scored; whatever cannot be measured on an ok sample gets a score without a value, with the reason.
"""

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from data.errors import UnknownNameError
from data.media import MediaStore
from data.runs import RunFolder, ScoreKey
from data.serialization import bytes_digest
from data.vocabulary import Progress, Prompt, Sample, Score
from evaluators import registry
from evaluators.eval_input import Declaration, EvalInput, Evaluator, MetricResult, MetricResults, RunContext, decode_all

BATCH: Final = 32
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
    """An evaluator on one context, with the fingerprint of what it would write."""

    evaluator: Evaluator
    context: RunContext
    fingerprint: str

    @property
    def facts(self) -> Declaration:
        return self.evaluator.declaration

    def keys(self, sample: Sample) -> list[ScoreKey]:
        return [(sample.id, metric.name, self.facts.version, self.fingerprint) for metric in self.facts.metrics]

    def scores(self, eval_inputs: Sequence[EvalInput]) -> Iterator[Score]:
        if "pixels" in self.facts.needs:
            decode_all(eval_inputs)
        reasons = [self._refusal(eval_input) for eval_input in eval_inputs]
        sound = [one for one, reason in zip(eval_inputs, reasons, strict=True) if reason is None]
        found = self.evaluator.evaluate(sound, self.context) if sound else []
        for eval_input, results in zip(sound, found, strict=True):
            yield from self.written(eval_input, results)
        for eval_input, reason in zip(eval_inputs, reasons, strict=True):
            if reason is not None:
                missing = dict.fromkeys((metric.name for metric in self.facts.metrics), MetricResult(None, reason))
                yield from self.written(eval_input, missing)

    def written(self, eval_input: EvalInput, results: MetricResults) -> Iterator[Score]:
        for metric in self.facts.metrics:
            result = results[metric.name]
            value = None if result.value is None else float(result.value)
            reason = result.reason
            if value is not None and not math.isfinite(value):
                value, reason = None, f"{self.facts.name} gave a number that is not finite."
            yield Score(
                sample=eval_input.sample.id,
                metric=metric.name,
                value=value,
                reason=reason,
                evaluator=self.facts.name,
                version=self.facts.version,
                fingerprint=self.fingerprint,
                detail=result.detail,
            )

    def _refusal(self, eval_input: EvalInput) -> str | None:
        if eval_input.missing is not None:
            return eval_input.missing
        if eval_input.modality != self.facts.modality:
            return f"{self.facts.name} does not support {eval_input.modality}."
        if "expectation" in self.facts.needs and eval_input.prompt.expectation is None:
            return "The prompt states no expectation."
        return eval_input.fault if "pixels" in self.facts.needs else None


def score(
    run: RunFolder,
    media: MediaStore,
    cache: Path,
    *,
    evaluators: Sequence[Evaluator] | None = None,
    progress: Progress,
) -> ScoringSummary:
    """Score what is not yet scored of `run`, durably batch by batch; again does nothing.

    `evaluators` defaults to all of the registry, with their vectors in `cache`. The run should be complete: duplicates
    are those among the samples that it has now. Raises HomeError when the journal cannot be written.
    """
    chosen = registry.open_evaluators(cache) if evaluators is None else evaluators
    samples = run.samples().values()
    ok = tuple(sample for sample in samples if sample.status == "ok")
    context = RunContext(run.plan.suite.prompts, ok)
    evaluator_runs = [_EvaluatorRun(each, context, each.fingerprint(context)) for each in chosen]
    kept = _kept(run, media)
    open_ones = [sample for sample in ok if any(_open(evaluator_run, sample, kept) for evaluator_run in evaluator_runs)]
    made: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    progress.begin("score", len(ok))
    progress.advance(len(ok) - len(open_ones))
    for batch in _journalled(run, media, open_ones, evaluator_runs, kept):
        made.update(each.metric for each in batch.scores)
        reasons.update(each.metric for each in batch.scores if each.value is None)
        progress.advance(batch.samples)
    progress.end()
    wanted = sum(len(evaluator_run.facts.metrics) for evaluator_run in evaluator_runs) * len(ok)
    return ScoringSummary(len(ok), len(samples) - len(ok), made.total(), wanted - made.total(), dict(reasons))


@dataclass(frozen=True, slots=True)
class _Batch:
    samples: int
    scores: Sequence[Score]


def _journalled(
    run: RunFolder,
    media: MediaStore,
    samples: Sequence[Sample],
    evaluator_runs: Sequence[_EvaluatorRun],
    kept: set[ScoreKey],
) -> Iterator[_Batch]:
    if not samples:
        return
    run.declare(metric for evaluator_run in evaluator_runs for metric in evaluator_run.facts.metrics)
    with run.journal(WORKER) as journal:
        for start in range(0, len(samples), BATCH):
            batch = samples[start : start + BATCH]
            scores = [each for each in _scored(run, media, batch, evaluator_runs, kept) if _key(each) not in kept]
            journal.append_many("score", scores)
            yield _Batch(len(batch), scores)


def _scored(
    run: RunFolder,
    media: MediaStore,
    batch: Sequence[Sample],
    evaluator_runs: Sequence[_EvaluatorRun],
    kept: set[ScoreKey],
) -> Iterator[Score]:
    prompts = {prompt.id: prompt for prompt in run.plan.suite.prompts}
    eval_inputs = [_eval_input(media, sample, prompts[sample.prompt]) for sample in batch]
    for evaluator_run in evaluator_runs:
        yield from evaluator_run.scores([one for one in eval_inputs if _open(evaluator_run, one.sample, kept)])


def _eval_input(media: MediaStore, sample: Sample, prompt: Prompt) -> EvalInput:
    try:
        data = media.path(sample.media or "").read_bytes()
    except (UnknownNameError, OSError):
        return EvalInput(sample, prompt, b"", NO_MEDIA)
    return EvalInput(sample, prompt, data, None if bytes_digest(data) == sample.media else OTHER_MEDIA)


def _open(evaluator_run: _EvaluatorRun, sample: Sample, kept: set[ScoreKey]) -> bool:
    return any(key not in kept for key in evaluator_run.keys(sample))


def _kept(run: RunFolder, media: MediaStore) -> set[ScoreKey]:
    """The scores that stand. One that lacked its file is open again once the file is there."""
    samples = run.samples()
    scores = run.scores()
    lacking = {each.sample for each in scores.values() if each.reason == NO_MEDIA}
    found = {name for name in lacking if _is_there(media, samples[name])}
    return {key for key, each in scores.items() if not (each.reason == NO_MEDIA and each.sample in found)}


def _is_there(media: MediaStore, sample: Sample) -> bool:
    try:
        return media.path(sample.media or "").is_file()
    except UnknownNameError:
        return False


def _key(score: Score) -> ScoreKey:
    return score.sample, score.metric, score.version, score.fingerprint
