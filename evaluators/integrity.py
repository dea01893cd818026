"""`integrity`: whether a delivered picture is usable at all. Gates find faults; they do not measure quality."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from data.serialization import digest
from data.suites.units import prompt_units
from data.vocabulary import Sample
from evaluators import blank, decode
from evaluators.decode import Picture
from evaluators.eval_input import Declaration, EvalInput, MetricResult, MetricResults, RunContext, decode_all, share

_gate: Final = partial(share, "integrity", kind="gate")

DECLARATION: Final = Declaration(
    name="integrity",
    version="2",
    modalities=frozenset({"image"}),
    needs=frozenset(),
    metrics=(
        _gate("integrity_ok", "Sound: decodes, not blank, no duplicate, size as asked"),
        _gate("blank", "Blank", higher_is_better=False),
        _gate("duplicate", "The same file for another prompt", higher_is_better=False),
        _gate("size_as_asked", "Delivered in the size asked for"),
    ),
)

NOT_ASKED: Final = "It was not asked for."


def repeated(context: RunContext) -> Mapping[str, str]:
    """For each sample whose file its model also delivered for another prompt: one such sample, by sample id.

    Entries of the same text and inputs are one prompt: the same file for both is what was asked for.

    >>> asked = {"width_asked": 8, "height_asked": 8, "timing": None, "call": "steady", "reason": None, "seed": 0}
    >>> asked |= {"run_id": "r", "model": "m", "category": "c", "status": "ok", "media": "same", "started_at": None}
    >>> from data.vocabulary import Prompt
    >>> samples = Sample(id="a", prompt="p", **asked), Sample(id="b", prompt="q", **asked)
    >>> prompts = [Prompt(id=name, text=f"a {name}", category="c") for name in "pq"]
    >>> repeated(RunContext(tuple(prompts), samples))
    {'a': 'b', 'b': 'a'}
    """
    owners: dict[tuple[str, str | None], list[Sample]] = defaultdict(list)
    units = prompt_units(context.prompts)
    for sample in context.samples:
        owners[sample.model, sample.media].append(sample)
    duplicates: dict[str, str] = {}
    for same in owners.values():
        first, unit = same[0], {sample.id: units.get(sample.prompt, sample.prompt) for sample in same}
        other = next((sample for sample in same if unit[sample.id] != unit[first.id]), None)
        if other is not None:
            duplicates |= {each.id: (first if unit[each.id] != unit[first.id] else other).id for each in same}
    return duplicates


@dataclass(frozen=True, slots=True)
class Integrity:
    """The evaluator. A file that does not decode is not sound, and its other gates say why they are missing."""

    declaration: Declaration = DECLARATION

    def fingerprint(self, context: RunContext) -> str:
        """Covers the canonical decode and the thresholds."""
        return digest({"decode": decode.VERSION, "spread": blank.SPREAD, "share": blank.SHARE})

    def evaluate(self, batch: Sequence[EvalInput], context: RunContext) -> Sequence[MetricResults]:
        """Four results for each input. Duplicates are those among the samples of the run."""
        decode_all(batch)
        twins = repeated(context)
        return [_results(eval_input, twins.get(eval_input.sample.id)) for eval_input in batch]


def _results(eval_input: EvalInput, twin: str | None) -> MetricResults:
    duplicate = MetricResult(float(twin is not None), detail=None if twin is None else {"same_as": twin})
    if eval_input.decode_error is not None:
        missing = MetricResult(None, eval_input.decode_error)
        unsound = MetricResult(0.0, detail={"fault": eval_input.decode_error})
        return {"integrity_ok": unsound, "blank": missing, "duplicate": duplicate, "size_as_asked": missing}
    picture, sample = eval_input.picture, eval_input.sample
    is_blank = blank.is_blank(picture.pixels) if picture.blank is None else picture.blank
    as_asked = sample.width_asked is None or (picture.width, picture.height) == (
        sample.width_asked,
        sample.height_asked,
    )
    return {
        "integrity_ok": MetricResult(float(as_asked and not is_blank and twin is None), detail=_provenance(picture)),
        "blank": MetricResult(float(is_blank)),
        "duplicate": duplicate,
        "size_as_asked": _size_result(picture, sample, as_asked),
    }


def _size_result(picture: Picture, sample: Sample, as_asked: bool) -> MetricResult:
    if sample.width_asked is None:
        return MetricResult(None, NOT_ASKED)
    delivered = {"delivered": [picture.width, picture.height], "asked": [sample.width_asked, sample.height_asked]}
    return MetricResult(float(as_asked), detail=None if as_asked else delivered)


def _provenance(picture: Picture) -> dict[str, object]:
    return {"format": picture.format, "mode": picture.mode, "decoding": list(picture.done)}
