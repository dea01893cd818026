"""Write the weight folders of the contenders from the runs' snapshots: `python -m data.embedded.training.export`."""

import shutil
from typing import Final

from diffusers import FlowMatchEulerDiscreteScheduler

from data.embedded.clip_card import WEIGHTS_FILE
from data.embedded.contenders import FOLDERS
from data.embedded.network import with_pooler
from data.embedded.training.clip_run import NAME as CLIP_RUN
from data.embedded.training.diffusion_run import WORK, load_snapshot
from data.embedded.training.training_schedule import SCHEDULES
from data.embedded.weight_files import CLIP_FOLDER, WEIGHTS, write_manifest

SHIFT: Final = 3.0
"""Bends the steps towards high noise, where the layout is decided (Esser et al. 2024, arXiv 2403.03206)."""


def export() -> int:
    """Export every folder in fp16 and the CLIP, write the manifest, and return the bytes of all files together."""
    WEIGHTS.mkdir(exist_ok=True)
    for name, source in FOLDERS.items():
        snapshot = WORK / source.run / "snapshots" / f"{source.images:07d}.safetensors"
        pipeline = load_snapshot(SCHEDULES[source.run], snapshot)
        scheduler = FlowMatchEulerDiscreteScheduler(shift=SHIFT)
        pipeline.register_modules(text_encoder=with_pooler(pipeline.text_encoder), scheduler=scheduler)
        pipeline.text_encoder.half()
        pipeline.unet.half()
        shutil.rmtree(WEIGHTS / name, ignore_errors=True)
        pipeline.save_pretrained(WEIGHTS / name, safe_serialization=True)
    trained = WORK / CLIP_RUN / "latest"
    if (trained / WEIGHTS_FILE).exists():
        shutil.rmtree(WEIGHTS / CLIP_FOLDER, ignore_errors=True)
        shutil.copytree(trained, WEIGHTS / CLIP_FOLDER)
    write_manifest()
    return sum(path.stat().st_size for path in WEIGHTS.rglob("*") if path.is_file())


if __name__ == "__main__":
    print(f"{export():,} bytes")
