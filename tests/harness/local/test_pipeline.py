"""The local generator: real diffusers pipelines, tiny, from safetensors on disk."""

import gc
import io
import json
import weakref
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from diffusers import (
    AutoencoderKL,
    DDIMScheduler,
    DDPMPipeline,
    DDPMScheduler,
    StableDiffusionPipeline,
    UNet2DConditionModel,
    UNet2DModel,
)
from diffusers.utils import logging
from PIL import Image
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer

from data.catalogue.library import load_catalogue
from data.errors import ServiceError, UnknownNameError, WeightsError
from data.media import MediaStore
from data.runs import RunFolder
from data.vocabulary import LocalSource, Model, Plan, Request, Settings
from harness.execution import execute
from harness.local import loading as pipeline_loading
from harness.local.loading import resolve
from harness.local.pipeline import LocalPipeline
from harness.plan import request as request_of

WORDS = ["<|startoftext|>", "<|endoftext|>", "a</w>", "of</w>", "picture</w>", "things</w>"]


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Iterator[None]:
    """Tiny tensors gain nothing from a second thread, which a busy machine would make them wait for."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def unconditional(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A pipeline that takes neither a prompt nor a callback."""
    torch.manual_seed(1)
    unet = UNet2DModel(
        sample_size=16,
        block_out_channels=(8, 8),
        layers_per_block=1,
        norm_num_groups=4,
        down_block_types=("DownBlock2D", "DownBlock2D"),
        up_block_types=("UpBlock2D", "UpBlock2D"),
    )
    folder = tmp_path_factory.mktemp("unconditional")
    DDPMPipeline(unet=unet, scheduler=DDPMScheduler(num_train_timesteps=10)).save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def stable(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Stable Diffusion of a few thousand weights: text encoder, denoiser, autoencoder."""
    folder = tmp_path_factory.mktemp("stable")
    (folder / "words").mkdir()
    (folder / "words" / "vocab.json").write_text(json.dumps({word: n for n, word in enumerate(WORDS)}))
    (folder / "words" / "merges.txt").write_text("#version: 0.2\n")
    torch.manual_seed(2)
    text = CLIPTextConfig(
        vocab_size=len(WORDS),
        hidden_size=16,
        intermediate_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        max_position_embeddings=16,
        bos_token_id=0,
        eos_token_id=1,
        pad_token_id=1,
    )
    pipeline = StableDiffusionPipeline(
        vae=AutoencoderKL(
            block_out_channels=(8, 8),
            norm_num_groups=4,
            latent_channels=4,
            down_block_types=("DownEncoderBlock2D",) * 2,
            up_block_types=("UpDecoderBlock2D",) * 2,
        ),
        text_encoder=CLIPTextModel(text),
        tokenizer=CLIPTokenizer(
            str(folder / "words" / "vocab.json"), str(folder / "words" / "merges.txt"), model_max_length=16
        ),
        unet=UNet2DConditionModel(
            sample_size=8,
            block_out_channels=(8, 16),
            layers_per_block=1,
            norm_num_groups=4,
            cross_attention_dim=16,
            attention_head_dim=4,
            down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
            up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
        ),
        scheduler=DDIMScheduler(clip_sample=False, set_alpha_to_one=False, steps_offset=1),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )
    pipeline.save_pretrained(folder / "pipeline")
    return folder / "pipeline"


@pytest.fixture
def stable_model(model: Model, stable: Path) -> Model:
    source = LocalSource(kind="directory", pipeline="DiffusionPipeline", repository=str(stable), revision="1")
    return replace(model, source=source, settings=Settings(width=16, height=16, steps=3, guidance=2.0))


@pytest.fixture
def unconditional_model(model: Model, unconditional: Path) -> Model:
    source = LocalSource(kind="directory", pipeline="DDPMPipeline", repository=str(unconditional), revision="1")
    return replace(model, source=source, settings=Settings(width=16, height=16, steps=2))


@pytest.fixture
def ask(suite: Any) -> Callable[..., Request]:
    return lambda model, seed=0: request_of(suite, model, suite.prompts[0], seed=seed)


@pytest.fixture
def local() -> Any:
    generator = LocalPipeline("cpu")
    yield generator
    generator.close()


def test_a_pipeline_makes_an_image_with_every_phase_timed(local: Any, stable_model: Model, ask: Any) -> None:
    local.preflight(stable_model)
    loading = local.open(stable_model)
    outcome = local.generate(ask(stable_model))
    timing = outcome.timing
    assert (outcome.status, outcome.width, outcome.height, outcome.seed_support) == ("ok", 16, 16, "echoed")
    assert min(loading.import_seconds, loading.load_seconds) > 0
    assert len(timing.step_seconds) == 3
    assert 0 < timing.text_seconds + sum(timing.step_seconds) + timing.decode_seconds <= timing.seconds
    assert timing.cpu_seconds > 0


def test_the_same_seed_gives_the_same_bytes(local: Any, stable_model: Model, ask: Any) -> None:
    local.open(stable_model)
    first, again, other = (local.generate(ask(stable_model, seed)).data for seed in (7, 7, 8))
    assert first == again != other


def test_a_reloaded_model_gives_the_same_bytes(local: Any, stable_model: Model, ask: Any) -> None:
    images = []
    for _ in range(2):
        local.open(stable_model)
        images.append(local.generate(ask(stable_model)).data)
    assert images[0] == images[1]


def test_measuring_changes_no_pixel(local: Any, stable_model: Model, stable: Path, ask: Any) -> None:
    pipeline = StableDiffusionPipeline.from_pretrained(stable, safety_checker=None, requires_safety_checker=False)
    pipeline.set_progress_bar_config(disable=True)
    seeded = torch.Generator("cpu").manual_seed(3)
    request = ask(stable_model, 3)
    bare = pipeline(request.text, width=16, height=16, num_inference_steps=3, guidance_scale=2.0, generator=seeded)
    local.open(stable_model)
    with Image.open(io.BytesIO(local.generate(request).data)) as image:
        assert np.array_equal(np.asarray(image), np.asarray(bare.images[0]))


def test_the_first_call_after_loading_is_marked(local: Any, stable_model: Model, ask: Any) -> None:
    local.open(stable_model)
    assert [local.generate(ask(stable_model, seed)).call for seed in range(3)] == ["first", "steady", "steady"]
    local.open(stable_model)
    assert local.generate(ask(stable_model)).call == "first"


def test_a_closed_model_is_out_of_memory_and_as_it_was(stable_model: Model) -> None:
    loaded: list[Any] = []

    def load(source: LocalSource) -> Any:
        loaded.append(pipeline_loading.load(source))
        return loaded[0]

    local = LocalPipeline("cpu", load=load)
    local.open(stable_model)
    assert "decode" in vars(loaded[0].vae)
    local.close()
    assert "decode" not in vars(loaded[0].vae)
    gone = [weakref.ref(loaded[0].unet), weakref.ref(loaded[0].vae), weakref.ref(loaded[0])]
    gc.disable()
    try:
        loaded.clear()
        assert [reference() for reference in gone] == [None, None, None]
    finally:
        gc.enable()


def test_a_pipeline_without_callback_prompt_or_text_works(local: Any, unconditional_model: Model, ask: Any) -> None:
    local.preflight(unconditional_model)
    local.open(unconditional_model)
    outcome = local.generate(ask(unconditional_model))
    assert (outcome.status, outcome.width) == ("ok", 16)
    assert (outcome.timing.text_seconds, outcome.timing.decode_seconds) == (None, None)
    assert len(outcome.timing.step_seconds) == unconditional_model.settings.steps


def test_a_run_of_real_pipelines_is_journalled_end_to_end(
    home: Any, plan: Plan, media: MediaStore, stable_model: Model, unconditional_model: Model, progress: Any
) -> None:
    real = (stable_model, replace(unconditional_model, id="sketcher"))
    settings = {model.id: model.settings for model in real}
    requests = tuple(replace(request, settings=settings[request.model]) for request in plan.requests)
    run = RunFolder.create(home, replace(plan, models=real, requests=requests))
    summary = execute(run, media, lambda model: LocalPipeline("cpu"), progress)
    assert summary.made == {"ok": 16}
    assert [load.model for load in run.loads()] == list(dict.fromkeys(request.model for request in plan.requests))
    assert sum(sample.call == "first" for sample in run.samples().values()) == 2


def test_a_setting_that_the_pipeline_does_not_take_is_refused(local: Any, unconditional_model: Model) -> None:
    asked = replace(unconditional_model, settings=replace(unconditional_model.settings, guidance=3.0))
    with pytest.raises(UnknownNameError, match="Unknown setting of DDPMPipeline 'guidance_scale'"):
        local.preflight(asked)


def test_an_unknown_pipeline_class_names_the_nearest(local: Any, stable_model: Model) -> None:
    source = replace(stable_model.source, pipeline="StableDifusionPipeline")
    with pytest.raises(UnknownNameError, match="Did you mean 'StableDiffusionPipeline'"):
        local.preflight(replace(stable_model, source=source))


def test_a_device_that_is_not_there_is_refused(stable_model: Model) -> None:
    absent = "mps" if not torch.backends.mps.is_available() else "cuda"
    with pytest.raises(ServiceError, match=f"Expected the device '{absent}', and torch finds none here"):
        LocalPipeline(absent).preflight(stable_model)


def test_an_unknown_device_names_the_nearest(stable_model: Model) -> None:
    with pytest.raises(UnknownNameError, match="Did you mean 'cuda'"):
        LocalPipeline("cudo").preflight(stable_model)


def test_pickled_weights_are_refused_before_anything_is_loaded(
    run: RunFolder, media: MediaStore, stable_model: Model, tmp_path: Path, progress: Any
) -> None:
    (tmp_path / "pickled" / "unet").mkdir(parents=True)
    (tmp_path / "pickled" / "model_index.json").write_text('{"_class_name": "DDPMPipeline"}')
    (tmp_path / "pickled" / "unet" / "diffusion_pytorch_model.bin").write_bytes(b"\x80\x04.")
    source = replace(stable_model.source, repository=str(tmp_path / "pickled"))
    loaded: list[LocalSource] = []
    generator = LocalPipeline("cpu", load=loaded.append)
    with pytest.raises(WeightsError, match="Expected safetensors"):
        generator.preflight(replace(stable_model, source=source))
    assert loaded == []


class Acting:
    """A pipeline that is handed in: says what it is told to, or raises it."""

    def __init__(self, act: Callable[[], Any]) -> None:
        self.components: dict[str, Any] = {}
        self._act = act

    def __call__(self, prompt: str, num_frames: int = 1) -> Any:
        return self._act()

    def set_progress_bar_config(self, **options: Any) -> None:
        """No progress bar."""

    def to(self, device: str) -> None:
        """No weights."""


def acting(model: Model, act: Callable[[], Any]) -> LocalPipeline:
    generator = LocalPipeline("cpu", load=lambda source: Acting(act))
    generator.open(model)
    return generator


def shortage(error: BaseException) -> Callable[[], Any]:
    def act() -> Any:
        raise error

    return act


@pytest.mark.parametrize(
    "error",
    [
        torch.OutOfMemoryError("CUDA out of memory."),
        MemoryError(),
        RuntimeError("DefaultCPUAllocator: can't allocate memory"),
    ],
)
def test_running_out_of_memory_fails_the_sample_and_not_the_run(model: Model, ask: Any, error: BaseException) -> None:
    outcome = acting(model, shortage(error)).generate(ask(model))
    assert outcome.status == "failed"
    assert (outcome.reason or "").startswith("Out of memory on cpu")


def test_another_error_is_the_runners_to_record(model: Model, ask: Any) -> None:
    with pytest.raises(RuntimeError, match="shapes do not fit"):
        acting(model, shortage(RuntimeError("shapes do not fit"))).generate(ask(model))


@pytest.mark.parametrize("flags", [[True], True, (True,)])
def test_a_flag_of_the_safety_checker_is_a_refusal(model: Model, ask: Any, flags: Any) -> None:
    output = {"images": [Image.new("RGB", (8, 8))], "nsfw_content_detected": flags}
    outcome = acting(model, lambda: output).generate(ask(model))
    assert (outcome.status, outcome.data) == ("refused", None)
    assert outcome.timing is not None


@pytest.mark.parametrize("flags", [[False], None])
def test_an_image_that_is_not_flagged_is_kept(model: Model, ask: Any, flags: Any) -> None:
    output = {"images": [Image.new("RGB", (8, 8))], "nsfw_content_detected": flags}
    assert acting(model, lambda: output).generate(ask(model)).status == "ok"


def test_frames_become_a_video(model: Model, ask: Any) -> None:
    video = replace(model, settings=Settings(width=32, height=32, frames=5, fps=10))
    output = {"frames": np.zeros((1, 5, 32, 32, 3))}
    outcome = acting(video, lambda: output).generate(ask(video))
    assert (outcome.status, outcome.media_type, outcome.frames) == ("ok", "video/mp4", 5)
    assert (outcome.fps, outcome.video_seconds, outcome.audio) == (10, 0.5, False)
    assert outcome.delivery not in (None, outcome.data)


def test_output_of_another_kind_is_an_error(model: Model, ask: Any) -> None:
    with pytest.raises(TypeError, match="Expected images or frames from the pipeline, got audios"):
        acting(model, lambda: {"audios": []}).generate(ask(model))


def test_nothing_is_generated_before_a_model_is_open(model: Model, ask: Any) -> None:
    with pytest.raises(RuntimeError, match="Call open first"):
        LocalPipeline("cpu").generate(ask(model))


def test_our_own_pipeline_class_is_found_by_name() -> None:
    assert resolve("ShapesPipeline").__name__ == "ShapesPipeline"


def test_an_embedded_contender_draws_what_it_is_asked_for(local: Any, suite: Any) -> None:
    model = load_catalogue().model("shapes-nano")
    local.preflight(model)
    loading = local.open(model)
    outcome = local.generate(request_of(suite, model, suite.prompts[0], seed=0))
    timing = outcome.timing
    assert (outcome.status, outcome.width, outcome.media_type) == ("ok", 32, "image/png")
    assert loading.load_seconds > 0
    assert len(timing.step_seconds) == model.settings.steps
    assert 0 < timing.text_seconds < timing.seconds
    assert timing.decode_seconds is None


def test_embedded_weights_that_are_not_there_are_refused(local: Any) -> None:
    model = load_catalogue().model("shapes-nano")
    with pytest.raises(WeightsError, match="got 'nanno'"):
        local.preflight(replace(model, source=replace(model.source, repository="nanno")))


def test_loading_leaves_the_libraries_as_they_were(local: Any, stable_model: Model) -> None:
    before = (logging.get_verbosity(), logging.is_progress_bar_enabled())
    local.open(stable_model)
    assert (logging.get_verbosity(), logging.is_progress_bar_enabled()) == before
