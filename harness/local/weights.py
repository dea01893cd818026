"""What may be loaded at all: a diffusers folder whose weights are safetensors and which brings no code."""

import json
from pathlib import Path
from typing import Any

from data.errors import InputFileError, WeightsError

PICKLED = frozenset({".bin", ".ckpt", ".pt", ".pth", ".pkl", ".pickle", ".joblib"})
LIBRARIES = frozenset({"diffusers", "transformers"})


def check_folder(folder: Path) -> None:
    """Raise where the pipeline in `folder` must not be loaded; reads headers only.

    WeightsError where a component has pickled weights and no safetensors, a file named so is not safetensors, or the
    folder brings its own code; InputFileError where it is no diffusers pipeline.
    """
    index = _index(folder)
    _check_code(folder, index)
    pickled = sorted(path for path in folder.rglob("*") if path.suffix.lower() in PICKLED)
    for path in pickled:
        if not any(path.parent.glob("*.safetensors")):
            raise WeightsError(
                f"Expected safetensors in {path.parent}, got {path.name}, a format that can run code when it is read. "
                "Convert it: load it where you trust it, and save_pretrained(…, safe_serialization=True)."
            )
    for path in sorted(folder.rglob("*.safetensors")):
        _check_header(path)


def pipeline_class(folder: Path) -> str:
    """Return the class name that the folder's model_index.json declares."""
    return str(_index(folder)["_class_name"])


def _index(folder: Path) -> dict[str, Any]:
    path = folder / "model_index.json"
    if not path.is_file():
        raise InputFileError(path, "expected a diffusers pipeline saved with save_pretrained, got no such file.")
    try:
        index = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise InputFileError(path, f"expected JSON, got something else ({error}).") from error
    if not isinstance(index, dict) or "_class_name" not in index:
        raise InputFileError(path, "expected an object that names its class, got none.", key="_class_name")
    return index


def _check_code(folder: Path, index: dict[str, Any]) -> None:
    own = sorted(path.name for path in folder.rglob("*.py"))
    foreign = sorted(
        str(entry[0])
        for entry in index.values()
        if isinstance(entry, list) and entry and entry[0] is not None and str(entry[0]).split(".")[0] not in LIBRARIES
    )
    if own or foreign or not isinstance(index["_class_name"], str):
        named = ", ".join(own + foreign) or str(index["_class_name"])
        raise WeightsError(
            f"Expected a pipeline out of diffusers' and transformers' own classes in {folder}, got code of its own "
            f"({named}). Halflife runs no code that comes with weights; use a pipeline class of diffusers."
        )


def _check_header(path: Path) -> None:
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="numpy"):
            pass
    except (SafetensorError, OSError) as error:
        raise WeightsError(
            f"Expected safetensors in {path}, got something else or half of it ({error}). Fetch or convert it again."
        ) from error
