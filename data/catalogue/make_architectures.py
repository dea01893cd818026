"""Writes the architecture files of the embedded video contenders from the configs beside their weights.

Run `python -m data.catalogue.make_architectures` after weights were exported, then count what is new:
`halflife profile --rebuild-atlas --only moving-grand`.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from data.architectures.library import FOLDER
from data.embedded.motion.contenders import VIDEO_CONTENDERS, VideoContender
from data.embedded.weight_files import WEIGHTS, manifest
from data.files import write_atomic

CALLS: Final = {
    "WanTransformer3DModel": "wan",
    "LatteTransformer3DModel": "latte",
    "UNetMotionModel": "unet-motion",
    "RobertaPreLayerNormModel": "text",
}
FOLD: Final = 2
"""The pixels a side that the pipeline folds into a latent's channels."""

TEXT_KEYS: Final = (
    *("vocab_size", "hidden_size", "intermediate_size", "num_hidden_layers", "num_attention_heads"),
    *("max_position_embeddings", "type_vocab_size", "pad_token_id", "bos_token_id", "eos_token_id"),
)


def contents() -> dict[str, str]:
    """Return every file as it is to be, by its path below `data/architectures`."""
    committed = {name.split("/")[0] for name in manifest()}
    ready = [contender for contender in VIDEO_CONTENDERS if contender.folder in committed]
    models = {f"models/{contender.id}.toml": _model(contender) for contender in ready}
    folders = sorted({contender.folder for contender in ready})
    denoisers = {f"parts/{folder}-denoiser.toml": _denoiser_part(folder) for folder in folders}
    encoders = {f"parts/{folder}-text-encoder.toml": _text_part(folder) for folder in folders}
    return models | denoisers | encoders


def main(folder: Path = FOLDER) -> None:
    """Write the files below `folder`."""
    for name, text in contents().items():
        write_atomic(folder / name, text.encode())


def _model(contender: VideoContender) -> str:
    index, config = _json(contender.folder, "model_index.json"), _json(*_denoiser(contender.folder))
    tokens = _json(contender.folder, "tokenizer/tokenizer_config.json")["model_max_length"]
    time, space = _patches(config)
    facts: dict[str, Any] = {
        "title": contender.id.replace("-", " ").title(),
        "task": "text-to-video",
        "pipeline": "MovingShapesPipeline",
        "guidance": "classifier-free",
        "denoiser": f"{contender.folder}-denoiser",
        "sources": [
            "data/embedded/motion/contenders.py: steps and guidance",
            f"data/embedded/weights/{contender.folder}: frames, size, patches and the length of texts",
        ],
    }
    frames, side = index["frames"], index["size"]
    tables = {
        "[conventions]": {"width": side, "height": side, "frames": frames[0], "fps": float(index["frame_rate"])}
        | {"steps": contender.steps, "guidance": contender.guidance, "text_tokens": tokens},
        "[limits]": {"multiple": side, "longest_side": side, "fewest_frames": frames[0], "most_frames": frames[-1]}
        | {"fewest_text_tokens": tokens, "most_text_tokens": tokens},
        "[latents]": {"space": FOLD, "channels": config["in_channels"], "patch": space, "patch_time": time},
        "[[text_encoders]]": {
            "name": "text_encoder",
            "network": f"{contender.folder}-text-encoder",
            "tokens": tokens,
        },
    }
    return "\n".join([_lines(facts), *(f"{head}\n{_lines(table)}" for head, table in tables.items())])


def _denoiser_part(folder: str) -> str:
    path = _denoiser(folder)
    config = _json(*path)
    kept = {name: value for name, value in config.items() if not name.startswith("_") and value is not None}
    return _part("diffusers", str(config["_class_name"]), "/".join(path), kept)


def _text_part(folder: str) -> str:
    config = _json(folder, "text_encoder/config.json")
    kept = {name: config[name] for name in TEXT_KEYS}
    return _part("transformers", str(config["architectures"][0]), f"{folder}/text_encoder/config.json", kept)


def _part(library: str, kind: str, source: str, config: Mapping[str, Any]) -> str:
    facts = {"library": library, "type": kind, "call": CALLS[kind], "sources": [f"data/embedded/weights/{source}"]}
    return f"{_lines(facts)}\n[config]\n{_lines(config)}"


def _denoiser(folder: str) -> tuple[str, str]:
    part = next(part for part in ("transformer", "unet") if _json(folder, "model_index.json")[part][0])
    return folder, f"{part}/config.json"


def _patches(config: Mapping[str, Any]) -> tuple[int, int]:
    """Latent frames, and latents a side, of one token."""
    size = config.get("patch_size", 1)
    return (size[0], size[1]) if isinstance(size, list) else (1, size)


def _json(folder: str, path: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((WEIGHTS / folder / path).read_text(encoding="utf-8"))
    return content


def _lines(facts: Mapping[str, Any]) -> str:
    return "".join(f"{line}\n" for line in _entries(facts))


def _entries(facts: Mapping[str, Any]) -> Iterator[str]:
    for name, value in facts.items():
        if name == "sources":
            yield "sources = [\n" + "".join(f"    {json.dumps(source)},\n" for source in value) + "]"
        else:
            yield f"{name} = {json.dumps(value)}"


if __name__ == "__main__":
    main()
