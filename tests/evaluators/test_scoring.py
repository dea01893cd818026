"""Scoring a run: once, durably, with a reason for all that cannot be measured."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pytest

from data.errors import WeightsError
from data.vocabulary import Metric
from evaluators.batches import NO_MEDIA, batches
from evaluators.clip_score import ClipScore
from evaluators.embeddings.cache import EmbeddingCache
from evaluators.embeddings.embedder import Embedder
from evaluators.eval_input import Declaration, EvalInput, MetricResult
from evaluators.image_statistics import ImageStatistics
from evaluators.integrity import Integrity
from evaluators.r_precision import RPrecision
from evaluators.registry import EVALUATORS
from evaluators.scoring import score
from evaluators.shapes_check import ShapesCheck

MP4 = b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom"


@dataclass
class Spy:
    """An evaluator that remembers what it was shown."""

    value: float = 1.0
    print: str = "a" * 64
    needs: frozenset = frozenset({"pixels"})
    modalities: frozenset = frozenset({"image"})
    seen: list[str] = field(default_factory=list)

    @property
    def declaration(self) -> Declaration:
        metric = Metric(
            name="spied",
            title="Spied",
            evaluator="spy",
            unit="1",
            higher_is_better=True,
            bounds=(None, None),
            kind="sensor",
        )
        return Declaration(name="spy", version="1", modalities=self.modalities, needs=self.needs, metrics=(metric,))

    def fingerprint(self, context) -> str:
        return self.print

    def evaluate(self, batch: Sequence[EvalInput], context) -> list[dict[str, MetricResult]]:
        self.seen += [eval_input.sample.id for eval_input in batch]
        return [{"spied": MetricResult(self.value)} for _ in batch]


def all_of_them(lab, cache):
    embedder = Embedder(lab.CountingEncoder(), EmbeddingCache(cache))
    return [Integrity(), ShapesCheck(), ClipScore(embedder), RPrecision(embedder), ImageStatistics()]


def scored(studio, lab, run, evaluators):
    progress = lab.CountingProgress()
    summary = score(run, studio.media, studio.home.cache, evaluators=evaluators, progress=progress)
    assert progress.ended
    assert progress.done == progress.total == summary.samples
    return summary


def pictures(lab, count: int) -> list:
    return [lab.Shot(lab.prompt(f"prompt {index}"), lab.encoded(lab.noise(index))) for index in range(count)]


def test_every_ok_sample_gets_every_metric_or_a_reason(studio, lab):
    run = studio.run(pictures(lab, 5))
    summary = scored(studio, lab, run, all_of_them(lab, studio.home.cache))
    scores = list(run.scores().values())
    image = [entry.declaration for entry in EVALUATORS.values() if "image" in entry.declaration.modalities]
    metrics = [metric.name for declaration in image for metric in declaration.metrics]
    assert Counter(each.metric for each in scores) == dict.fromkeys(metrics, 5)
    assert {each.reason for each in scores if each.value is None} == {"The prompt states no expectation."}
    assert (summary.scored, summary.kept, summary.samples) == (len(scores), 0, 5)
    assert summary.reasons == dict.fromkeys((m for m in metrics if m.startswith("shapes_")), 5)


def test_a_sample_that_is_not_ok_is_never_scored(studio, lab):
    shots = pictures(lab, 4)
    statuses = ("ok", "refused", "failed", "timed-out")
    run = studio.run([lab.Shot(s.prompt, s.data, status) for s, status in zip(shots, statuses, strict=True)])
    spy = Spy()
    summary = scored(studio, lab, run, [spy, *all_of_them(lab, studio.home.cache)])
    assert spy.seen == ["s0"]
    assert {each.sample for each in run.scores().values()} == {"s0"}
    assert (summary.samples, summary.not_ok) == (1, 3)


def test_scoring_again_does_nothing(studio, lab):
    run = studio.run(pictures(lab, 40))
    first = scored(studio, lab, run, all_of_them(lab, studio.home.cache))
    before = run.scores()
    spies = all_of_them(lab, studio.home.cache)
    again = scored(studio, lab, run, spies)
    assert (again.scored, again.kept) == (0, first.scored)
    assert run.scores() == before
    assert len(list((run.path / "journal").glob("scores-*"))) == 1


def test_only_what_is_missing_is_scored(studio, lab):
    run = studio.run(pictures(lab, 3))
    scored(studio, lab, run, [Integrity()])
    spy = Spy()
    summary = scored(studio, lab, run, [Integrity(), spy])
    assert (summary.scored, summary.kept) == (3, 12)
    assert sorted(spy.seen) == ["s0", "s1", "s2"]


def test_another_fingerprint_is_scored_beside_the_old_one(studio, lab):
    run = studio.run(pictures(lab, 2))
    scored(studio, lab, run, [Spy(value=1)])
    scored(studio, lab, run, [Spy(value=2, print="b" * 64)])
    assert sorted((each.fingerprint[0], each.value) for each in run.scores().values()) == [
        ("a", 1),
        ("a", 1),
        ("b", 2),
        ("b", 2),
    ]


class KilledError(BaseException):
    """What ends the process, as a signal does; nothing that a picture can cause."""


@dataclass
class Mortal(Spy):
    """Dies in its second batch."""

    def evaluate(self, batch, context):
        if self.seen:
            raise KilledError("killed")
        return super().evaluate(batch, context)


def test_a_scoring_that_died_goes_on_where_it_stopped(studio, lab):
    run = studio.run(pictures(lab, 50))
    with pytest.raises(KilledError, match="killed"):
        scored(studio, lab, run, [Mortal()])
    spy = Spy()
    summary = scored(studio, lab, run, [spy])
    assert (summary.scored, summary.kept) == (18, 32)
    assert len(spy.seen) == 18


def test_hostile_files_are_reasons_and_the_run_goes_on(studio, lab):
    good = lab.encoded(lab.noise(0))
    files = {"cut": good[: len(good) // 2], "page": b"<html></html>", "film": MP4, "good": good}
    run = studio.run([lab.Shot(lab.prompt(name), data) for name, data in files.items()])
    scored(studio, lab, run, all_of_them(lab, studio.home.cache))
    reasons = {(each.sample, each.metric): each.reason for each in run.scores().values()}
    assert "damaged" in reasons["s0", "clip_score"]
    assert "got HTML" in reasons["s1", "entropy"]
    assert "Expected a PNG, JPEG, WebP, GIF or AVIF picture" in reasons["s2", "clip_score"]
    assert reasons["s3", "clip_score"] is None
    assert {each.value for each in run.scores().values() if each.metric == "integrity_ok"} == {0, 1}


def test_a_suite_is_scored_by_the_evaluators_of_its_modality(studio, lab):
    run = studio.run(pictures(lab, 2))
    ours, films = Spy(), Spy(print="b" * 64, modalities=frozenset({"video"}))
    both = Spy(print="c" * 64, modalities=frozenset({"image", "video"}))
    scored(studio, lab, run, [ours, films, both])
    assert (ours.seen, films.seen, both.seen) == (["s0", "s1"], [], ["s0", "s1"])
    assert {each.fingerprint[0] for each in run.scores().values()} == {"a", "c"}


def test_batches_are_bounded_by_number_and_by_what_decoding_takes(lab):
    small = [lab.eval_input(lab.encoded(lab.noise(0)), id=f"s{index}") for index in range(40)]
    film = lab.eval_input(b"", id="film", width=640, height=360, frames=240)
    flat = lab.eval_input(lab.encoded(np.zeros((6000, 6000, 3), np.uint8)), id="flat", width=32, height=32)
    taken = [len(batch) for batch in batches([*small, film, flat, flat, *small])]
    assert taken == [32, 8, 1, 1, 32, 9]


def test_a_missing_file_is_a_reason_until_it_is_there(studio, lab):
    run = studio.run(pictures(lab, 2))
    path = studio.media.path(run.samples()["s0"].media)
    data = path.read_bytes()
    path.unlink()
    scored(studio, lab, run, [Spy()])
    assert {each.sample: each.reason for each in run.scores().values()} == {"s0": NO_MEDIA, "s1": None}
    assert scored(studio, lab, run, [Spy()]).scored == 0
    path.write_bytes(data)
    assert scored(studio, lab, run, [Spy()]).scored == 1
    assert {each.value for each in run.scores().values()} == {1}


def test_a_file_that_was_exchanged_is_not_scored(studio, lab):
    run = studio.run(pictures(lab, 1))
    studio.media.path(run.samples()["s0"].media).write_bytes(lab.encoded(lab.noise(9)))
    scored(studio, lab, run, [Spy()])
    (only,) = run.scores().values()
    assert "not the one that was delivered" in only.reason


@pytest.mark.parametrize("value", [math.nan, math.inf, np.float32("nan")])
def test_a_number_that_is_not_finite_becomes_a_reason(studio, lab, value):
    run = studio.run(pictures(lab, 1))
    scored(studio, lab, run, [Spy(value=value)])
    (only,) = run.scores().values()
    assert only.reason == "spy gave a number that is not finite."


def test_an_expectation_that_is_needed_and_absent_is_a_reason(studio, lab):
    run = studio.run(pictures(lab, 1))
    spy = Spy(needs=frozenset({"expectation"}))
    scored(studio, lab, run, [spy])
    assert spy.seen == []
    assert [each.reason for each in run.scores().values()] == ["The prompt states no expectation."]


@dataclass
class Delicate(Spy):
    """Cannot stand the prompt "prompt 1"."""

    error: type[BaseException] = RuntimeError

    def evaluate(self, batch, context):
        if any(eval_input.prompt.text == "prompt 1" for eval_input in batch):
            raise self.error(f"a free amount: {object()!r}")
        return super().evaluate(batch, context)


@pytest.mark.parametrize("error", [RuntimeError, MemoryError, AssertionError, RecursionError, OSError])
def test_what_one_picture_raises_is_its_reason_and_the_batch_goes_on(studio, lab, error):
    run = studio.run(pictures(lab, 5))
    spy = Delicate(error=error)
    summary = scored(studio, lab, run, [spy, Integrity()])
    reasons = {each.sample: each.reason for each in run.scores().values() if each.metric == "spied"}
    assert reasons.pop("s1") == f"spy could not score it: {error.__name__} in evaluate."
    assert set(reasons.values()) == {None}
    assert (summary.scored, summary.reasons) == (25, {"spied": 1})
    assert scored(studio, lab, run, [spy, Integrity()]).scored == 0


def test_what_the_user_can_fix_is_no_pictures_reason(studio, lab):
    run = studio.run(pictures(lab, 3))
    with pytest.raises(WeightsError, match="a free amount"):
        scored(studio, lab, run, [Delicate(error=WeightsError)])
    assert not run.scores()


@dataclass
class Careless(Spy):
    """Answers with what is no result."""

    answer: object = None

    def evaluate(self, batch, context):
        return [
            {"spied": self.answer} if eval_input.sample.id == "s1" else {"spied": MetricResult(1.0)}
            for eval_input in batch
        ]


@pytest.mark.parametrize(
    "answer",
    [
        None,
        MetricResult(None),
        MetricResult("much"),
        MetricResult(1.0, detail={"x": math.nan}),
        MetricResult(1.0, "both"),
    ],
)
def test_an_answer_that_is_no_result_is_that_samples_reason(studio, lab, answer):
    run = studio.run(pictures(lab, 3))
    scored(studio, lab, run, [Careless(answer=answer)])
    by_sample = {each.sample: each for each in run.scores().values()}
    assert by_sample["s1"].reason.startswith("spy could not score it: ")
    assert by_sample["s0"].value == by_sample["s2"].value == 1


@pytest.mark.parametrize(("height", "width"), [(1, 8192), (20_000, 1), (1, 1), (1, 100_000), (70_000, 9)])
def test_a_strip_is_scored_by_all_evaluators(studio, lab, tiny, height, width):
    strip = lab.Shot(lab.prompt("a red circle", expectation={"things": []}), lab.encoded(lab.noise(0, height, width)))
    run = studio.run([strip, *pictures(lab, 1)])
    embedder = Embedder(tiny, EmbeddingCache(studio.home.cache))
    every = [Integrity(), ShapesCheck(), ClipScore(embedder), RPrecision(embedder), ImageStatistics()]
    scored(studio, lab, run, every)
    of_strip = {each.metric: each for each in run.scores().values() if each.sample == "s0"}
    assert -100 <= of_strip["clip_score"].value <= 100
    assert "not about shapes that can be checked: Expected" in of_strip["shapes_correct"].reason
    assert not [each.reason for each in of_strip.values() if "could not score it" in (each.reason or "")]


def test_the_metrics_of_a_scored_run_are_declared(studio, lab):
    run = studio.run(pictures(lab, 1))
    scored(studio, lab, run, [Spy(), Integrity()])
    assert [each.name for each in run.metrics()] == ["blank", "duplicate", "integrity_ok", "size_as_asked", "spied"]


def test_a_run_without_samples_writes_nothing(studio, lab):
    run = studio.run([lab.Shot(lab.prompt(), None, "failed")])
    assert scored(studio, lab, run, all_of_them(lab, studio.home.cache)).scored == 0
    assert not list((run.path / "journal").glob("scores-*"))
