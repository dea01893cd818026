"""Execution: what is asked for is made once, failures are results, and what was acknowledged stays."""

import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from data.errors import HomeError, SpendingError, StoreBusyError, WeightsError
from data.home import Home
from data.media import MediaStore
from data.runs import RunFolder
from data.serialization import bytes_digest
from data.store.lock import OwnerLock
from data.vocabulary import Model, Plan, RemoteSource, Request, Timing
from harness.execution import Assignment, execute
from harness.generator import Loading, Outcome


class Scripted:
    """A generator that does what it is told at each of its methods, and remembers the calls."""

    def __init__(self, picture: Callable[[Request], bytes], **script: Callable[[Any], Any]) -> None:
        self.calls: list[tuple[str, Any]] = []
        self._picture = picture
        self._script = script

    def preflight(self, model: Model) -> None:
        self._do("preflight", model)

    def open(self, model: Model) -> Loading | None:
        self._do("open", model)
        return Loading(0.5, 0.25)

    def generate(self, request: Request) -> Outcome:
        made: Outcome | None = self._do("generate", request)
        timing = Timing(seconds=2.0)
        return made or Outcome(status="ok", data=self._picture(request), timing=timing, width=24, height=24)

    def close(self) -> None:
        self._do("close", None)

    def _do(self, name: str, argument: Any) -> Any:
        self.calls.append((name, argument))
        return self._script[name](argument) if name in self._script else None


def raising(error: BaseException, when: Callable[[Any], bool] = lambda _: True) -> Callable[[Any], None]:
    def act(argument: Any) -> None:
        if when(argument):
            raise error

    return act


@pytest.fixture
def scripted(painting: Any) -> Callable[..., Scripted]:
    return lambda **script: Scripted(painting.paint, **script)


def test_every_request_becomes_one_whole_sample(
    run: RunFolder, media: MediaStore, scripted: Any, progress: Any
) -> None:
    summary = execute(run, media, lambda model: scripted(), progress)
    samples = run.samples()
    assert set(samples) == {request.id for request in run.plan.requests}
    assert all(bytes_digest(media.path(sample.media or "").read_bytes()) == sample.media for sample in samples.values())
    assert (summary.made, summary.left, summary.stopped) == ({"ok": 16}, 0, False)


def test_a_sample_says_what_was_asked_what_came_and_what_it_cost(
    run: RunFolder, media: MediaStore, scripted: Any, progress: Any
) -> None:
    execute(run, media, lambda model: scripted(), progress)
    sample = run.samples()[run.plan.requests[0].id]
    assert (sample.width_asked, sample.width, sample.media_type) == (16, 24, "image/png")
    assert sample.cost_usd == pytest.approx(2.0 * 3.6 / 3600)
    assert sample.cost_source == "machine-seconds"
    assert sample.media_bytes == media.path(sample.media or "").stat().st_size


def test_a_master_and_its_delivery_file_are_kept_each_by_its_hash(
    run: RunFolder, media: MediaStore, progress: Any, painting: Any
) -> None:
    class Filming(Scripted):
        def generate(self, request: Any) -> Outcome:
            return replace(super().generate(request), delivery=painting.paint(replace(request, seed=99)))

    execute(run, media, lambda model: Filming(painting.paint), progress)
    for sample in run.samples().values():
        path = media.path(sample.delivery or "")
        assert sample.delivery != sample.media
        assert (sample.delivery_type, sample.delivery_bytes) == ("image/png", path.stat().st_size)


def test_a_second_execution_finds_everything_done(
    run: RunFolder, media: MediaStore, scripted: Any, progress: Any
) -> None:
    execute(run, media, lambda model: scripted(), progress)
    again = execute(run, media, lambda model: pytest.fail("a generator was asked for"), progress)
    assert (again.before, again.made) == (16, {})


def test_one_model_is_open_at_a_time_and_loaded_once(
    run: RunFolder, media: MediaStore, scripted: Any, progress: Any
) -> None:
    generator = scripted()
    execute(run, media, lambda model: generator, progress)
    order = [name for name, _ in generator.calls if name in ("open", "close")]
    assert order == ["open", "close"] * len(run.plan.models)
    assert [load.load_seconds for load in run.loads()] == [0.25, 0.25]


def test_all_models_are_checked_before_anything_is_generated(
    run: RunFolder, media: MediaStore, scripted: Any, progress: Any
) -> None:
    last = run.plan.requests[-1].model
    generator = scripted(preflight=raising(WeightsError("not safetensors"), lambda model: model.id == last))
    with pytest.raises(WeightsError, match="not safetensors"):
        execute(run, media, lambda model: generator, progress)
    assert {name for name, _ in generator.calls} == {"preflight"}
    assert not list((run.path / "journal").iterdir())


def test_a_failure_is_recorded_with_its_reason_and_the_run_goes_on(
    run: RunFolder, media: MediaStore, scripted: Any, progress: Any
) -> None:
    generator = scripted(generate=raising(ValueError("no such brush"), lambda request: request.seed == 1))
    summary = execute(run, media, lambda model: generator, progress)
    failed = [sample for sample in run.samples().values() if sample.status == "failed"]
    assert summary.made == {"ok": 8, "failed": 8}
    assert {(sample.seed, sample.reason, sample.media) for sample in failed} == {(1, "ValueError: no such brush", None)}


def test_a_reason_never_holds_a_key(run: RunFolder, media: MediaStore, scripted: Any, progress: Any) -> None:
    generator = scripted(generate=raising(OSError("401 for https://host/x?token=abcdef with hf_abcdefghijk")))
    execute(run, media, lambda model: generator, progress)
    text = "".join(path.read_text() for path in (run.path / "journal").glob("*.jsonl"))
    assert "abcdef" not in text


def test_a_refusal_is_a_status_of_its_own(run: RunFolder, media: MediaStore, scripted: Any, progress: Any) -> None:
    refusal = Outcome(status="refused", reason="flagged", timing=Timing(seconds=1.0))
    summary = execute(run, media, lambda model: scripted(generate=lambda request: refusal), progress)
    assert summary.made == {"refused": 16}
    assert all(sample.cost_usd == pytest.approx(0.001) for sample in run.samples().values())


def test_a_model_that_cannot_be_loaded_fails_and_the_others_go_on(
    run: RunFolder, media: MediaStore, scripted: Any, progress: Any
) -> None:
    generator = scripted(open=raising(OSError("no such repository"), lambda model: model.id == "painter"))
    execute(run, media, lambda model: generator, progress)
    statuses = Counter((sample.model, sample.status) for sample in run.samples().values())
    assert statuses == {("painter", "failed"): 8, ("sketcher", "ok"): 8}
    reason = next(sample.reason for sample in run.samples().values() if sample.model == "painter")
    assert reason == "The model could not be loaded: OSError: no such repository"


def test_bytes_that_are_no_known_media_fail_the_sample_and_are_kept(
    run: RunFolder, media: MediaStore, scripted: Any, progress: Any
) -> None:
    page = Outcome(status="ok", data=b"<html>", media_type="image/png")
    execute(run, media, lambda model: scripted(generate=lambda request: page), progress)
    assert {sample.status for sample in run.samples().values()} == {"failed"}
    assert [path.suffix for path in media.folder.rglob("*.*")] == [".bin"]


def test_a_set_stop_finishes_the_current_sample_and_leaves_the_rest(
    run: RunFolder, media: MediaStore, scripted: Any, progress: Any
) -> None:
    stop = threading.Event()
    generator = scripted(generate=lambda request: stop.set())
    summary = execute(run, media, lambda model: generator, progress, stop=stop)
    assert (summary.made, summary.left, summary.stopped) == ({"ok": 1}, 15, True)
    assert not run.committed
    rest = execute(run, media, lambda model: scripted(), progress)
    assert (rest.before, rest.made) == (1, {"ok": 15})


def test_an_interrupt_keeps_what_was_made_and_frees_the_model(
    run: RunFolder, media: MediaStore, scripted: Any, progress: Any
) -> None:
    third = run.plan.requests[2].id
    generator = scripted(generate=raising(KeyboardInterrupt(), lambda request: request.id == third))
    with pytest.raises(KeyboardInterrupt):
        execute(run, media, lambda model: generator, progress)
    assert len(run.samples()) == 2
    assert generator.calls[-1][0] == "close"


def test_a_spending_cap_ends_the_run_and_keeps_what_was_paid(
    run: RunFolder, media: MediaStore, scripted: Any, progress: Any
) -> None:
    fifth = run.plan.requests[4].id
    generator = scripted(generate=raising(SpendingError("over the cap"), lambda request: request.id == fifth))
    with pytest.raises(SpendingError, match="over the cap"):
        execute(run, media, lambda model: generator, progress)
    assert len(run.samples()) == 4


def test_a_media_folder_that_cannot_be_written_ends_the_run(
    run: RunFolder, tmp_path: Path, scripted: Any, progress: Any
) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(HomeError, match="Expected to write"):
        execute(run, MediaStore(tmp_path / "file" / "media"), lambda model: scripted(), progress)
    assert run.samples() == {}


def test_failed_samples_are_made_again_only_where_that_is_asked_for(
    run: RunFolder, media: MediaStore, scripted: Any, progress: Any
) -> None:
    execute(run, media, lambda model: scripted(generate=raising(OSError("offline"))), progress)
    assert execute(run, media, lambda model: scripted(), progress).made == {}
    again = Assignment(again=frozenset({"failed"}))
    assert execute(run, media, lambda model: scripted(), progress, assignment=again).made == {"ok": 16}
    assert {sample.status for sample in run.samples().values()} == {"ok"}


def test_the_shares_of_two_workers_are_the_run(plan: Plan) -> None:
    shares = [Assignment(index=index, count=2) for index in range(2)]
    ids = [request.id for share in shares for request in share.of(plan.requests)]
    assert sorted(ids) == sorted(request.id for request in plan.requests)
    assert shares[0].worker != shares[1].worker


def test_a_share_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValueError, match="Expected a share from 0 to 1, got 2"):
        Assignment(index=2, count=2)


def test_a_second_process_at_the_same_work_is_refused(
    run: RunFolder, media: MediaStore, scripted: Any, progress: Any
) -> None:
    with OwnerLock(run.path / ".worker.lock"), pytest.raises(StoreBusyError, match="is owned by process"):
        execute(run, media, lambda model: scripted(), progress)


def test_progress_tells_which_model_runs_and_counts_every_sample(
    run: RunFolder, media: MediaStore, scripted: Any, progress: Any
) -> None:
    execute(run, media, lambda model: scripted(), progress)
    generating = sorted(phase for phase in progress.phases if phase[0].startswith("Generating"))
    assert generating == [["Generating with Painter", 8, 8], ["Generating with Sketcher", 8, 8]]
    assert progress.phases[0] == ["Checking models", 2, 2]


def test_progress_of_a_resumed_run_counts_what_was_there(
    run: RunFolder, media: MediaStore, scripted: Any, progress: Any
) -> None:
    stop = threading.Event()
    execute(run, media, lambda model: scripted(generate=lambda request: stop.set()), progress, stop=stop)
    progress.phases.clear()
    execute(run, media, lambda model: scripted(), progress)
    assert all(done == total for _, total, done in progress.phases)


def test_a_remote_sample_is_durable_before_the_next_is_asked_for(
    home: Home, plan: Plan, media: MediaStore, scripted: Any, progress: Any
) -> None:
    source = RemoteSource(adapter="openai_images", base_url="http://127.0.0.1:1", model="far", in_flight=1)
    far = replace(plan, models=tuple(replace(model, source=source) for model in plan.models))
    run, seen = RunFolder.create(home, far), list[int]()
    generator = scripted(generate=lambda request: seen.append(len(run.samples())))
    execute(run, media, lambda model: generator, progress)
    assert seen == list(range(16))


def test_a_failure_knows_whether_it_was_the_first_call(
    run: RunFolder, media: MediaStore, scripted: Any, progress: Any
) -> None:
    execute(run, media, lambda model: scripted(generate=raising(OSError("broken"))), progress)
    calls = Counter((sample.model, sample.call) for sample in run.samples().values())
    assert calls == {(name, call): n for name in ("painter", "sketcher") for call, n in (("first", 1), ("steady", 7))}
