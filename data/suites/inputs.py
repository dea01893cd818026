"""The pictures and videos that a suite's prompts start from, checked and kept with a run's media."""

from pathlib import Path

from data.errors import InputFileError
from data.media import MediaStore, sniff
from data.serialization import bytes_digest
from data.suites.library import FOLDER, suite_names
from data.vocabulary import MediaInput, Suite


def keep_inputs(name_or_path: str, suite: Suite, media: MediaStore) -> None:
    """Put every input of the suite's prompts into `media`; `name_or_path` is what the suite was loaded by.

    Raises InputFileError for a file that is not beside the suite's, is missing, or is not the one that was declared.
    """
    folder = _folder(name_or_path)
    for given in {each.sha256: each for prompt in suite.prompts for each in prompt.inputs.values()}.values():
        data = _checked(folder, given)
        kind = sniff(data)
        if kind is None or kind.mime != given.media_type:
            got = kind.mime if kind else "another kind"
            raise InputFileError(folder / given.path, f"Expected {given.media_type}, got {got}. Correct the suite.")
        media.put(data, kind.extension)


def _folder(name_or_path: str) -> Path:
    return FOLDER if name_or_path in suite_names() else Path(name_or_path.rpartition(":")[2]).parent


def _checked(folder: Path, given: MediaInput) -> bytes:
    path = folder / given.path
    if not path.resolve().is_relative_to(folder.resolve()):
        raise InputFileError(path, "Expected a file in the suite's folder, got one outside. Move it there.")
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputFileError(path, f"Expected a readable file, got: {error.strerror}. Restore it.") from error
    if bytes_digest(data) != given.sha256:
        problem = f"Expected sha256 {given.sha256[:12]}…, got {bytes_digest(data)[:12]}…. Restore it, or name it anew."
        raise InputFileError(path, problem)
    return data
