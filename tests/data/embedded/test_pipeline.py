"""`ShapesPipeline` is an ordinary diffusers pipeline: seeds, callbacks, saving, refusals."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from data.embedded.network import NetworkSizes, build_pipeline, with_pooler
from data.embedded.pipeline import ShapesPipeline
from data.embedded.training.measure import flops


@pytest.fixture(scope="module")
def pipeline() -> ShapesPipeline:
    bare = build_pipeline(NetworkSizes(channels=(8, 16), text_width=16), seed=1)
    made = ShapesPipeline(**{**bare.components, "text_encoder": with_pooler(bare.text_encoder).eval()})
    made.set_progress_bar_config(disable=True)
    return made


def drawn(pipeline: ShapesPipeline, prompt: str | list[str] = "a red circle", seed: int = 7, **asked: Any) -> Any:
    options = {"num_inference_steps": 3, "output_type": "np", "generator": torch.Generator().manual_seed(seed)}
    return pipeline(prompt, **{**options, **asked}).images


def test_a_seed_gives_the_same_image_again(pipeline: ShapesPipeline) -> None:
    np.testing.assert_array_equal(drawn(pipeline), drawn(pipeline))
    assert not np.array_equal(drawn(pipeline), drawn(pipeline, seed=8))


def test_an_image_is_32_by_32_rgb(pipeline: ShapesPipeline) -> None:
    image = drawn(pipeline, output_type="pil")[0]
    assert isinstance(image, Image.Image)
    assert (image.size, image.mode) == ((32, 32), "RGB")
    assert drawn(pipeline, height=32, width=32).shape == (1, 32, 32, 3)


@pytest.mark.parametrize("asked", [{"height": 64}, {"width": 16}])
def test_another_size_is_refused(pipeline: ShapesPipeline, asked: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="the only one this model was trained for"):
        drawn(pipeline, **asked)


def test_prompts_and_their_images_come_in_order(pipeline: ShapesPipeline) -> None:
    many = drawn(pipeline, ["a red circle", "a blue square"], num_images_per_prompt=2)
    assert many.shape == (4, 32, 32, 3)


def test_the_callback_is_called_once_a_step(pipeline: ShapesPipeline) -> None:
    steps: list[int] = []

    def seen(_pipe: Any, step: int, _timestep: torch.Tensor, tensors: dict[str, torch.Tensor]) -> dict[str, Any]:
        steps.append(step)
        assert set(tensors) == {"latents"}
        return tensors

    drawn(pipeline, num_inference_steps=5, callback_on_step_end=seen)
    assert steps == [0, 1, 2, 3, 4]


def test_a_callback_can_change_the_latents(pipeline: ShapesPipeline) -> None:
    def blank(_pipe: Any, _step: int, _timestep: torch.Tensor, tensors: dict[str, torch.Tensor]) -> dict[str, Any]:
        return {"latents": torch.zeros_like(tensors["latents"])}

    np.testing.assert_allclose(drawn(pipeline, callback_on_step_end=blank), 0.5)


def test_a_callback_tensor_that_does_not_exist_is_refused(pipeline: ShapesPipeline) -> None:
    with pytest.raises(ValueError, match="Expected callback tensors out of"):
        drawn(pipeline, callback_on_step_end_tensor_inputs=["noise"])


def test_any_text_can_be_given(pipeline: ShapesPipeline) -> None:
    assert np.isfinite(drawn(pipeline, ["", "Ein Zebra, très loin! 红色 " * 40])).all()


def test_words_are_read_without_case_and_punctuation(pipeline: ShapesPipeline) -> None:
    ids = pipeline.tokenizer(["a red circle, above a blue square.", "A Red circle above a blue SQUARE"]).input_ids
    assert ids[0] == ids[1]
    assert pipeline.tokenizer.unk_token_id not in ids[0]


def test_guidance_of_one_halves_the_work(pipeline: ShapesPipeline) -> None:
    assert flops(pipeline, steps=4, guidance=2.5) == 2 * flops(pipeline, steps=4, guidance=1.0)


def test_flops_on_the_meta_device_are_those_of_a_real_run(pipeline: ShapesPipeline) -> None:
    from torch.utils.flop_counter import FlopCounterMode

    with FlopCounterMode(display=False) as counter:
        drawn(pipeline, num_inference_steps=3, guidance_scale=2.5)
    assert counter.get_total_flops() == flops(pipeline, steps=3, guidance=2.5)


def test_a_saved_pipeline_draws_what_it_drew(pipeline: ShapesPipeline, tmp_path: Path) -> None:
    pipeline.save_pretrained(tmp_path, safe_serialization=True)
    assert not list(tmp_path.rglob("*.bin"))
    again = ShapesPipeline.from_pretrained(tmp_path, local_files_only=True, use_safetensors=True)
    again.set_progress_bar_config(disable=True)
    np.testing.assert_allclose(drawn(again), drawn(pipeline), atol=1e-6)
