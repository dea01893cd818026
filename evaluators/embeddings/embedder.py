"""The encoder behind the cache: every picture and every distinct prompt is encoded once, ever."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from evaluators.embeddings.cache import EmbeddingCache, image_key, text_key
from evaluators.embeddings.encoder import Embedding, Encoder
from evaluators.specimen import Specimen, look_at


@dataclass(frozen=True, slots=True)
class Embedder:
    """Reads what was made before, encodes what was not, and keeps it."""

    encoder: Encoder
    cache: EmbeddingCache

    @property
    def fingerprint(self) -> str:
        """The encoder's."""
        return self.encoder.fingerprint

    def pictures(self, specimens: Sequence[Specimen]) -> list[Embedding | str]:
        """One embedding a specimen, or the reason why it has none; only what is not in the cache is decoded."""
        keys = [image_key(specimen.data) for specimen in specimens]
        known = self.cache.get(self.fingerprint, keys)
        fresh = {key: one for key, one in zip(keys, specimens, strict=True) if key not in known}
        look_at(list(fresh.values()))
        sound = {key: one.picture.pixels for key, one in fresh.items() if one.fault is None}
        known |= self._made(list(sound), lambda: self.encoder.encode_images(list(sound.values())))
        return [known.get(key) or str(one.fault) for key, one in zip(keys, specimens, strict=True)]

    def texts(self, texts: Sequence[str]) -> list[Embedding]:
        """One embedding a text."""
        keys = [text_key(text) for text in texts]
        known = self.cache.get(self.fingerprint, keys)
        fresh = {key: text for key, text in zip(keys, texts, strict=True) if key not in known}
        known |= self._made(list(fresh), lambda: self.encoder.encode_texts(list(fresh.values())))
        return [known[key] for key in keys]

    def _made(self, keys: Sequence[str], encode: Callable[[], list[Embedding]]) -> dict[str, Embedding]:
        if not keys:
            return {}
        made = dict(zip(keys, encode(), strict=True))
        self.cache.put(self.fingerprint, made)
        return made
