"""One training run of an embedded text-to-video network: seeded, resumable, on a CPU or a GPU, with a logged curve.

Rectified flow in x-prediction, as for the pictures (`diffusion_run`). Scenes, courses, noise and times come from one
generator on the device, seeded by the step's number, so a resumed run goes on as if never stopped.
"""

import json
import time
from concurrent.futures import Executor
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any, Final, NamedTuple

import torch
from diffusers import WanTransformer3DModel
from safetensors.torch import load_file, save_file
from torch import Tensor

from data.embedded.language import END
from data.embedded.motion.drawing import courses, draw
from data.embedded.motion.language import VOCABULARY
from data.embedded.motion.network import ARCHITECTURES, TEXT_WIDTH, build_pipeline
from data.embedded.motion.pipeline import MovingShapesPipeline, folded, predicted
from data.embedded.training.attributes import reader, reading_loss
from data.embedded.training.muon import Muon
from data.embedded.training.video_data import LABEL_HEADS, SCENE_KINDS, empty_tokens, pools
from data.embedded.training.video_prompts import shares_right
from data.embedded.training.video_schedule import VideoSchedule
from data.embedded.training.video_start import start_from_pictures

CURVES: Final = Path(__file__).parents[1] / "curves"
POOL_SIZE: Final = 40_000
POOL_SEED: Final = 20261128


class VideoBatch(NamedTuple):
    """Token ids (n, context), latents and noise (n, 12, frames, 16, 16), times (n,) in 0 to 1, what captions say."""

    tokens: Tensor
    clean: Tensor
    noise: Tensor
    times: Tensor
    labels: Tensor


class Budget(NamedTuple):
    """Where a run stops: after the schedule's clips, or after so many seconds if that is given.

    With `fall` false the rates stay up, so that a later call can go on.
    """

    seconds: float | None = None
    fall: bool = True
    report_every: float = 30.0


class VideoRun:
    """A run's state: the networks in training, their running average, the optimizers, and the clips seen so far."""

    def __init__(
        self, name: str, schedule: VideoSchedule, work: Path, device: str = "cpu", executor: Executor | None = None
    ) -> None:
        self.name, self.schedule, self.device, self.executor = name, schedule, device, executor
        self.folder = work / name
        self.folder.mkdir(parents=True, exist_ok=True)
        architecture = ARCHITECTURES[schedule.architecture]
        self.frames = architecture.frames[0]
        self.pipeline = build_pipeline(architecture, schedule.seed)
        start_from_pictures(self.pipeline)
        self.average = build_pipeline(architecture, schedule.seed)
        for pipeline in (self.pipeline, self.average):
            torch.nn.Module.to(pipeline.text_encoder, device)
            torch.nn.Module.to(pipeline.denoiser, device)
        if device != "cpu" and isinstance(self.pipeline.denoiser, WanTransformer3DModel):
            patches_as_matrix(self.pipeline.denoiser.patch_embedding)
        self.weights, self.averaged = parameters(self.pipeline), parameters(self.average)
        with torch.no_grad():
            for name_, weight in self.weights.items():
                self.averaged[name_].copy_(weight)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(schedule.seed)
            self.reader = reader(TEXT_WIDTH, LABEL_HEADS).to(device)
        self._optimizers()
        drawn = pools(POOL_SIZE, POOL_SEED, work)
        self.pools = {kind: each.on(device) for kind, each in drawn.items()}
        self.empty = empty_tokens().to(device)
        self.generator = torch.Generator(device)
        self.seen, self.seconds = 0, 0.0
        self.losses: list[Tensor] = []
        self._resume()

    def compile(self) -> None:
        """Compile the denoiser's blocks: a minute, then faster."""
        names = ("blocks", "transformer_blocks", "temporal_transformer_blocks")
        for block in (block for name in names for block in getattr(self.pipeline.denoiser, name, ())):
            block.compile()

    def train(self, budget: Budget) -> None:
        """Train to the end of the schedule or of the budget; checkpoint, snapshot and log on the way."""
        started, before, reported = time.perf_counter(), self.seconds, 0.0
        first = self.seen
        while True:
            now = time.perf_counter() - started
            self.seconds = before + now
            done = self._done(now, budget)
            if done >= 1:
                break
            self._step(done if budget.fall else 0.0)
            if (self.seen - first) // self.schedule.batch == 20:
                _synchronise(self.device)
                print(self.name, "20 steps after", round(time.perf_counter() - started, 1), "s", flush=True)
            if now - reported > budget.report_every:
                reported = now
                self._report()
        self._report()

    def _done(self, now: float, budget: Budget) -> float:
        return self.seen / self.schedule.clips if budget.seconds is None else now / budget.seconds

    def _step(self, done: float) -> None:
        self._set_rates(done)
        batch = self._batch()
        loss = self._loss(batch)
        torch.autograd.backward(loss)
        torch.nn.utils.clip_grad_norm_(self.weights.values(), 1.0, foreach=True)
        for optimizer in self.optimizers:
            optimizer.step()
        for weight in (*self.weights.values(), *self.reader.parameters()):
            weight.grad = None
        self.losses.append(loss.detach())
        self.seen += len(batch.tokens)
        step = self.seen // self.schedule.batch
        decay = min(self.schedule.ema, (1 + step) / (10 + step))
        with torch.no_grad():
            torch._foreach_lerp_(list(self.averaged.values()), list(self.weights.values()), 1 - decay)

    def _optimizers(self) -> None:
        matrices = self._matrices()
        text = [weight for name, weight in self.weights.items() if name.startswith("text_encoder.")]
        rest = [
            weight
            for name, weight in self.weights.items()
            if not name.startswith("text_encoder.") and name not in matrices
        ]
        groups = [{"params": rest}, {"params": text}, {"params": list(self.reader.parameters())}]
        self.adam = torch.optim.AdamW(groups, betas=(0.9, 0.99), weight_decay=0.01, fused=True)
        self.muon = Muon(matrices.values()) if matrices else None
        self.optimizers: list[Any] = [self.adam, *([self.muon] if self.muon else [])]

    def _matrices(self) -> dict[str, Tensor]:
        """The matrices inside the transformer's blocks, which Muon takes."""
        if self.schedule.matrix_rate == 0:
            return {}
        return {
            name: weight
            for name, weight in self.weights.items()
            if "blocks." in name and weight.ndim == 2 and min(weight.shape) > 8 and not name.startswith("text_encoder.")
        }

    def _set_rates(self, done: float) -> None:
        schedule = self.schedule
        warm = min(1.0, (self.seen // schedule.batch + 1) / schedule.warm_up_steps)
        share = warm * min(1.0, (1 - done) / schedule.decay)
        for group, rate in zip(self.adam.param_groups, (schedule.rate, schedule.text_rate, 2e-3), strict=True):
            group["lr"] = share * rate
        if self.muon is not None:
            self.muon.rate = share * schedule.matrix_rate

    def _batch(self) -> VideoBatch:
        schedule, draws = self.schedule, self.generator
        draws.manual_seed(schedule.seed * 1_000_000 + self.seen // schedule.batch)
        counts = [round(schedule.batch * getattr(schedule.shares, kind)) for kind in SCENE_KINDS]
        counts[-1] = schedule.batch - sum(counts[:-1])
        rows = [torch.randint(POOL_SIZE, (count,), generator=draws, device=self.device) for count in counts]
        parts = [self.pools[kind].rows(index) for kind, index in zip(SCENE_KINDS, rows, strict=True)]
        scenes = type(parts[0].scenes)(
            *(torch.cat(each) for each in zip(*(part.scenes for part in parts), strict=True))
        )
        tokens, labels = torch.cat([part.tokens for part in parts]), torch.cat([part.labels for part in parts])
        clean = folded(draw(courses(scenes, self.frames, draws)))
        noise = torch.randn(clean.shape, generator=draws, device=self.device)
        chance = torch.rand((2, len(tokens)), generator=draws, device=self.device)
        normal = torch.randn(len(tokens), generator=draws, device=self.device) * schedule.noise.spread
        means = torch.where(chance[0] < schedule.noise.share_high, schedule.noise.high, schedule.noise.low)
        dropped = (chance[1] < schedule.caption_dropout)[:, None]
        return VideoBatch(torch.where(dropped, self.empty, tokens), clean, noise, torch.sigmoid(means + normal), labels)

    def _loss(self, batch: VideoBatch) -> Tensor:
        t = batch.times[:, None, None, None, None]
        with self._autocast():
            states = self.pipeline.text_encoder(batch.tokens).last_hidden_state
            mixed = (1 - t) * batch.clean + t * batch.noise
            guess = predicted(self.pipeline.denoiser, mixed, batch.times * 1000, states).float()
        weight = (1 / t.square()).clamp(max=self.schedule.noise.cap)
        loss: Tensor = ((guess - batch.clean).square() * weight).mean()
        return loss + self.schedule.reading * self._reading(states.float(), batch)

    def _reading(self, states: Tensor, batch: VideoBatch) -> Tensor:
        """How badly every token's state names what its caption says; captions that were dropped say nothing."""
        given = (batch.tokens[:, 1:2] != VOCABULARY[END]).expand(-1, states.shape[1]).flatten()
        labels = batch.labels.repeat_interleave(states.shape[1], dim=0)
        logits = self.reader(states).flatten(0, 1)
        return reading_loss(logits, torch.where(given[:, None], labels, -100), LABEL_HEADS)

    def _autocast(self) -> AbstractContextManager[Any]:
        return torch.autocast("cuda", torch.bfloat16) if self.device.startswith("cuda") else nullcontext()

    def _report(self) -> None:
        losses = torch.stack(self.losses) if self.losses else torch.zeros(1)
        row: dict[str, Any] = {
            "clips": self.seen,
            "seconds": round(self.seconds, 1),
            "loss": round(float(losses.mean()), 5),
        }
        row |= shares_right(self.average, 1, self.executor)
        self.losses = []
        with (self.folder / "curve.jsonl").open("a") as file:
            file.write(json.dumps(row) + "\n")
        print(self.name, json.dumps(row), flush=True)
        halves = {name: weight.detach().half().cpu().contiguous() for name, weight in self.averaged.items()}
        save_file(halves, self.folder / f"{self.seen:08d}.safetensors")
        self._save_checkpoint()

    def _save_checkpoint(self) -> None:
        state = {
            "weights": dict(self.weights),
            "averaged": dict(self.averaged),
            "reader": self.reader.state_dict(),
            "optimizers": [optimizer.state_dict() for optimizer in self.optimizers],
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
        state = torch.load(path, weights_only=True, map_location=self.device)
        with torch.no_grad():
            for name, weight in self.weights.items():
                weight.copy_(state["weights"][name])
                self.averaged[name].copy_(state["averaged"][name])
        self.reader.load_state_dict(state["reader"])
        for optimizer, saved in zip(self.optimizers, state["optimizers"], strict=True):
            optimizer.load_state_dict(saved)
        self.seen, self.seconds = state["seen"], state["seconds"]


def load_snapshot(schedule: VideoSchedule, path: Path) -> MovingShapesPipeline:
    """The pipeline of a schedule with a snapshot's weights, in fp32 on the CPU."""
    pipeline = build_pipeline(ARCHITECTURES[schedule.architecture], schedule.seed)
    saved = load_file(path)
    with torch.no_grad():
        for name, weight in parameters(pipeline).items():
            weight.copy_(saved[name])
    return pipeline


def parameters(pipeline: MovingShapesPipeline) -> dict[str, torch.nn.Parameter]:
    """All weights of the text encoder and the denoiser by name."""
    parts = {"text_encoder": pipeline.text_encoder, "denoiser": pipeline.denoiser}
    return {f"{part}.{name}": weight for part, net in parts.items() for name, weight in net.named_parameters()}


def patches_as_matrix(convolution: torch.nn.Conv3d) -> None:
    """Let a convolution whose stride is its kernel work as one matrix product: cuDNN's can be many times slower."""
    (a, b, c), weight = convolution.kernel_size, convolution.weight

    def forward(latents: Tensor) -> Tensor:
        n, channels, frames, height, width = latents.shape
        blocks = latents.reshape(n, channels, frames // a, a, height // b, b, width // c, c)
        rows = blocks.permute(0, 2, 4, 6, 1, 3, 5, 7).flatten(4)
        made = torch.nn.functional.linear(rows, weight.flatten(1), convolution.bias)
        return made.permute(0, 4, 1, 2, 3)

    convolution.forward = forward  # type: ignore[method-assign, assignment]


def _synchronise(device: str) -> None:
    if device.startswith("cuda"):
        torch.cuda.synchronize()
