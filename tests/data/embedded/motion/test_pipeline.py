"""`MovingShapesPipeline` is an ordinary diffusers video pipeline, whichever class its denoiser is of."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from diffusers import UNet2DConditionModel

from data.embedded import network as pictures
from data.embedded.motion.network import VideoArchitecture, build_pipeline, with_motion
from data.embedded.motion.pipeline import MovingShapesPipeline, folded, predicted, unfolded
from data.embedded.network import with_pooler

SMALL = {
    "wan": VideoArchitecture("wan", width=24, layers=1, heads=2, feed_forward=32, patch_frames=2, frames=(8, 16)),
    "latte": VideoArchitecture("latte", width=24, layers=1, heads=2),
}


@pytest.fixture(scope="module", params=SMALL)
def pipeline(request: pytest.FixtureRequest) -> MovingShapesPipeline:
    made = build_pipeline(SMALL[request.param], seed=1)
    made.register_modules(text_encoder=with_pooler(made.text_encoder).eval())
    made.set_progress_bar_config(disable=True)
    return made


def made(pipeline: MovingShapesPipeline, prompt: str | list[str] = "a red circle grows", **asked: Any) -> Any:
    options = {"num_inference_steps": 2, "output_type": "np", "generator": torch.Generator().manual_seed(7)}
    return pipeline(prompt, **{**options, **asked}).frames


def test_a_seed_gives_the_same_clip_again(pipeline: MovingShapesPipeline) -> None:
    clip = made(pipeline)
    assert clip.shape == (1, 8, 32, 32, 3)
    np.testing.assert_array_equal(clip, made(pipeline))


def test_prompts_and_their_clips_come_in_order(pipeline: MovingShapesPipeline) -> None:
    assert len(made(pipeline, ["a red circle", "a blue square"], num_videos_per_prompt=2)) == 4


def test_pil_frames_are_lists_of_lists(pipeline: MovingShapesPipeline) -> None:
    (frames,) = made(pipeline, output_type="pil")
    assert [frame.size for frame in frames] == [(32, 32)] * 8


@pytest.mark.parametrize("asked", [{"height": 64}, {"num_frames": 9}, {"num_inference_steps": 0}])
def test_what_the_model_was_not_trained_for_is_refused(pipeline: MovingShapesPipeline, asked: dict[str, int]) -> None:
    with pytest.raises(ValueError, match=f"Expected {next(iter(asked))}"):
        made(pipeline, **asked)


def test_a_callback_sees_every_step_and_can_change_the_latents(pipeline: MovingShapesPipeline) -> None:
    steps: list[int] = []

    def blank(_pipe: Any, step: int, _timestep: torch.Tensor, tensors: dict[str, torch.Tensor]) -> dict[str, Any]:
        steps.append(step)
        return {"latents": torch.zeros_like(tensors["latents"])}

    np.testing.assert_allclose(made(pipeline, num_inference_steps=3, callback_on_step_end=blank), 0.5)
    assert steps == [0, 1, 2]


def test_a_saved_pipeline_makes_what_it_made(pipeline: MovingShapesPipeline, tmp_path: Path) -> None:
    pipeline.save_pretrained(tmp_path, safe_serialization=True)
    assert not list(tmp_path.rglob("*.bin"))
    again = MovingShapesPipeline.from_pretrained(tmp_path, local_files_only=True, use_safetensors=True)
    again.set_progress_bar_config(disable=True)
    np.testing.assert_allclose(made(again), made(pipeline), atol=1e-6)


def test_a_longer_clip_is_made_where_the_model_takes_it() -> None:
    wan = build_pipeline(SMALL["wan"], seed=1)
    assert made(wan, num_frames=16).shape == (1, 16, 32, 32, 3)


def test_folding_loses_nothing() -> None:
    clips = torch.rand(2, 8, 3, 32, 32)
    assert folded(clips).shape == (2, 12, 8, 16, 16)
    assert torch.equal(unfolded(folded(clips)), clips)


def test_a_unet_with_motion_starts_as_the_picture_s_frame_by_frame() -> None:
    picture: UNet2DConditionModel = pictures.build_pipeline(pictures.ARCHITECTURES["nano"], seed=2).unet.eval()
    video = with_motion(picture).eval()
    latents, states = torch.randn(1, 12, 8, 16, 16), torch.randn(1, 24, 32)
    time = torch.tensor([500.0])
    with torch.no_grad():
        clean = predicted(video, latents, time, states)
        frame = picture(latents[:, :, 3], time, encoder_hidden_states=states).sample
    torch.testing.assert_close(clean[:, :, 3], frame, atol=1e-5, rtol=1e-4)


def test_a_network_is_needed_and_one_is_enough() -> None:
    parts = build_pipeline(SMALL["wan"], seed=1).components
    with pytest.raises(ValueError, match="Expected a transformer or a unet"):
        MovingShapesPipeline(**{**parts, "transformer": None})
