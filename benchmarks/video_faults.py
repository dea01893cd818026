"""What each metric of videos sees: planted faults on drawn clips, and the exact check on generated ones.

Every clip goes the whole way: lossless master, the reading process, the evaluators. Writes `docs/video-metrics.md`.
"""

import json
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.progress import track

from benchmarks.options import Count, parse, parser
from benchmarks.planted_faults import FAULTS, FRAMES, Shown, drawn_clips, sample_of
from benchmarks.video_fault_tables import Agreement, Sensitivity, document
from data.embedded.motion.contenders import VIDEO_CONTENDERS
from data.embedded.motion.weights import load_moving_pipeline
from data.embedded.training.video_prompts import Sampling, answer, held_out_trials
from data.video import encode
from data.video.reader import VideoReader
from data.vocabulary import Prompt
from evaluators.eval_input import EvalInput, Evaluator, RunContext
from evaluators.registry import EVALUATORS, EvaluatorContext
from evaluators.video.frames import READ_LIMITS

GENERATED = ("moving-grand", "moving-swift")
SEED = 2026
Values = dict[str, float | None]


@dataclass(frozen=True, slots=True)
class Scorer:
    """All evaluators of videos, with one reading process."""

    evaluators: Sequence[Evaluator]
    reader: VideoReader

    def values(self, shown: Shown, prompt: Prompt, *, delivered: bool = False) -> Values:
        """Return every metric of one clip; None where there is no number."""
        frames = list(shown.frames)
        data = encode.master(frames, frames_per_second=shown.rate)
        delivery = encode.delivery(frames, frames_per_second=shown.rate) if delivered else None
        asked = sample_of(frames=len(shown.frames) if delivered else FRAMES, delivery="0" * 64 if delivered else None)
        eval_input = EvalInput(asked, prompt, data, None, delivery, self.reader)
        results = [evaluator.evaluate([eval_input], RunContext((), ()))[0] for evaluator in self.evaluators]
        return {name: result.value for by_metric in results for name, result in by_metric.items()}


@contextmanager
def scorer() -> Iterator[Scorer]:
    """All evaluators of videos with an empty cache, until the context ends."""
    with tempfile.TemporaryDirectory() as folder, VideoReader(READ_LIMITS) as reader:
        context = EvaluatorContext(Path(folder))
        entries = [entry for entry in EVALUATORS.values() if "video" in entry.declaration.modalities]
        yield Scorer([entry.open(context) for entry in entries], reader)


def sensitivity(scoring: Scorer, count: int, console: Console) -> Sensitivity:
    """Return how each metric tells a clip with each fault from the clean ones."""
    clips, rng = drawn_clips(count, SEED), np.random.default_rng(SEED)
    prompts = [Prompt(id="p", text="x", category="c", expectation=clip.scene.expectation()) for clip in clips]
    shown = {"clean": [Shown(clip.frames) for clip in clips]}
    shown |= {name: [fault(clip, rng) for clip in clips] for name, fault in FAULTS.items()}
    work = [(name, each, prompt) for name, row in shown.items() for each, prompt in zip(row, prompts, strict=True)]
    values: dict[str, list[Values]] = {name: [] for name in shown}
    for name, each, prompt in track(work, "planted faults", console=console):
        values[name].append(scoring.values(each, prompt))
    return Sensitivity.of(values)


def agreement(scoring: Scorer, count: int, console: Console) -> Agreement:
    """Return how each metric tells generated clips that are entirely right from those that are not."""
    rows: list[Values] = []
    groups: list[int] = []
    for contender in (each for each in VIDEO_CONTENDERS if each.id in GENERATED):
        trials = [trial for kind in ("single", "pair") for trial in held_out_trials(kind, count // 2, SEED)]
        how = Sampling(contender.steps, contender.guidance, SEED)
        clips = answer(load_moving_pipeline(contender.folder), [trial.prompt for trial in trials], how)
        for number, (trial, clip) in enumerate(
            track(list(zip(trials, clips, strict=True)), contender.id, console=console)
        ):
            prompt = Prompt(id="p", text=trial.prompt, category="c", expectation=trial.scene.expectation())
            rows.append(scoring.values(Shown(clip), prompt, delivered=True))
            groups.append(number)
    return Agreement.of(rows, groups)


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the page, or print its figures as JSON."""
    counts = {
        "clips": Count(48, 6, "drawn clips, each with every fault"),
        "prompts": Count(40, 2, "prompts that each generating model answers"),
    }
    made = parser(__doc__, **counts)
    made.add_argument("--out", type=Path, default=Path("docs/video-metrics.md"), help="the page")
    options = parse(made, arguments)
    console = Console(stderr=True)
    with scorer() as scoring:
        planted = sensitivity(scoring, options.clips, console)
        generated = agreement(scoring, options.prompts, console)
    if options.json:
        print(json.dumps({"video_faults": {"planted": asdict(planted), "generated": asdict(generated)}}))
        return 0
    options.out.write_text(document(planted, generated, GENERATED) + "\n", encoding="utf-8")
    console.print(f"Wrote {options.out}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
