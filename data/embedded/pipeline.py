"""`ShapesPipeline`: the embedded models as an ordinary diffusers text-to-image pipeline.

Components `tokenizer`, `text_encoder`, `unet` and `scheduler` are diffusers' and transformers' own classes, so
hooks, callbacks and FLOP counting work as with any other pipeline. Latents are the image itself with every 2 by 2 block
folded into channels; there is no VAE.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Final

import numpy as np
import torch
from diffusers import DiffusionPipeline, FlowMatchEulerDiscreteScheduler, UNet2DConditionModel
from diffusers.image_processor import VaeImageProcessor
from diffusers.utils import BaseOutput
from diffusers.utils.torch_utils import randn_tensor
from PIL import Image
from torch import Tensor
from torch.nn.functional import pixel_shuffle
from transformers import PreTrainedModel, PreTrainedTokenizerFast

FOLD: Final = 2
StepCallback = Callable[[Any, int, Tensor, dict[str, Tensor]], dict[str, Tensor] | None]


@dataclass
class ShapesPipelineOutput(BaseOutput):  # type: ignore[misc]  # diffusers is untyped
    """`images`: a list of PIL images, or an array (n, height, width, 3) in 0 to 1 for "np", or a tensor for "pt"."""

    images: list[Image.Image] | np.ndarray | Tensor


@dataclass
class _State:
    """The tensors of a running call, by the names under which a callback sees and changes them."""

    latents: Tensor
    prompt_embeds: Tensor
    negative_prompt_embeds: Tensor | None

    def change(self, tensors: dict[str, Tensor]) -> None:
        self.latents = tensors.get("latents", self.latents)
        self.prompt_embeds = tensors.get("prompt_embeds", self.prompt_embeds)
        self.negative_prompt_embeds = tensors.get("negative_prompt_embeds", self.negative_prompt_embeds)


class ShapesPipeline(DiffusionPipeline):  # type: ignore[misc]  # diffusers is untyped
    """Draws shapes from a caption at 32 by 32 pixels.

    The denoiser predicts the clean image (x-prediction); the scheduler integrates the velocity (x_t - x) / sigma of the
    straight path from noise at sigma 1 to the image at sigma 0 (Liu et al. 2022, arXiv 2209.03003).
    """

    model_cpu_offload_seq = "text_encoder->unet"
    _callback_tensor_inputs: ClassVar[list[str]] = ["latents", "prompt_embeds", "negative_prompt_embeds"]

    def __init__(
        self,
        tokenizer: PreTrainedTokenizerFast,
        text_encoder: PreTrainedModel,
        unet: UNet2DConditionModel,
        scheduler: FlowMatchEulerDiscreteScheduler,
    ) -> None:
        super().__init__()
        self.register_modules(tokenizer=tokenizer, text_encoder=text_encoder, unet=unet, scheduler=scheduler)
        self.image_processor = VaeImageProcessor(vae_scale_factor=1, do_resize=False)

    @property
    def size(self) -> int:
        """The only height and width in pixels that the model can draw."""
        return int(self.unet.config.sample_size) * FOLD

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
        num_inference_steps: int = 16,
        guidance_scale: float = 2.5,
        num_images_per_prompt: int = 1,
        generator: torch.Generator | list[torch.Generator] | None = None,
        latents: Tensor | None = None,
        output_type: str = "pil",
        return_dict: bool = True,
        callback_on_step_end: StepCallback | None = None,
        callback_on_step_end_tensor_inputs: Sequence[str] = ("latents",),
    ) -> ShapesPipelineOutput | tuple[Any]:
        """Images of the prompts, `num_images_per_prompt` each, in order.

        `guidance_scale` of 1 or less halves the work, as it leaves classifier-free guidance out. `output_type` is
        "pil", "np", "pt" or "latent". Raises ValueError for a height or width that the model was not trained for.
        """
        self._check(height, width, num_inference_steps, callback_on_step_end_tensor_inputs)
        prompts = [prompt] if isinstance(prompt, str) else list(prompt)
        self._guidance_scale, self._interrupt = guidance_scale, False
        positive = self.encode_prompt(prompts).repeat_interleave(num_images_per_prompt, dim=0)
        negative = None
        if guidance_scale > 1:
            against = _negatives(negative_prompt, len(prompts))
            negative = self.encode_prompt(against).repeat_interleave(num_images_per_prompt, dim=0)
        state = _State(self._noise(len(positive), positive, generator, latents), positive, negative)
        self.scheduler.set_timesteps(sigmas=np.linspace(1.0, 1.0 / num_inference_steps, num_inference_steps))
        self._num_timesteps = len(self.scheduler.timesteps)
        with self.progress_bar(total=self._num_timesteps) as bar:
            for index, timestep in enumerate(self.scheduler.timesteps):
                if self._interrupt:
                    continue
                velocity = self._velocity(state, index)
                state.latents = self.scheduler.step(velocity, timestep, state.latents, return_dict=False)[0]
                if callback_on_step_end is not None:
                    offered = {name: getattr(state, name) for name in callback_on_step_end_tensor_inputs}
                    state.change(callback_on_step_end(self, index, timestep, offered) or {})
                bar.update()
        images = state.latents if output_type == "latent" else self._images(state.latents, output_type)
        self.maybe_free_model_hooks()
        return ShapesPipelineOutput(images=images) if return_dict else (images,)

    def _check(self, height: int | None, width: int | None, steps: int, tensors: Sequence[str]) -> None:
        for name, value in (("height", height), ("width", width)):
            if value is not None and value != self.size:
                raise ValueError(f"Expected {name} {self.size}, the only one this model was trained for, got {value}.")
        if steps < 1:
            raise ValueError(f"Expected num_inference_steps of at least 1, got {steps}.")
        unknown = [name for name in tensors if name not in self._callback_tensor_inputs]
        if unknown:
            raise ValueError(f"Expected callback tensors out of {self._callback_tensor_inputs}, got {unknown}.")

    def _noise(
        self,
        count: int,
        like: Tensor,
        generator: torch.Generator | list[torch.Generator] | None,
        latents: Tensor | None,
    ) -> Tensor:
        side = int(self.unet.config.sample_size)
        shape = (count, int(self.unet.config.in_channels), side, side)
        if latents is None:
            drawn: Tensor = randn_tensor(shape, generator=generator, device=like.device, dtype=like.dtype)
            return drawn
        if tuple(latents.shape) != shape:
            raise ValueError(f"Expected latents of shape {shape}, got {tuple(latents.shape)}.")
        return latents.to(device=like.device, dtype=like.dtype)

    def _velocity(self, state: _State, index: int) -> Tensor:
        latents, positive, negative = state.latents, state.prompt_embeds, state.negative_prompt_embeds
        sigma = self.scheduler.sigmas[index].to(latents)
        time = sigma * self.scheduler.config.num_train_timesteps
        if negative is None:
            clean = self.unet(latents, time, encoder_hidden_states=positive).sample
        else:
            states = torch.cat([negative, positive])
            both = self.unet(torch.cat([latents, latents]), time, encoder_hidden_states=states).sample
            without, given = both.chunk(2)
            clean = without + self._guidance_scale * (given - without)
        velocity: Tensor = (latents - clean.clamp(-1, 1)) / sigma
        return velocity

    def _images(self, latents: Tensor, output_type: str) -> list[Image.Image] | np.ndarray | Tensor:
        pixels = pixel_shuffle(latents.float(), FOLD).clamp(-1, 1)
        made: list[Image.Image] | np.ndarray | Tensor = self.image_processor.postprocess(
            pixels, output_type=output_type
        )
        return made


def _negatives(negative_prompt: str | list[str] | None, count: int) -> list[str]:
    if negative_prompt is None or isinstance(negative_prompt, str):
        return [negative_prompt or ""] * count
    if len(negative_prompt) != count:
        raise ValueError(f"Expected {count} negative prompts, one a prompt, got {len(negative_prompt)}.")
    return list(negative_prompt)
