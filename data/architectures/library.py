"""Where the architecture files are found, and how a name becomes an architecture."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from data.architectures.architecture import Architecture
from data.architectures.video_pipelines import VIDEO_PIPELINES
from data.errors import InputFileError, UnknownNameError
from data.formats.toml import read_toml, validated

FOLDER: Final = Path(__file__).parent
MODELS: Final = FOLDER / "models"
PARTS: Final = FOLDER / "parts"


@cache
def load_architectures() -> Mapping[str, Architecture]:
    """Return every architecture by its id, in alphabetical order. Raises InputFileError naming file and key."""
    return MappingProxyType({path.stem: _read(path) for path in sorted(MODELS.glob("*.toml"))})


def architecture(name: str) -> Architecture:
    """Return the architecture of that id or alias, letters of any case.

    Reads one file where the name is an id. Raises UnknownNameError with the nearest name.
    """
    path = MODELS / f"{name.lower()}.toml"
    if "/" not in name and "\\" not in name and path.is_file():
        return _read(path)
    ids = names()
    if name.lower() not in ids:
        raise UnknownNameError("architecture", name, ids)
    return _read(MODELS / f"{ids[name.lower()]}.toml")


@cache
def names() -> Mapping[str, str]:
    """Return the id behind every name that is known: ids and the aliases under which catalogues list them."""
    architectures = load_architectures()
    aliases = {alias: described.id for described in architectures.values() for alias in described.aliases}
    return MappingProxyType(aliases | {name: name for name in architectures})


@cache
def _read(path: Path) -> Architecture:
    content = _with_pipeline(_with_parts(read_toml(path), path), path)
    return validated(Architecture, content | {"id": path.stem}, path)


def _with_parts(content: dict[str, Any], path: Path) -> dict[str, Any]:
    """Put the shared networks in place of their names (`network = "t5-xxl"`)."""
    encoders = content.get("text_encoders", [])
    for table, key in [(content, "denoiser"), (content, "vae"), *((encoder, "network") for encoder in encoders)]:
        if isinstance(table.get(key), str):
            table[key] = _part(table[key], path)
    if "sound" in content:
        content["sound"] = [_part(name, path) for name in content["sound"]]
    return content


def _with_pipeline(content: dict[str, Any], path: Path) -> dict[str, Any]:
    """Fill in the limits and the rate of the pipeline class that the file names, where it has none of its own."""
    name = content.get("pipeline")
    if name is None:
        return content
    if name not in VIDEO_PIPELINES:
        raise InputFileError(path, str(UnknownNameError("video pipeline", str(name), VIDEO_PIPELINES)), key="pipeline")
    law = VIDEO_PIPELINES[name]
    content["limits"] = law.limits.model_dump() | content.get("limits", {})
    content["conventions"] = {"fps": law.fps} | content.get("conventions", {})
    return content


def _part(name: str, path: Path) -> dict[str, Any]:
    part = PARTS / f"{name}.toml"
    if not part.is_file():
        unknown = UnknownNameError("part", name, [path.stem for path in PARTS.glob("*.toml")])
        raise InputFileError(path, f"{unknown} Correct the name.")
    return read_toml(part)
