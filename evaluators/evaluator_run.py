"""One evaluator on one run: its scores of a batch, and a reason wherever there is no number, whatever it raises."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from data.errors import HalflifeError
from data.runs import ScoreKey
from data.serialization import canonical
from data.vocabulary import Sample, Score
from evaluators.eval_input import Declaration, EvalInput, Evaluator, MetricResult, MetricResults, RunContext, decode_all
from evaluators.reasons import unexpected


@dataclass(frozen=True)
class EvaluatorRun:
    """An evaluator on one run, with the fingerprint of what it would write."""

    evaluator: Evaluator
    context: RunContext
    fingerprint: str

    @property
    def facts(self) -> Declaration:
        """The evaluator's facts."""
        return self.evaluator.declaration

    def keys(self, sample: Sample) -> list[ScoreKey]:
        """What the scores of a sample are kept under."""
        return [(sample.id, metric.name, self.facts.version, self.fingerprint) for metric in self.facts.metrics]

    def lacks(self, sample: Sample, kept: set[ScoreKey]) -> bool:
        """Whether a score of a sample is not among those that are kept."""
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
