"""Prompts as token ids, and how many tokens they need: what does not fit is cut, but the end of text is kept."""

import importlib.util
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final, Protocol

import numpy as np
import numpy.typing as npt

from data.errors import WeightsError
from data.serialization import file_sha256
from evaluators.embeddings.card import CLIP_BPE, EncoderCard

TOKENIZER_FILE: Final = "tokenizer.json"
_MERGES: Final = "bpe_simple_vocab_16e6.txt.gz"


@dataclass(frozen=True, slots=True)
class TokenBatch:
    """`ids`: int64 of shape (n, context length), cut and padded; `counts`: tokens of each uncut text, ends included.

    `unknown`: how many tokens of each text stand for something that is not in the vocabulary.
    """

    ids: npt.NDArray[np.int64]
    counts: tuple[int, ...]
    unknown: tuple[int, ...]


class Tokenizer(Protocol):
    """Turns texts into token ids. `digest` identifies its vocabulary and rules."""

    @property
    def digest(self) -> str:
        """64 hex digits; cheap, and known without any text."""

    def __call__(self, texts: Sequence[str]) -> TokenBatch:
        """The tokens of each text."""


@dataclass(frozen=True)
class ClipBpe:
    """CLIP's byte-pair tokenizer, as it comes with open_clip."""

    context_length: int

    @cached_property
    def digest(self) -> str:
        """The sha256 of the merges file."""
        package = importlib.util.find_spec("open_clip")
        if package is None or package.origin is None:
            raise WeightsError("Expected open_clip to be installed, got nothing. Run: uv pip install open-clip-torch")
        return file_sha256(Path(package.origin).parent / _MERGES)

    @cached_property
    def _bpe(self) -> Any:
        from open_clip.tokenizer import SimpleTokenizer

        return SimpleTokenizer(context_length=self.context_length)

    def __call__(self, texts: Sequence[str]) -> TokenBatch:
        """The tokens of each text; one that is cut keeps its end-of-text token."""
        counts = tuple(len(self._bpe.encode(text)) + 2 for text in texts)
        return TokenBatch(self._bpe(list(texts)).numpy(), counts, unknown=(0,) * len(counts))


@dataclass(frozen=True)
class FolderTokenizer:
    """A tokenizer of the transformers library out of a folder with its tokenizer.json.

    Special tokens stand where its own template puts them, and stay when a text is cut.
    """

    folder: Path
    context_length: int

    @cached_property
    def digest(self) -> str:
        """The sha256 of tokenizer.json."""
        return file_sha256(self.folder / TOKENIZER_FILE)

    @cached_property
    def _fast(self) -> Any:
        from transformers import PreTrainedTokenizerFast

        return PreTrainedTokenizerFast.from_pretrained(self.folder, local_files_only=True)

    def __call__(self, texts: Sequence[str]) -> TokenBatch:
        """The tokens of each text, padded with its own padding token."""
        uncut = self._fast(list(texts), verbose=False)["input_ids"]
        cut = self._fast(list(texts), padding="max_length", truncation=True, max_length=self.context_length)
        unknown = tuple(ids.count(self._fast.unk_token_id) for ids in uncut)
        return TokenBatch(np.asarray(cut["input_ids"], dtype=np.int64), tuple(map(len, uncut)), unknown)


def tokenizer_of(card: EncoderCard, folder: Path) -> Tokenizer:
    """The tokenizer that the card names. Raises WeightsError where its folder holds no tokenizer.json."""
    if card.tokenizer == CLIP_BPE:
        return ClipBpe(card.context_length)
    path = folder / card.tokenizer / TOKENIZER_FILE
    if not path.is_file():
        raise WeightsError(f"Expected the tokenizer of {card.name!r} at {path}, got no file. Put it there.")
    return FolderTokenizer(path.parent, card.context_length)
