"""Reading the committed polynomials: a JSON file with a format and models, and how to make it again where it is not."""

import json
from pathlib import Path
from typing import Any

from data.errors import InputFileError

REMEDY = "Run: halflife profile --rebuild-atlas"


def read_models(path: Path, name: str, version: int) -> dict[str, Any]:
    """Return what a file holds of each model. Raises InputFileError where there is none, or of another format."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputFileError(path, f"Expected {name}, got none ({error}). {REMEDY}") from error
    if content.get("format") != version:
        raise InputFileError(path, f"Expected format {version}, got {content.get('format')}. {REMEDY}")
    models: dict[str, Any] = content["models"]
    return models
