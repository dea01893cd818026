"""Makes the frozen reference set: `python -m evaluators.reference.make_reference`. Run once; what it made is frozen."""

import json
import random
from typing import Any

from PIL import Image

from data.embedded.drawing import draw, layout, to_uint8
from data.embedded.world import captions as worded
from data.embedded.world import pair_scenes, single_scenes
from evaluators.embeddings.encoders import embedded_encoder
from evaluators.reference_set import FOLDER, cosines

SEED = 20260101
SINGLES = PAIRS = 4


def main() -> None:
    """Draw the pictures, write their captions, and freeze the embedded encoder's cosines."""
    rng = random.Random(SEED)
    scenes = [*rng.sample(single_scenes(unseen=False), SINGLES), *rng.sample(pair_scenes(unseen=False), PAIRS)]
    pixels = to_uint8(draw([layout(scene, rng) for scene in scenes])).numpy()
    names = [f"reference-{number}" for number in range(1, len(scenes) + 1)]
    for name, picture in zip(names, pixels, strict=True):
        Image.fromarray(picture).save(FOLDER / f"{name}.png")
    texts = {name: worded(scene)[0] for name, scene in zip(names, scenes, strict=True)}
    content: dict[str, Any] = {"captions": texts, "cosines": {}}
    place = FOLDER / "reference.json"
    place.write_text(json.dumps(content), encoding="utf-8")
    encoder = embedded_encoder()
    content["cosines"] = {encoder.fingerprint: {name: round(cosine, 7) for name, cosine in cosines(encoder).items()}}
    place.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
