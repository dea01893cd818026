"""The training of the video models: what it shows, its optimizer, and runs that go on where they stopped."""

import dataclasses
import random
from pathlib import Path

import pytest
import torch

from data.embedded.motion.drawing import NONE
from data.embedded.motion.world import held_out
from data.embedded.training import video_prompts, video_run
from data.embedded.training.muon import Muon, orthogonal
from data.embedded.training.video_data import LABEL_HEADS, POOLS, SCENE_KINDS, dressed, pool, pools
from data.embedded.training.video_run import Budget, VideoRun, patches_as_matrix
from data.embedded.training.video_schedule import SCHEDULES


@pytest.mark.parametrize("kind", SCENE_KINDS)
def test_training_shows_nothing_that_is_held_out(kind) -> None:  # type: ignore[no-untyped-def]
    rng = random.Random(3)
    for scene in rng.sample(POOLS[kind](unseen=False), 200):
        assert not held_out(dressed(scene, rng))
    assert all(held_out(trial.scene) for trial in video_prompts.held_out_trials(kind, 50, seed=1))


def test_what_a_caption_says_fits_the_heads() -> None:
    labels = pool("pair", 20, seed=1).labels
    assert labels.shape == (20, len(LABEL_HEADS))
    assert int(labels.min()) > NONE
    assert all(int(labels[:, at].max()) < classes for at, classes in enumerate(LABEL_HEADS.values()))


def test_pools_are_drawn_once(tmp_path: Path) -> None:
    first, second = pools(5, 2, tmp_path), pools(5, 2, tmp_path)
    assert all(torch.equal(first[kind].tokens, second[kind].tokens) for kind in SCENE_KINDS)


def test_muon_brings_all_singular_values_near_one() -> None:
    matrices = torch.randn(3, 24, 64, generator=torch.Generator().manual_seed(1))
    values = torch.linalg.svdvals(orthogonal(matrices).float())
    assert float(values.min()) > 0.5
    assert float(values.max()) < 1.4


def test_muon_goes_on_from_its_state() -> None:
    one, two = (torch.nn.Parameter(torch.ones(8, 8)) for _ in range(2))
    optimizers = Muon([one]), Muon([two])
    for weight in (one, two):
        weight.grad = torch.randn(8, 8, generator=torch.Generator().manual_seed(1))
    optimizers[0].step()
    optimizers[1].load_state_dict(optimizers[0].state_dict())
    assert torch.equal(optimizers[0]._momenta[0], optimizers[1]._momenta[0])


def test_patches_as_a_matrix_are_the_convolution() -> None:
    convolution = torch.nn.Conv3d(12, 16, (2, 2, 2), (2, 2, 2))
    latents = torch.randn(2, 12, 8, 16, 16)
    wanted = convolution(latents)
    patches_as_matrix(convolution)
    torch.testing.assert_close(convolution(latents), wanted, atol=1e-5, rtol=1e-4)


def test_a_stopped_run_goes_on_as_if_never_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(video_run, "POOL_SIZE", 20)
    monkeypatch.setattr(video_run, "shares_right", lambda *_: {})
    schedule = dataclasses.replace(SCHEDULES["latte"], batch=4, clips=8)
    whole, half = (VideoRun("latte", schedule, tmp_path / name) for name in ("whole", "half"))
    for run in (whole, half):
        run._step(0.0)
    half._save_checkpoint()
    resumed = VideoRun("latte", schedule, tmp_path / "half")
    for run in (whole, resumed):
        run._step(0.5)
    assert resumed.seen == whole.seen == 8
    for name, weight in whole.weights.items():
        torch.testing.assert_close(resumed.weights[name], weight)
    resumed.train(Budget())
    assert (resumed.folder / "00000008.safetensors").exists()
