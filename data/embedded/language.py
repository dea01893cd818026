"""Words to token ids: one small word-level vocabulary for the text encoders and for the CLIP.

Any text can be given: it is lower-cased and split at white space and punctuation, a word outside the vocabulary becomes
`<unk>`, and what is over `CONTEXT` tokens is cut.
"""

from collections.abc import Mapping
from typing import Final

from tokenizers import Tokenizer, normalizers, pre_tokenizers
from tokenizers.models import WordLevel
from tokenizers.processors import TemplateProcessing
from transformers import PreTrainedTokenizerFast

from data.embedded.world import WORDS

CONTEXT: Final = 24
"""Length of every token sequence, start and end included; the longest caption of the world takes 19."""

START, PAD, END, UNKNOWN = "<s>", "<pad>", "</s>", "<unk>"
SPECIAL: Final = (PAD, START, END, UNKNOWN)
VOCABULARY: Final = {word: index for index, word in enumerate((*SPECIAL, *WORDS))}


def build_tokenizer(vocabulary: Mapping[str, int] = VOCABULARY) -> PreTrainedTokenizerFast:
    """A fresh tokenizer of the world's words; `save_pretrained` and `from_pretrained` work as usual."""
    core = Tokenizer(WordLevel(vocab=dict(vocabulary), unk_token=UNKNOWN))
    core.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Lowercase()])
    core.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Punctuation(behavior="removed")]
    )
    core.post_processor = TemplateProcessing(
        single=f"{START} $A {END}", special_tokens=[(START, VOCABULARY[START]), (END, VOCABULARY[END])]
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=core,
        bos_token=START,
        pad_token=PAD,
        eos_token=END,
        unk_token=UNKNOWN,
        model_max_length=CONTEXT,
    )
