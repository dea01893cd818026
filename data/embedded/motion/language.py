"""Words to token ids for the world in motion: the picture's vocabulary with the words of motion after it."""

from typing import Final

from transformers import PreTrainedTokenizerFast

from data.embedded import language
from data.embedded.motion.captions import MOTION_WORDS

VOCABULARY: Final = {word: index for index, word in enumerate((*language.VOCABULARY, *MOTION_WORDS))}
"""Token ids; a picture's word has the id that it has in `data.embedded.language`."""


def build_tokenizer() -> PreTrainedTokenizerFast:
    """A fresh tokenizer of all words; `save_pretrained` and `from_pretrained` work as usual."""
    return language.build_tokenizer(VOCABULARY)
