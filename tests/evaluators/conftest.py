"""Pictures, prompts and runs for the evaluators' tests, and a tiny seeded encoder."""

import datetime as dt
import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from data.home import Home
from data.media import MediaStore, sniff
from data.runs import RunFolder
from data.serialization import file_sha256
from data.vocabulary import (
    LocalSource,
    Machine,
    Model,
    Plan,
    Prompt,
    Request,
    Sample,
    Settings,
    Status,
    Suite,
    Task,
)
from evaluators.embeddings.encoder import Embedding, OpenClipEncoder
from evaluators.embeddings.encoders import folder_card
from evaluators.eval_input import EvalInput, RunContext

SIDE = 32
DAY = dt.date(2026, 1, 5)
AT = dt.datetime(2026, 1, 5, 2, 30, tzinfo=dt.UTC)
SETTINGS = Settings(width=SIDE, height=SIDE)


def encoded(pixels: np.ndarray, kind: str = "PNG", **options: Any) -> bytes:
    """The bytes of a picture file."""
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, kind, **options)
    return out.getvalue()


def noise_picture(seed: int, height: int = SIDE, width: int = SIDE) -> np.ndarray:
    """A seeded random picture: uint8 (height, width, 3)."""
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


def a_sample(**changes: Any) -> Sample:
    """An ok sample of 32 × 32 pixels."""
    facts: dict[str, Any] = {
        "id": "s0",
        "run_id": "r",
        "model": "m",
        "prompt": "p0",
        "category": "single",
        "seed": 0,
        "status": "ok",
        "reason": None,
        "started_at": AT,
        "call": "steady",
        "timing": None,
        "width_asked": SIDE,
        "height_asked": SIDE,
    }
    return Sample(**{**facts, **changes})


def an_eval_input(data: bytes, about: Prompt | None = None, **changes: Any) -> EvalInput:
    """A eval_input of these bytes."""
    return EvalInput(a_sample(**changes), about or Prompt(id="p0", text="a red circle", category="single"), data)


@dataclass
class CountingEncoder:
    """An encoder that counts: a picture becomes its mean colour, a text its length, as unit vectors.

    With `broken`, that number is all that a black picture and the text "broken" become.
    """

    fingerprint: str = "f" * 64
    broken: float | None = None
    pictures: int = 0
    texts: list[str] = field(default_factory=list)

    def encode_images(self, pictures: Sequence[np.ndarray]) -> list[Embedding]:
        self.pictures += len(pictures)
        means = [picture.reshape(-1, 3).mean(0) for picture in pictures]
        return [self._made([*mean, 1], {"visible_fraction": 1.0}, broken=not mean.any()) for mean in means]

    def encode_texts(self, texts: Sequence[str]) -> list[Embedding]:
        self.texts += texts
        return [self._made([len(text), 1, 0, 1], _facts(text), broken=text == "broken") for text in texts]

    def _made(self, numbers: Sequence[float], facts: dict[str, Any], *, broken: bool) -> Embedding:
        if broken and self.broken is not None:
            return Embedding(np.full(4, self.broken, dtype=np.float32), facts)
        return _unit(numbers, facts)


def _facts(text: str) -> dict[str, Any]:
    words = text.split()
    return {"tokens": len(words), "unknown": words.count("ferry"), "truncated": False}


def _unit(numbers: Sequence[float], facts: dict[str, Any]) -> Embedding:
    vector = np.array(numbers, dtype=np.float64)
    return Embedding((vector / np.linalg.norm(vector)).astype(np.float32), facts)


@dataclass
class CountingProgress:
    """Counts what was reported."""

    total: int = 0
    done: int = 0
    ended: bool = False

    def begin(self, name: str, total: int) -> None:
        self.total += total

    def advance(self, steps: int = 1) -> None:
        self.done += steps

    def end(self) -> None:
        self.ended = True


@dataclass(frozen=True)
class Shot:
    """One sample of a run to be made: its prompt, what was delivered, and how it went."""

    prompt: Prompt
    data: bytes | None
    status: Status = "ok"
    seed: int = 0
    delivery: bytes | None = None


@dataclass(frozen=True)
class Studio:
    """Makes run folders in a home of its own."""

    home: Home

    @property
    def media(self) -> MediaStore:
        return MediaStore(self.home.media)

    def run(self, shots: Sequence[Shot], task: Task = "text-to-image") -> RunFolder:
        """A run folder whose journal holds these shots; ids are s0, s1, …"""
        run = RunFolder.create(self.home, _plan(shots, task))
        with run.journal("worker") as journal:
            for index, shot in enumerate(shots):
                journal.append("sample", self._sample(index, shot, run.run_id))
        return run

    def _sample(self, index: int, shot: Shot, run_id: str) -> Sample:
        kind = None if shot.data is None else sniff(shot.data)
        media = None if shot.data is None else self.media.put(shot.data, kind.extension if kind else "bin")
        return a_sample(
            id=f"s{index}",
            run_id=run_id,
            prompt=shot.prompt.id,
            seed=shot.seed,
            status=shot.status,
            reason=None if shot.status == "ok" else "It was refused.",
            media=media,
            delivery=None if shot.delivery is None else self.media.put(shot.delivery, "mp4"),
        )


def _plan(shots: Sequence[Shot], task: Task) -> Plan:
    prompts = tuple({shot.prompt.id: shot.prompt for shot in shots}.values())
    model = Model(
        id="m",
        title="M",
        family="m",
        task=task,
        provider="local",
        source=LocalSource(kind="embedded", pipeline="P", repository="m", revision="1"),
        settings=SETTINGS,
        revision="1",
        revision_pinned=True,
        licence="Apache-2.0",
        released=DAY,
    )
    suite = Suite(
        name="s",
        version="1",
        task=task,
        title="S",
        licence="CC0",
        source="own",
        primary_metric="clip_score",
        prompts=prompts,
        digest="0" * 64,
    )
    requests = tuple(
        Request(
            id=f"s{index}",
            model="m",
            prompt=shot.prompt.id,
            text=shot.prompt.text,
            category=shot.prompt.category,
            seed=shot.seed,
            settings=SETTINGS,
        )
        for index, shot in enumerate(shots)
    )
    machine = Machine(
        name="m", device="cpu", cpu="c", cores=2, memory_bytes=1, gpu=None, usd_per_hour=1.0, price_source="declared"
    )
    return Plan(
        run_id="20260105-s-000000000000",
        suite=suite,
        models=(model,),
        seeds=tuple(sorted({shot.seed for shot in shots})),
        calendar="live",
        day=DAY,
        machine=machine,
        created_at=AT,
        requests=requests,
    )


class Lab:
    """What tests make things with: test modules cannot import a conftest, so it comes as a fixture."""

    encoded = staticmethod(encoded)
    noise = staticmethod(noise_picture)
    sample = staticmethod(a_sample)
    eval_input = staticmethod(an_eval_input)
    CountingEncoder = CountingEncoder
    CountingProgress = CountingProgress
    Shot = Shot
    context = RunContext((), ())

    @staticmethod
    def prompt(text: str = "a red circle", *, id: str | None = None, **changes: Any) -> Prompt:
        """A prompt whose id follows from its text."""
        return Prompt(id=id or text.replace(" ", "-"), text=text, category="single", **changes)


@pytest.fixture(scope="session")
def lab() -> type[Lab]:
    """The lab."""
    return Lab


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    """A home with nothing in it."""
    home = Home(tmp_path / "observatory")
    home.prepare()
    return Studio(home)


@pytest.fixture(scope="session")
def tiny_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an untrained, seeded CLIP in the embedded one's architecture."""
    from data.embedded.clip import build_clip, save_clip

    folder = tmp_path_factory.mktemp("tiny")
    save_clip(build_clip(0), folder)
    return folder


@pytest.fixture(scope="session")
def tiny(tiny_folder: Path) -> OpenClipEncoder:
    """That CLIP as an encoder."""
    sha256 = file_sha256(tiny_folder / "open_clip_model.safetensors")
    return OpenClipEncoder(folder_card("tiny", tiny_folder, sha256, licence="none"), tiny_folder, device="cpu")
