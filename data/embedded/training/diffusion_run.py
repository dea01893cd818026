"""One training run of an embedded text-to-image network: seeded, resumable, with a logged curve.

Rectified flow in x-prediction: x_t = (1 - t) x + t noise, the network predicts x, the loss is the squared error
weighted by min(1 / t², cap), which without the cap is the squared error of the velocity (x_t - x) / t. Every step draws
its scenes, layouts, noise and times from generators seeded by the step's number, so a resumed run goes on as if never
stopped.
"""

import json
import random
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Final, NamedTuple

import torch
from safetensors.torch import save_file
from torch import Tensor
from torch.nn.functional import pixel_unshuffle

from data.embedded.drawing import draw, layout
from data.embedded.language import END, VOCABULARY
from data.embedded.network import ARCHITECTURES, build_pipeline
from data.embedded.pipeline import FOLD, ShapesPipeline
from data.embedded.training.attributes import CAPTION_HEADS, caption_targets, reader, reading_loss
from data.embedded.training.eval_prompts import KINDS, generate, held_out_prompts, judge, tally
from data.embedded.training.training_data import training_example
from data.embedded.training.training_schedule import TrainingPhase, TrainingSchedule

WORK: Final = Path(__file__).parents[1] / ".work"
CURVES: Final = Path(__file__).parents[1] / "curves"
SNAPSHOT_EVERY: Final = 10_000
CHECKPOINT_EVERY: Final = 5_000
_PROMPT_COUNTS: Final = {"single": 12, "pair": 40, "free pair": 12}


class Batch(NamedTuple):
    """Token ids (n, context), images (n, 3, 32, 32) in -1 to 1, noise like the folded images, times (n,) in 0 to 1, and
    what the captions say (n, heads).
    """

    tokens: Tensor
    images: Tensor
    noise: Tensor
    times: Tensor
    described: Tensor


class DiffusionRun:
    """A run's state: the networks in training, their running average, the optimizer, and the images seen so far."""

    def __init__(self, name: str, schedule: TrainingSchedule, *, fresh: bool = False, compiled: bool = False) -> None:
        self.name, self.schedule = name, schedule
        self.folder = WORK / name
        (self.folder / "snapshots").mkdir(parents=True, exist_ok=True)
        CURVES.mkdir(exist_ok=True)
        self.curve = CURVES / f"{name}.jsonl"
        architecture = ARCHITECTURES[schedule.architecture]
        self.pipeline = build_pipeline(architecture, schedule.seed)
        self.average = build_pipeline(architecture, schedule.seed)
        self.pipeline.unet.to(memory_format=torch.channels_last)
        if compiled:
            self.pipeline.unet.compile()
        self.weights = _parameters(self.pipeline)
        self.averaged = _parameters(self.average)
        self.optimizer = torch.optim.AdamW(self.weights.values(), betas=(0.9, 0.99), weight_decay=0.01, fused=True)
        self.reader = reader(architecture.text_width, CAPTION_HEADS)
        self.reader_optimizer = torch.optim.AdamW(self.reader.parameters(), lr=2e-3)
        self.seen, self.seconds = 0, 0.0
        self.losses: list[float] = []
        self._token_ids: dict[str, list[int]] = {}
        if fresh:
            self.curve.unlink(missing_ok=True)
        else:
            self._resume()

    def train(self, until: int | None = None) -> None:
        """Train to the end of the schedule, or until that many images were seen."""
        goal = min(self.schedule.images, until or self.schedule.images)
        while self.seen < goal:
            started, before = time.process_time(), self.seen
            self._step()
            self.seconds += time.process_time() - started
            if _passes(before, self.seen, CHECKPOINT_EVERY) or self.seen >= goal:
                self._save_checkpoint()
            if _passes(before, self.seen, SNAPSHOT_EVERY) or self.seen >= goal:
                self._save_snapshot()
                self._log()

    def _step(self) -> None:
        phase, rate = self._phase()
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        batch = self._batch(phase)
        loss = self._loss(batch, phase)
        torch.autograd.backward(loss)
        torch.nn.utils.clip_grad_norm_(self.weights.values(), 1.0)
        self.optimizer.step()
        self.optimizer.zero_grad()
        self.reader_optimizer.step()
        self.reader_optimizer.zero_grad()
        self.losses.append(float(loss.detach()))
        self.seen += len(batch.tokens)
        step = self.seen // self.schedule.batch
        decay = min(self.schedule.ema, (1 + step) / (10 + step))
        with torch.no_grad():
            torch._foreach_lerp_(list(self.averaged.values()), list(self.weights.values()), 1 - decay)

    def _phase(self) -> tuple[TrainingPhase, float]:
        start = 0
        for phase in self.schedule.phases:
            if self.seen < start + phase.images:
                break
            start += phase.images
        done = (self.seen - start) / phase.images
        warm = min(1.0, (self.seen // self.schedule.batch + 1) / self.schedule.warm_up_steps)
        return phase, warm * (phase.rate_from + (phase.rate_to - phase.rate_from) * done)

    def _batch(self, phase: TrainingPhase) -> Batch:
        rng = random.Random(f"{self.schedule.seed}-{self.seen}")
        generator = torch.Generator().manual_seed(self.schedule.seed * 1_000_000 + self.seen)
        examples = [training_example(rng, phase.pairs, phase.free) for _ in range(self.schedule.batch)]
        dropped = ["" if rng.random() < self.schedule.caption_dropout else example.caption for example in examples]
        images = draw([layout(example.drawn, rng) for example in examples])
        noise = torch.randn(pixel_unshuffle(images, FOLD).shape, generator=generator)
        high = torch.rand(len(examples), generator=generator) < phase.noise.share_high
        means = torch.where(high, phase.noise.high, phase.noise.low)
        times = torch.sigmoid(means + torch.randn(len(examples), generator=generator))
        return Batch(
            self._tokens(dropped), images, noise, times, caption_targets([example.described for example in examples])
        )

    def _tokens(self, texts: list[str]) -> Tensor:
        for text in texts:
            if text not in self._token_ids:
                self._token_ids[text] = self.pipeline.tokenizer(text, padding="max_length", truncation=True).input_ids
        return torch.tensor([self._token_ids[text] for text in texts])

    def _loss(self, batch: Batch, phase: TrainingPhase) -> Tensor:
        clean = pixel_unshuffle(batch.images, FOLD).contiguous(memory_format=torch.channels_last)
        t = batch.times[:, None, None, None]
        states = self.pipeline.text_encoder(batch.tokens).last_hidden_state
        mixed = (1 - t) * clean + t * batch.noise
        guess = self.pipeline.unet(mixed, batch.times * 1000, encoder_hidden_states=states).sample
        loss: Tensor = ((guess - clean).square() * (1 / t.square()).clamp(max=phase.noise.cap)).mean()
        if phase.reading == 0:
            return loss
        return loss + phase.reading * self._reading(states, batch)

    def _reading(self, states: Tensor, batch: Batch) -> Tensor:
        """How badly every token's state names what its caption says; captions that were dropped state nothing."""
        given = batch.tokens[:, 1] != VOCABULARY[END]
        logits = self.reader(states[given]).flatten(0, 1)
        wanted = batch.described[given].repeat_interleave(states.shape[1], dim=0)
        return reading_loss(logits, wanted, CAPTION_HEADS)

    def _save_checkpoint(self) -> None:
        state = {
            "weights": dict(self.weights),
            "averaged": dict(self.averaged),
            "optimizer": self.optimizer.state_dict(),
            "reader": self.reader.state_dict(),
            "reader_optimizer": self.reader_optimizer.state_dict(),
            "seen": self.seen,
            "seconds": self.seconds,
        }
        temporary = self.folder / "checkpoint.tmp"
        torch.save(state, temporary)
        temporary.replace(self.folder / "checkpoint.pt")

    def _resume(self) -> None:
        path = self.folder / "checkpoint.pt"
        if not path.exists():
            return
        state = torch.load(path, weights_only=True)
        with torch.no_grad():
            for name, weight in self.weights.items():
                weight.copy_(state["weights"][name])
                self.averaged[name].copy_(state["averaged"][name])
        self.optimizer.load_state_dict(state["optimizer"])
        if "reader" in state:
            self.reader.load_state_dict(state["reader"])
            self.reader_optimizer.load_state_dict(state["reader_optimizer"])
        self.seen, self.seconds = state["seen"], state["seconds"]

    def _save_snapshot(self) -> None:
        halves = {name: weight.detach().half().contiguous() for name, weight in self.averaged.items()}
        save_file(halves, self.folder / "snapshots" / f"{self.seen:07d}.safetensors")

    def _log(self) -> None:
        row: dict[str, object] = {
            "images": self.seen,
            "core_seconds": round(self.seconds, 1),
            "loss": round(sum(self.losses) / len(self.losses), 5),
        }
        for kind in KINDS:
            prompts = held_out_prompts(kind, _PROMPT_COUNTS[kind], seed=1)
            drawn = generate(self.average, [prompt.text for prompt in prompts], steps=12, guidance=2.5, seed=1)
            row[kind] = {name: round(value, 3) for name, value in asdict(tally(judge(prompts, drawn))).items()}
        self.losses = []
        with self.curve.open("a") as file:
            file.write(json.dumps(row) + "\n")
        print(self.name, json.dumps(row), flush=True)


def load_snapshot(schedule: TrainingSchedule, path: Path) -> ShapesPipeline:
    """The pipeline of a schedule with a snapshot's weights, in fp32."""
    from safetensors.torch import load_file

    pipeline = build_pipeline(ARCHITECTURES[schedule.architecture], schedule.seed)
    saved = load_file(path)
    with torch.no_grad():
        for name, weight in _parameters(pipeline).items():
            weight.copy_(saved[name])
    return pipeline


def _parameters(pipeline: ShapesPipeline) -> dict[str, torch.nn.Parameter]:
    return dict(_named(pipeline))


def _named(pipeline: ShapesPipeline) -> Iterator[tuple[str, torch.nn.Parameter]]:
    for part in ("text_encoder", "unet"):
        for name, weight in getattr(pipeline, part).named_parameters():
            yield f"{part}.{name}", weight


def _passes(before: int, after: int, every: int) -> bool:
    return before // every != after // every
