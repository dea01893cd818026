"""The encoder behind its cache: every picture, frame and distinct prompt is encoded only once."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from evaluators.decode import Pixels
from evaluators.embeddings.cache import EmbeddingCache, frame_key, image_key, text_key
from evaluators.embeddings.encoder import Embedding, Encoder
from evaluators.eval_input import EvalInput, decode_all


@dataclass(frozen=True, slots=True)
class Embedder:
    """Reads cached vectors, encodes what is not cached, and keeps it."""

    encoder: Encoder
    cache: EmbeddingCache

    @property
    def fingerprint(self) -> str:
        """The fingerprint of the encoder."""
        return self.encoder.fingerprint

    def pairs(self, eval_inputs: Sequence[EvalInput]) -> list[tuple[Embedding | str, Embedding]]:
        """For each input its picture's embedding, or the reason why there is none, and its prompt's embedding.

        A prompt with tokens that the encoder does not know is such a reason: the vector would be of another prompt.
        """
        image_keys = [image_key(eval_input.data) for eval_input in eval_inputs]
        text_keys = [text_key(eval_input.prompt.text) for eval_input in eval_inputs]
        prompts = {key: eval_input.prompt.text for key, eval_input in zip(text_keys, eval_inputs, strict=True)}
        cached = self.cache.get(self.fingerprint, [*image_keys, *prompts])
        pictures = self._pictures(dict(zip(image_keys, eval_inputs, strict=True)), cached)
        texts = self._texts(prompts, cached)
        return [
            (unknown_words(texts[text]) or pictures[image], texts[text])
            for image, text in zip(image_keys, text_keys, strict=True)
        ]

    def texts(self, texts: Sequence[str]) -> list[Embedding]:
        """The embedding of each text."""
        by_key = {text_key(text): text for text in texts}
        embeddings = self._texts(by_key, self.cache.get(self.fingerprint, by_key))
        return [embeddings[text_key(text)] for text in texts]

    def frames(self, frames: Sequence[Pixels]) -> list[Embedding]:
        """The embedding of each frame (uint8, height × width × 3) of videos; equal frames are encoded once."""
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

    def _texts(self, texts: Mapping[str, str], cached: Mapping[str, Embedding]) -> dict[str, Embedding]:
        missing = {key: text for key, text in texts.items() if key not in cached}
        encoded = self._encoded(list(missing), lambda: self.encoder.encode_texts(list(missing.values())))
        return {key: cached.get(key) or encoded[key] for key in texts}

    def _encoded(self, keys: Sequence[str], encode: Callable[[], list[Embedding]]) -> dict[str, Embedding]:
        if not keys:
            return {}
        embeddings = dict(zip(keys, encode(), strict=True))
        self.cache.put(self.fingerprint, embeddings)
        return embeddings


def unknown_words(text: Embedding) -> str | None:
    """Return why a text's embedding is none: tokens that the encoder does not know; None where it knows all."""
    unknown = text.facts["unknown"]
    if not unknown:
        return None
    return (
        f"Expected a prompt in words that the encoder knows, got one with {unknown} unknown of "
        f"{text.facts['tokens']} tokens. Score with an encoder for such prompts: --encoder CARD."
    )
