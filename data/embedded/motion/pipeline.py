"""`MovingShapesPipeline`: the embedded text-to-video models as an ordinary diffusers pipeline.

Components are diffusers' and transformers' own classes. Latents are the clip itself with every 2 by 2 block of a frame
folded into channels; there is no VAE. One of `transformer` (Wan's or Latte's class) and `unet` (AnimateDiff's) is
the denoiser, the other is None.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Final

import numpy as np
import torch
from diffusers import (
    DiffusionPipeline,
    FlowMatchEulerDiscreteScheduler,
    LatteTransformer3DModel,
    UNetMotionModel,
    WanTransformer3DModel,
)
from diffusers.utils import BaseOutput
from diffusers.utils.torch_utils import randn_tensor
from diffusers.video_processor import VideoProcessor
from PIL import Image
from torch import Tensor
from torch.nn.functional import pixel_shuffle, pixel_unshuffle
from transformers import PreTrainedModel, PreTrainedTokenizerFast

FOLD: Final = 2
StepCallback = Callable[[Any, int, Tensor, dict[str, Tensor]], dict[str, Tensor] | None]
SeedGenerators = torch.Generator | list[torch.Generator] | None
Denoiser = WanTransformer3DModel | LatteTransformer3DModel | UNetMotionModel


def folded(clips: Tensor) -> Tensor:
    """Latents (n, 12, frames, h / 2, w / 2) of clips (n, frames, 3, h, w)."""
    return pixel_unshuffle(clips, FOLD).transpose(1, 2).contiguous()


def unfolded(latents: Tensor) -> Tensor:
    """Clips (n, frames, 3, h, w) of latents (n, 12, frames, h / 2, w / 2)."""
    return pixel_shuffle(latents.transpose(1, 2), FOLD)


def predicted(denoiser: Any, latents: Tensor, time: Tensor, states: Tensor) -> Tensor:
    """The clean latents that a denoiser of any of the classes predicts.

    `latents` (n, channels, frames, h, w), `time` (n,) from 0 for clean to 1000 for noise, `states` (n, tokens,
    width) of the text.
    """
    if isinstance(denoiser, UNetMotionModel):
        states = states.repeat_interleave(latents.shape[2], dim=0)
    clean: Tensor = denoiser(latents, timestep=time, encoder_hidden_states=states, return_dict=False)[0]
    return clean


@dataclass
class MovingShapesPipelineOutput(BaseOutput):  # type: ignore[misc]  # diffusers is untyped
    """`frames`: lists of PIL images, or an array (n, frames, height, width, 3) in 0 to 1 for "np", or a tensor
    (n, frames, 3, height, width) for "pt".
    """

    frames: list[list[Image.Image]] | np.ndarray | Tensor


class MovingShapesPipeline(DiffusionPipeline):  # type: ignore[misc]  # diffusers is untyped
    """Makes clips of moving shapes from a caption, at 32 by 32 pixels.

    The denoiser predicts the clean clip (x-prediction); the scheduler integrates the velocity (x_t - x) / sigma of the
    straight path from noise at sigma 1 to the clip at sigma 0 (Liu et al. 2022, arXiv 2209.03003). `frames` are the
    numbers of frames that the denoiser was trained for, `frame_rate` how many of them its authors meant for a second.
    """

    model_cpu_offload_seq = "text_encoder->transformer->unet"
    _optional_components: ClassVar[list[str]] = ["transformer", "unet"]
    _callback_tensor_inputs: ClassVar[list[str]] = ["latents", "prompt_embeds", "negative_prompt_embeds"]

    def __init__(
        self,
        tokenizer: PreTrainedTokenizerFast,
        text_encoder: PreTrainedModel,
        scheduler: FlowMatchEulerDiscreteScheduler,
        transformer: WanTransformer3DModel | LatteTransformer3DModel | None = None,
        unet: UNetMotionModel | None = None,
        frames: Sequence[int] = (8,),
        frame_rate: int = 8,
        size: int = 32,
    ) -> None:
        super().__init__()
        if (transformer is None) == (unet is None):
            raise ValueError("Expected a transformer or a unet, got both or neither.")
        self.register_modules(
            tokenizer=tokenizer, text_encoder=text_encoder, scheduler=scheduler, transformer=transformer, unet=unet
        )
        self.register_to_config(frames=list(frames), frame_rate=frame_rate, size=size)
        self.video_processor = VideoProcessor(vae_scale_factor=1, do_resize=False)

    @property
    def denoiser(self) -> Any:
        """The network that is called once a step."""
        return self.transformer if self.transformer is not None else self.unet

    @property
    def guidance_scale(self) -> float:
        """Guidance of the running call."""
        return self._guidance_scale

    @property
    def num_timesteps(self) -> int:
        """Steps of the running or last call."""
        return self._num_timesteps

    @property
    def interrupt(self) -> bool:
        """Set `pipeline._interrupt = True` in a callback to skip the steps that are left."""
        return self._interrupt

    def encode_prompt(self, prompts: Sequence[str]) -> Tensor:
        """Text states of shape (len(prompts), context, width); unknown words count as `<unk>`, long texts are cut."""
        tokens = self.tokenizer(
            list(prompts),
            padding="max_length",
            truncation=True,
            max_length=self.tokenizer.model_max_length,
            return_tensors="pt",
        )
        states: Tensor = self.text_encoder(tokens.input_ids.to(self._execution_device)).last_hidden_state
        return states

    @torch.no_grad()
    def __call__(
        self,
        prompt: str | list[str],
        negative_prompt: str | list[str] | None = None,
        height: int | None = None,
        width: int | None = None,
        num_frames: int | None = None,
        num_inference_steps: int = 12,
        guidance_scale: float = 3.0,
        num_videos_per_prompt: int = 1,
        generator: SeedGenerators = None,
        latents: Tensor | None = None,
        output_type: str = "np",
        return_dict: bool = True,
        callback_on_step_end: StepCallback | None = None,
        callback_on_step_end_tensor_inputs: Sequence[str] = ("latents",),
    ) -> MovingShapesPipelineOutput | tuple[Any]:
        """Clips of the prompts, `num_videos_per_prompt` each, in order.

        `guidance_scale` of 1 or less halves the work, as it leaves classifier-free guidance out. `output_type` is
        "pil", "np", "pt" or "latent". Raises ValueError for a size or a number of frames that the model was not
        trained for.
        """
        frames = num_frames if num_frames is not None else int(self.config.frames[0])
        self._check(height, width, frames, num_inference_steps)
        self._check_tensors(callback_on_step_end_tensor_inputs)
        prompts = [prompt] if isinstance(prompt, str) else list(prompt)
        self._guidance_scale, self._interrupt = guidance_scale, False
        given = {"prompt_embeds": self.encode_prompt(prompts).repeat_interleave(num_videos_per_prompt, dim=0)}
        if guidance_scale > 1:
            against = self.encode_prompt(_negatives(negative_prompt, len(prompts)))
            given["negative_prompt_embeds"] = against.repeat_interleave(num_videos_per_prompt, dim=0)
        given["latents"] = self._noise(frames, given["prompt_embeds"], generator, latents)
        self.scheduler.set_timesteps(sigmas=np.linspace(1.0, 1.0 / num_inference_steps, num_inference_steps))
        self._num_timesteps = len(self.scheduler.timesteps)
        with self.progress_bar(total=self._num_timesteps) as bar:
            for index, timestep in enumerate(self.scheduler.timesteps):
                if self._interrupt:
                    continue
                velocity = self._velocity(given, index)
                given["latents"] = self.scheduler.step(velocity, timestep, given["latents"], return_dict=False)[0]
                if callback_on_step_end is not None:
                    offered = {name: given[name] for name in callback_on_step_end_tensor_inputs}
                    given |= callback_on_step_end(self, index, timestep, offered) or {}
                bar.update()
        made = given["latents"] if output_type == "latent" else self._clips(given["latents"], output_type)
        self.maybe_free_model_hooks()
        return MovingShapesPipelineOutput(frames=made) if return_dict else (made,)

    def _check(self, height: int | None, width: int | None, frames: int, steps: int) -> None:
        size = int(self.config.size)
        for name, value in (("height", height), ("width", width)):
            if value is not None and value != size:
                raise ValueError(f"Expected {name} {size}, the only one this model was trained for, got {value}.")
        if frames not in self.config.frames:
            known = ", ".join(map(str, self.config.frames))
            raise ValueError(f"Expected num_frames out of {known}, which this model was trained for, got {frames}.")
        if steps < 1:
            raise ValueError(f"Expected num_inference_steps of at least 1, got {steps}.")

    def _check_tensors(self, names: Sequence[str]) -> None:
        unknown = [name for name in names if name not in self._callback_tensor_inputs]
        if unknown:
            raise ValueError(f"Expected callback tensors out of {self._callback_tensor_inputs}, got {unknown}.")

    def _noise(self, frames: int, like: Tensor, generator: SeedGenerators, latents: Tensor | None) -> Tensor:
        side = int(self.config.size) // FOLD
        shape = (len(like), 3 * FOLD * FOLD, frames, side, side)
        if latents is None:
            drawn: Tensor = randn_tensor(shape, generator=generator, device=like.device, dtype=like.dtype)
            return drawn
        if tuple(latents.shape) != shape:
            raise ValueError(f"Expected latents of shape {shape}, got {tuple(latents.shape)}.")
        return latents.to(device=like.device, dtype=like.dtype)

    def _velocity(self, given: dict[str, Tensor], index: int) -> Tensor:
        latents, positive, negative = given["latents"], given["prompt_embeds"], given.get("negative_prompt_embeds")
        sigma = self.scheduler.sigmas[index].to(latents)
        time = (sigma * self.scheduler.config.num_train_timesteps).expand(len(latents))
        if negative is None:
            clean = predicted(self.denoiser, latents, time, positive)
        else:
            both = predicted(
                self.denoiser, latents.repeat(2, 1, 1, 1, 1), time.repeat(2), torch.cat([negative, positive])
            )
            without, stated = both.chunk(2)
            clean = without + self._guidance_scale * (stated - without)
        velocity: Tensor = (latents - clean.clamp(-1, 1)) / sigma
        return velocity

    def _clips(self, latents: Tensor, output_type: str) -> list[list[Image.Image]] | np.ndarray | Tensor:
        pixels = unfolded(latents.float()).clamp(-1, 1).transpose(1, 2)
        made: list[list[Image.Image]] | np.ndarray | Tensor = self.video_processor.postprocess_video(
            pixels, output_type=output_type
        )
        return made


def _negatives(negative_prompt: str | list[str] | None, count: int) -> list[str]:
    if negative_prompt is None or isinstance(negative_prompt, str):
        return [negative_prompt or ""] * count
    if len(negative_prompt) != count:
        raise ValueError(f"Expected {count} negative prompts, one a prompt, got {len(negative_prompt)}.")
    return list(negative_prompt)
