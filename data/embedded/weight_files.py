"""The committed weights: every file is checked against `weights/manifest.json` before anything of it is loaded."""

import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from data.embedded.clip_card import WEIGHTS_FILE, ClipCard, read_card
from data.errors import WeightsError
from data.serialization import file_sha256

if TYPE_CHECKING:
    import torch

    from data.embedded.clip import LoadedClip
    from data.embedded.pipeline import ShapesPipeline

WEIGHTS: Final = Path(__file__).parent / "weights"
MANIFEST: Final = "manifest.json"
CLIP_FOLDER: Final = "clip"
_ALLOWED: Final = (".safetensors", ".json")
_REMEDY: Final = (
    "Restore data/embedded/weights from the repository, or train again: python -m data.embedded.training.train"
)


def verified(folder: str, root: Path = WEIGHTS) -> Path:
    """The path of a weight folder, after each of its files was compared with the manifest's sha256.

    Raises WeightsError if a file is missing, differs, is not in the manifest, or is neither safetensors nor JSON.
    """
    expected = {name: value for name, value in manifest(root).items() if name.split("/")[0] == folder}
    if not expected:
        known = sorted({name.split("/")[0] for name in manifest(root)})
        raise WeightsError(f"Expected a weight folder out of {', '.join(known)}, got {folder!r}. {_REMEDY}.")
    present = {path.relative_to(root).as_posix() for path in (root / folder).rglob("*") if path.is_file()}
    for name in sorted(present | set(expected)):
        _check(root / name, name, expected.get(name))
    return root / folder


def manifest(root: Path = WEIGHTS) -> dict[str, str]:
    """The sha256 of every weight file by its path below `root`. Raises WeightsError if there is no manifest."""
    path = root / MANIFEST
    try:
        files = json.loads(path.read_text(encoding="utf-8"))["files"]
        return {str(name): str(value["sha256"]) for name, value in files.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise WeightsError(f"Expected a manifest of weights at {path}, got {error!r}. {_REMEDY}.") from error


def write_manifest(root: Path = WEIGHTS) -> dict[str, str]:
    """Write the manifest of all files below `root` as they are now, and return it."""
    paths = sorted(path for path in root.rglob("*") if path.is_file() and path.name != MANIFEST)
    files = {
        path.relative_to(root).as_posix(): {"sha256": file_sha256(path), "bytes": path.stat().st_size} for path in paths
    }
    (root / MANIFEST).write_text(json.dumps({"version": 1, "files": files}, indent=2) + "\n", encoding="utf-8")
    return manifest(root)


def load_pipeline(
    folder: str, dtype: "torch.dtype | None" = None, device: str = "cpu", *, root: Path = WEIGHTS
) -> "ShapesPipeline":
    """The text-to-image pipeline of a checked weight folder, in fp32 unless another `dtype` is asked for."""
    import torch

    from data.embedded.pipeline import ShapesPipeline

    path = verified(folder, root)
    pipeline: ShapesPipeline = ShapesPipeline.from_pretrained(path, use_safetensors=True, local_files_only=True)
    pipeline.set_progress_bar_config(disable=True)
    for part in (pipeline.text_encoder, pipeline.unet):
        # Module.to, not diffusers' own: that one warns of every cast, and this cast up loses nothing.
        torch.nn.Module.to(part, device=device, dtype=dtype or torch.float32)
    return pipeline


def load_clip(root: Path = WEIGHTS) -> "LoadedClip":
    """The embedded CLIP after its files were checked: model (fp32, evaluation mode), tokenizer and card."""
    from data.embedded.clip import read_clip

    return read_clip(verified(CLIP_FOLDER, root), manifest(root)[f"{CLIP_FOLDER}/{WEIGHTS_FILE}"])


def clip_card(root: Path = WEIGHTS) -> ClipCard:
    """The facts about the embedded CLIP, after its files were checked; imports no torch."""
    return read_card(verified(CLIP_FOLDER, root), manifest(root)[f"{CLIP_FOLDER}/{WEIGHTS_FILE}"])


def _check(path: Path, name: str, expected: str | None) -> None:
    if path.suffix not in _ALLOWED:
        raise WeightsError(f"Expected weights as safetensors, got {name}. Remove it: reading such a file can run code.")
    if expected is None:
        raise WeightsError(f"Expected only files of the manifest, got {name}. Remove it. {_REMEDY}.")
    if not path.is_file():
        raise WeightsError(f"Expected the weight file {name} with sha256 {expected}, got no file. {_REMEDY}.")
    status = path.stat()
    actual = _cached_sha256(path, status.st_size, status.st_mtime_ns)
    if actual != expected:
        raise WeightsError(f"Expected {name} with sha256 {expected}, got {actual}. {_REMEDY}.")


@cache
def _cached_sha256(path: Path, size: int, modified_ns: int) -> str:
    """The sha256 of a file, taken once for each state of it: a run that loads a folder often reads it once."""
    return file_sha256(path)
