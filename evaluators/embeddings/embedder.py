"""The encoder behind the cache: every picture and every distinct prompt is encoded once, ever."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from evaluators.embeddings.cache import EmbeddingCache, image_key, text_key
from evaluators.embeddings.encoder import Embedding, Encoder
from evaluators.eval_input import EvalInput, decode_all


@dataclass(frozen=True, slots=True)
class Embedder:
    """Reads what was made before, encodes what was not, and keeps it."""

    encoder: Encoder
    cache: EmbeddingCache

    @property
    def fingerprint(self) -> str:
        """The encoder's."""
        return self.encoder.fingerprint

    def pairs(self, eval_inputs: Sequence[EvalInput]) -> list[tuple[Embedding | str, Embedding]]:
        """A picture's embedding, or the reason why it has none, and its prompt's, a eval_input; one look at the cache.

        A prompt with tokens that the encoder does not know is such a reason: the vector would be of another prompt.
        """
        seen = [image_key(eval_input.data) for eval_input in eval_inputs]
        said = [text_key(eval_input.prompt.text) for eval_input in eval_inputs]
        told = {key: eval_input.prompt.text for key, eval_input in zip(said, eval_inputs, strict=True)}
        known = self.cache.get(self.fingerprint, [*seen, *told])
        pictures = self._pictures(dict(zip(seen, eval_inputs, strict=True)), known)
        texts = self._texts(told, known)
        return [
            (_strange(texts[text]) or pictures[picture], texts[text]) for picture, text in zip(seen, said, strict=True)
        ]

    def texts(self, texts: Sequence[str]) -> list[Embedding]:
        """One embedding a text."""
        told = {text_key(text): text for text in texts}
        made = self._texts(told, self.cache.get(self.fingerprint, told))
        return [made[text_key(text)] for text in texts]

    def _pictures(
        self, eval_inputs: Mapping[str, EvalInput], known: Mapping[str, Embedding]
    ) -> dict[str, Embedding | str]:
        """By content; only what is not known is decoded."""
        fresh = {key: one for key, one in eval_inputs.items() if key not in known}
        decode_all(list(fresh.values()))
        sound = {key: one.picture.pixels for key, one in fresh.items() if one.fault is None}
        made = self._made(list(sound), lambda: self.encoder.encode_images(list(sound.values())))
        return {key: known.get(key) or made.get(key) or str(one.fault) for key, one in eval_inputs.items()}

    def _texts(self, told: Mapping[str, str], known: Mapping[str, Embedding]) -> dict[str, Embedding]:
        fresh = {key: text for key, text in told.items() if key not in known}
        made = self._made(list(fresh), lambda: self.encoder.encode_texts(list(fresh.values())))
        return {key: known.get(key) or made[key] for key in told}

    def _made(self, keys: Sequence[str], encode: Callable[[], list[Embedding]]) -> dict[str, Embedding]:
        if not keys:
            return {}
        made = dict(zip(keys, encode(), strict=True))
        self.cache.put(self.fingerprint, made)
        return made


def _strange(text: Embedding) -> str | None:
    unknown = text.facts["unknown"]
    if not unknown:
        return None
    return (
        f"Expected a prompt in words that the encoder knows, got one with {unknown} unknown of "
        f"{text.facts['tokens']} tokens. Score with an encoder for such prompts: --encoder CARD."
    )
