"""The committed weights of the video models, checked like those of the picture models before anything is loaded."""

from pathlib import Path

import torch

from data.embedded.motion.pipeline import MovingShapesPipeline
from data.embedded.weight_files import WEIGHTS, verified


def load_moving_pipeline(
    folder: str, dtype: torch.dtype = torch.float32, device: str = "cpu", *, root: Path = WEIGHTS
) -> MovingShapesPipeline:
    """The text-to-video pipeline of a checked weight folder, in fp32 unless another `dtype` is asked for.

    Raises WeightsError for a folder that is missing or differs from the manifest.
    """
    path = verified(folder, root)
    pipeline: MovingShapesPipeline = MovingShapesPipeline.from_pretrained(
        path, use_safetensors=True, local_files_only=True
    )
    pipeline.set_progress_bar_config(disable=True)
    for part in (pipeline.text_encoder, pipeline.denoiser):
        torch.nn.Module.to(part, device=device, dtype=dtype)
    return pipeline
