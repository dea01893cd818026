"""The training run of the embedded CLIP: seeded, resumable, with a logged curve.

Contrastive loss (Radford et al. 2021, arXiv 2103.00020) over batches of which half are hard partners: the same scene
with its relation mirrored, or with its shapes exchanged. A caption that is also true of another image of the batch is
left out of that image's alternatives. No held-out scene is drawn or described.
"""

import json
import random
import time
from collections.abc import Sequence
from typing import Final

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import cross_entropy, normalize

from data.embedded.clip import MODEL_CONFIG, build_clip, save_clip
from data.embedded.drawing import draw, layout
from data.embedded.language import build_tokenizer
from data.embedded.training.attributes import reader, reading_loss, targets
from data.embedded.training.diffusion_run import CURVES, WORK
from data.embedded.training.retrieval import first_among
from data.embedded.training.training_data import TrainingExample, training_example
from data.embedded.world import MIRRORED, Scene, Thing, captions, held_out

NAME: Final = "clip"
SEED: Final = 20261122
BATCH: Final = 96
IMAGES: Final = 300_000
RATES: Final = (
    (-BATCH, 0.0),
    (199 * BATCH, 2e-3),
    (97_500, 2e-3),
    (120_000, 1.72e-3),
    (120_001, 1e-3),
    (180_000, 2e-5),
    (180_001, 1.2e-3),
    (IMAGES, 1e-5),
)
"""The learning rate by images seen, linear in between."""

LOG_EVERY: Final = 20_000


def partner(scene: Scene, rng: random.Random) -> Scene | None:
    """A scene that differs in the relation or in which shape has which colour; None if it is held out or the same."""
    if len(scene.things) != 2 or scene.relation is None:
        return None
    first, second = scene.things
    if rng.random() < 0.6:
        other = Scene(scene.things, MIRRORED[scene.relation], scene.background)
    else:
        swapped = (Thing(first.colour, second.shape), Thing(second.colour, first.shape))
        other = Scene(swapped, scene.relation, scene.background)
    bare = Scene(other.things, other.relation)
    return None if held_out(bare) or other == scene else other


def truth(examples: Sequence[TrainingExample]) -> Tensor:
    """Boolean (n, n): whether caption j is true of image i."""
    codes = [(*_code(example.drawn), *_code(example.described)) for example in examples]
    ids: dict[object, int] = {None: 0}
    table = torch.tensor([[ids.setdefault(part, len(ids)) for part in row] for row in codes])
    drawn, described = table[:, None, :3], table[None, :, 3:]
    agrees = (drawn == described) | (described == 0)
    agrees[..., 0] = drawn[..., 0] == described[..., 0]
    return agrees.all(dim=-1)


def _code(scene: Scene) -> tuple[object, object, object]:
    """Things, relation and background, equal for both descriptions of one scene; the relation names who is first."""
    canonical = scene.canonical()
    relation = None if scene.relation is None else (canonical.relation, canonical.things)
    return tuple(sorted(scene.things)), relation, scene.background


def contrastive_loss(logits: Tensor, true: Tensor) -> Tensor:
    """Mean of both directions' cross entropy; other true pairs than the diagonal's are no alternatives."""
    logits = logits.masked_fill(true & ~torch.eye(len(true), dtype=torch.bool), float("-inf"))
    target = torch.arange(len(true))
    return (cross_entropy(logits, target) + cross_entropy(logits.T, target)) / 2


def _seeded_reader() -> torch.nn.Linear:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(SEED)
        return reader(int(MODEL_CONFIG["embed_dim"]))


def _roughened(pixels: Tensor, seed: int) -> Tensor:
    """Images with a little noise, of a strength of their own, so that a model's faint texture does not mislead."""
    generator = torch.Generator().manual_seed(seed)
    strength = torch.rand(len(pixels), 1, 1, 1, generator=generator) * 0.1
    return (pixels + strength * torch.randn(pixels.shape, generator=generator)).clamp(-1, 1)


class ClipRun:
    """A run's state: the model, its optimizer and the images seen so far."""

    def __init__(self, *, fresh: bool = False) -> None:
        self.folder = WORK / NAME
        self.folder.mkdir(parents=True, exist_ok=True)
        CURVES.mkdir(exist_ok=True)
        self.curve = CURVES / f"{NAME}.jsonl"
        self.model = build_clip(SEED)
        self.tokenizer = build_tokenizer()
        self.reader = _seeded_reader()
        self.weights = [*self.model.parameters(), *self.reader.parameters()]
        self.optimizer = torch.optim.AdamW(self.weights, lr=2e-3, betas=(0.9, 0.98), weight_decay=0.02, fused=True)
        self.seen, self.seconds = 0, 0.0
        self.losses: list[float] = []
        self._token_ids: dict[str, list[int]] = {}
        if fresh:
            self.curve.unlink(missing_ok=True)
        elif (self.folder / "checkpoint.pt").exists():
            self._resume()

    def train(self, until: int | None = None) -> None:
        """Train to the end, or until that many images were seen."""
        goal = min(IMAGES, until or IMAGES)
        while self.seen < goal:
            started, before = time.process_time(), self.seen
            self._step()
            self.seconds += time.process_time() - started
            if before // LOG_EVERY != self.seen // LOG_EVERY or self.seen >= goal:
                self._save()
                self._log()

    def _step(self) -> None:
        for group in self.optimizer.param_groups:
            group["lr"] = float(np.interp(self.seen, [knot[0] for knot in RATES], [knot[1] for knot in RATES]))
        rng = random.Random(f"{SEED}-{self.seen}")
        examples = self._examples(rng)
        pixels = _roughened(draw([layout(example.drawn, rng) for example in examples]), SEED + self.seen)
        loss = self._loss(examples, pixels)
        torch.autograd.backward(loss)
        torch.nn.utils.clip_grad_norm_(self.weights, 1.0)
        self.optimizer.step()
        self.optimizer.zero_grad()
        with torch.no_grad():
            self.model.logit_scale.clamp_(0, float(np.log(100)))
        self.losses.append(float(loss.detach()))
        self.seen += len(examples)

    def _loss(self, examples: Sequence[TrainingExample], pixels: Tensor) -> Tensor:
        seen = self.model.encode_image(pixels)
        read = self.model.encode_text(self._tokens([example.caption for example in examples]))
        named = reading_loss(self.reader(seen), targets([example.drawn for example in examples]))
        named = named + reading_loss(self.reader(read), targets([example.described for example in examples]))
        logits = self.model.logit_scale.exp() * normalize(seen, dim=-1) @ normalize(read, dim=-1).T
        return contrastive_loss(logits, truth(examples)) + named

    def _examples(self, rng: random.Random) -> list[TrainingExample]:
        examples: list[TrainingExample] = []
        while len(examples) < BATCH:
            examples.append(training_example(rng, 0.8))
            other = partner(examples[-1].drawn, rng)
            if other is not None and len(examples) < BATCH:
                named = rng.choice((None, other.background))
                described = Scene(other.things, other.relation, named)
                examples.append(TrainingExample(rng.choice(captions(described)), described, other))
        return examples

    def _tokens(self, texts: list[str]) -> Tensor:
        for text in texts:
            if text not in self._token_ids:
                self._token_ids[text] = self.tokenizer(text, padding="max_length", truncation=True).input_ids
        return torch.tensor([self._token_ids[text] for text in texts])

    def _save(self) -> None:
        state = {
            "model": self.model.state_dict(),
            "reader": self.reader.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "seen": self.seen,
            "seconds": self.seconds,
        }
        torch.save(state, self.folder / "checkpoint.tmp")
        (self.folder / "checkpoint.tmp").replace(self.folder / "checkpoint.pt")
        save_clip(self.model, self.folder / "latest")

    def _resume(self) -> None:
        state = torch.load(self.folder / "checkpoint.pt", weights_only=True)
        self.model.load_state_dict(state["model"])
        self.reader.load_state_dict(state["reader"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.seen, self.seconds = state["seen"], state["seconds"]

    def _log(self) -> None:
        row: dict[str, object] = {
            "images": self.seen,
            "core_seconds": round(self.seconds, 1),
            "loss": round(sum(self.losses) / len(self.losses), 4),
            "first_of_32": first_among(self.model, self._tokens, n=100, hard=False, seed=1),
            "first_of_32_hard": first_among(self.model, self._tokens, n=100, hard=True, seed=1),
        }
        self.losses = []
        with self.curve.open("a") as file:
            file.write(json.dumps(row) + "\n")
        print(NAME, json.dumps(row), flush=True)
