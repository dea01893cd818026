"""The encoder behind its cache: every picture, frame and distinct prompt is encoded only once.

What the encoder makes that is no unit vector (NaN, infinite, all zero) is not kept: it is the reason why there is none.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from evaluators.colour import Pixels
from evaluators.embeddings.cache import EmbeddingCache, frame_key, image_key, is_unit, text_key
from evaluators.embeddings.encoder import Embedding, Encoder
from evaluators.eval_input import EvalInput, decode_all

NO_VECTOR: Final = "The encoder made no vector of it: its numbers are not finite, or all zero."


class Pair(NamedTuple):
    """The embeddings of a picture and of its prompt."""

    picture: Embedding
    text: Embedding


@dataclass(frozen=True, slots=True)
class Embedder:
    """Reads cached vectors, encodes what is not cached, and keeps it."""

    encoder: Encoder
    cache: EmbeddingCache

    @property
    def fingerprint(self) -> str:
        """The fingerprint of the encoder."""
        return self.encoder.fingerprint

    def pairs(self, eval_inputs: Sequence[EvalInput]) -> list[Pair | str]:
        """For each input its picture's and its prompt's embedding, or the reason why there are not both.

        A prompt with tokens that the encoder does not know is such a reason: the vector would be of another prompt.
        """
        image_keys = [image_key(eval_input.data) for eval_input in eval_inputs]
        text_keys = [text_key(eval_input.prompt.text) for eval_input in eval_inputs]
        prompts = {key: eval_input.prompt.text for key, eval_input in zip(text_keys, eval_inputs, strict=True)}
        cached = self.cache.get(self.fingerprint, [*image_keys, *prompts])
        pictures = self._pictures(dict(zip(image_keys, eval_inputs, strict=True)), cached)
        texts = self._texts(prompts, cached)
        return [
            _pair(pictures[image], _of_known_words(texts[text]))
            for image, text in zip(image_keys, text_keys, strict=True)
        ]

    def prompts(self, texts: Sequence[str]) -> list[Embedding | str]:
        """The embedding of each text, or the reason why there is none; a token that is not known is one."""
        return [_of_known_words(text) for text in self.texts(texts)]

    def texts(self, texts: Sequence[str]) -> list[Embedding | str]:
        """The embedding of each text, whatever words it has, or the reason why there is none."""
        by_key = {text_key(text): text for text in texts}
        embeddings = self._texts(by_key, self.cache.get(self.fingerprint, by_key))
        return [embeddings[text_key(text)] for text in texts]

    def frames(self, frames: Sequence[Pixels]) -> list[Embedding | str]:
        """The embedding of each frame (uint8, height × width × 3) of videos, or the reason why there is none.

        Equal frames are encoded once.
        """
        keys = [frame_key(frame) for frame in frames]
        cached = self.cache.get(self.fingerprint, keys)
        missing = {key: frame for key, frame in zip(keys, frames, strict=True) if key not in cached}
        encoded = self._encoded(list(missing), lambda: self.encoder.encode_images(list(missing.values())))
        return [cached.get(key) or encoded[key] for key in keys]

    def _pictures(
        self, eval_inputs: Mapping[str, EvalInput], cached: Mapping[str, Embedding]
    ) -> dict[str, Embedding | str]:
        """By key; only what is not cached is decoded."""
        missing = {key: eval_input for key, eval_input in eval_inputs.items() if key not in cached}
        decode_all(list(missing.values()))
        pixels = {key: item.picture.pixels for key, item in missing.items() if item.decode_error is None}
        encoded = self._encoded(list(pixels), lambda: self.encoder.encode_images(list(pixels.values())))
        return {
            key: cached.get(key) or encoded.get(key) or str(eval_input.decode_error)
            for key, eval_input in eval_inputs.items()
        }

    def _texts(self, texts: Mapping[str, str], cached: Mapping[str, Embedding]) -> dict[str, Embedding | str]:
        missing = {key: text for key, text in texts.items() if key not in cached}
        encoded = self._encoded(list(missing), lambda: self.encoder.encode_texts(list(missing.values())))
        return {key: cached.get(key) or encoded[key] for key in texts}

    def _encoded(self, keys: Sequence[str], encode: Callable[[], list[Embedding]]) -> dict[str, Embedding | str]:
        if not keys:
            return {}
        embeddings = dict(zip(keys, encode(), strict=True))
        sound = {key: embedding for key, embedding in embeddings.items() if is_unit(embedding.vector)}
        self.cache.put(self.fingerprint, sound)
        return {key: sound.get(key, NO_VECTOR) for key in keys}


def _pair(picture: Embedding | str, text: Embedding | str) -> Pair | str:
    if isinstance(text, str):
        return text
    return picture if isinstance(picture, str) else Pair(picture, text)


def _of_known_words(text: Embedding | str) -> Embedding | str:
    """The text's embedding where the encoder knows all its tokens, else the reason why that is none."""
    if isinstance(text, str) or not text.facts["unknown"]:
        return text
    unknown = text.facts["unknown"]
    return (
        f"Expected a prompt in words that the encoder knows, got one with {unknown} unknown of "
        f"{text.facts['tokens']} tokens. Score with an encoder for such prompts: --encoder CARD."
    )
