"""The files of laws that are committed: JSON with a format and models, or a sentence that says how to make it again."""

import json
from pathlib import Path
from typing import Any

from data.errors import InputFileError

AGAIN = "Run: halflife profile --rebuild-atlas"


def models_in(path: Path, name: str, version: int) -> dict[str, Any]:
    """Return what a file holds of each model. Raises InputFileError where there is none, or of another format."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputFileError(path, f"Expected {name}, got none ({error}). {AGAIN}") from error
    if content.get("format") != version:
        raise InputFileError(path, f"Expected format {version}, got {content.get('format')}. {AGAIN}")
    models: dict[str, Any] = content["models"]
    return models
