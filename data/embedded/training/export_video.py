"""Write the video models' weight folders: `python -m data.embedded.training.export_video [--work FOLDER]`."""

import argparse
import shutil
from pathlib import Path

from data.embedded.motion.contenders import VIDEO_FOLDERS
from data.embedded.network import with_pooler
from data.embedded.training.train_video import WORK
from data.embedded.training.video_run import CURVES, load_snapshot
from data.embedded.training.video_schedule import SCHEDULES
from data.embedded.weight_files import WEIGHTS, write_manifest


def export(work: Path) -> int:
    """Export every folder in fp16 and the runs' curves, write the manifest; the bytes of all weight files together."""
    for name, source in VIDEO_FOLDERS.items():
        snapshot = work / source.run / f"{source.clips:08d}.safetensors"
        pipeline = load_snapshot(SCHEDULES[source.run], snapshot)
        pipeline.register_modules(text_encoder=with_pooler(pipeline.text_encoder))
        pipeline.text_encoder.half()
        pipeline.denoiser.half()
        shutil.rmtree(WEIGHTS / name, ignore_errors=True)
        pipeline.save_pretrained(WEIGHTS / name, safe_serialization=True)
        shutil.copy(work / source.run / "curve.jsonl", CURVES / f"{source.run}.jsonl")
    write_manifest()
    return sum(path.stat().st_size for path in WEIGHTS.rglob("*") if path.is_file())


def main(arguments: list[str] | None = None) -> None:
    """Export what the table of contenders names."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, default=WORK, help="where the runs' snapshots are")
    print(f"{export(parser.parse_args(arguments).work):,} bytes")


if __name__ == "__main__":
    main()
