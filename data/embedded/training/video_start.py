"""Where the video models start: from what the picture models know of words and, for the UNet, of shapes."""

from typing import Final

import torch
from diffusers import UNet2DConditionModel
from safetensors.torch import load_file

from data.embedded.motion.network import with_motion
from data.embedded.motion.pipeline import MovingShapesPipeline
from data.embedded.weight_files import verified

PICTURES: Final = "grand"
"""The weight folder of the picture models that is the start."""
_WORDS: Final = "embeddings.word_embeddings.weight"


def start_from_pictures(pipeline: MovingShapesPipeline) -> None:
    """Give the text encoder the pictures' words and layers, and a UNet the pictures' layers."""
    pictures = verified(PICTURES)
    known = load_file(pictures / "text_encoder" / "model.safetensors")
    mine = pipeline.text_encoder.state_dict()
    with torch.no_grad():
        for name, weight in mine.items():
            if name == _WORDS:
                weight[: len(known[name])] = known[name]
            elif name in known:
                weight.copy_(known[name])
    pipeline.text_encoder.load_state_dict(mine)
    if pipeline.unet is not None:
        unet = UNet2DConditionModel.from_pretrained(pictures / "unet", use_safetensors=True).float()
        pipeline.unet.load_state_dict(with_motion(unet).state_dict() | _motion(pipeline))


def _motion(pipeline: MovingShapesPipeline) -> dict[str, torch.Tensor]:
    return {name: weight for name, weight in pipeline.unet.state_dict().items() if "motion_modules" in name}
