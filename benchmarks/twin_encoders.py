"""One CLIP on both sides of a comparison: ours, and the same weights in torchmetrics' CLIPScore."""

from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np
import torch

from data.serialization import file_sha256
from evaluators.embeddings.card import EncoderCard, Preprocess
from evaluators.embeddings.encoder import OpenClipEncoder, load_open_clip
from evaluators.embeddings.encoders import embedded_encoder
from evaluators.embeddings.pixels import fitted, normalised
from evaluators.embeddings.tokens import tokenizer_of

ARCHITECTURE, SMALL_ARCHITECTURE, SIDE = "ViT-B-32", "ViT-S-32-alt", 224
SIDES = {"image": "vision_cfg", "text": "text_cfg"}
HEAD_WIDTH = 64  # of open_clip's vision transformers, unless a configuration says another
MEAN, STD = (0.48145466, 0.4578275, 0.40821073), (0.26862954, 0.26130258, 0.27577711)

Weights = dict[str, torch.Tensor]


class Twins(NamedTuple):
    """The same encoder behind our evaluator and behind torchmetrics' metric."""

    ours: OpenClipEncoder
    theirs: Any


def vit_twins(folder: Path, architecture: str = ARCHITECTURE) -> Twins:
    """A ViT CLIP with random weights, as quick as trained ones: open_clip's and, converted, transformers'."""
    encoder, weights = _our_vit(folder, architecture)
    return Twins(encoder, _their_vit(weights, architecture))


def embedded_twins(folder: Path) -> Twins:
    """The embedded CLIP on both sides; torchmetrics gets it as a user of open_clip would hand it over."""
    from torchmetrics.multimodal.clip_score import CLIPScore

    encoder = embedded_encoder()
    return Twins(encoder, CLIPScore(lambda: (_AsTransformers(encoder), _AsProcessor(encoder))))


class _AsTransformers(torch.nn.Module):
    """An open_clip model with the two methods of transformers' CLIPModel that torchmetrics calls."""

    config = SimpleNamespace()

    def __init__(self, encoder: OpenClipEncoder) -> None:
        super().__init__()
        self.model = load_open_clip(encoder.card, encoder.folder)

    def get_image_features(self, pixels: torch.Tensor) -> torch.Tensor:
        features: torch.Tensor = self.model.encode_image(pixels)
        return features

    def get_text_features(self, ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        features: torch.Tensor = self.model.encode_text(ids)
        return features


class _AsProcessor:
    """The encoder's preprocessing and tokenizer behind the call of transformers' CLIPProcessor."""

    def __init__(self, encoder: OpenClipEncoder) -> None:
        self.preprocess = encoder.card.preprocess
        self.tokenizer = tokenizer_of(encoder.card, encoder.folder)

    def __call__(
        self, *, images: Sequence[torch.Tensor] = (), text: Sequence[str] = (), **_: Any
    ) -> dict[str, torch.Tensor]:
        if images:
            fits = [fitted(np.ascontiguousarray(image.permute(1, 2, 0).numpy()), self.preprocess) for image in images]
            return {"pixel_values": torch.from_numpy(normalised(fits, self.preprocess))}
        ids = torch.from_numpy(self.tokenizer(text).ids)
        return {"input_ids": ids, "attention_mask": torch.ones_like(ids)}


def as_transformers(weights: Weights, *, image_layers: int, text_layers: int) -> Weights:
    """The weights of an open_clip ViT CLIP under the names and in the shapes of transformers' CLIPModel."""
    converted = {
        "logit_scale": weights["logit_scale"],
        "visual_projection.weight": weights["visual.proj"].T,
        "text_projection.weight": weights["text_projection"].T,
        "vision_model.embeddings.class_embedding": weights["visual.class_embedding"],
        "vision_model.embeddings.position_embedding.weight": weights["visual.positional_embedding"],
        "vision_model.embeddings.patch_embedding.weight": weights["visual.conv1.weight"],
        "text_model.embeddings.token_embedding.weight": weights["token_embedding.weight"],
        "text_model.embeddings.position_embedding.weight": weights["positional_embedding"],
    }
    norms = {"vision_model.pre_layrnorm": "visual.ln_pre", "vision_model.post_layernorm": "visual.ln_post"}
    for new, old in {**norms, "text_model.final_layer_norm": "ln_final"}.items():
        converted |= {f"{new}.{kind}": weights[f"{old}.{kind}"] for kind in ("weight", "bias")}
    for layer in range(image_layers):
        converted |= _layer(weights, f"vision_model.encoder.layers.{layer}", f"visual.transformer.resblocks.{layer}")
    for layer in range(text_layers):
        converted |= _layer(weights, f"text_model.encoder.layers.{layer}", f"transformer.resblocks.{layer}")
    return {name: value.contiguous() for name, value in converted.items()}


def _layer(weights: Weights, new: str, old: str) -> Weights:
    names = {
        "self_attn.out_proj": "attn.out_proj",
        "layer_norm1": "ln_1",
        "layer_norm2": "ln_2",
        "mlp.fc1": "mlp.c_fc",
        "mlp.fc2": "mlp.c_proj",
    }
    converted: Weights = {}
    for kind in ("weight", "bias"):
        thirds = weights[f"{old}.attn.in_proj_{kind}"].chunk(3)
        converted |= {f"{new}.self_attn.{part}_proj.{kind}": third for part, third in zip("qkv", thirds, strict=True)}
        converted |= {f"{new}.{theirs}.{kind}": weights[f"{old}.{ours}.{kind}"] for theirs, ours in names.items()}
    return converted


def _our_vit(folder: Path, architecture: str) -> tuple[OpenClipEncoder, Weights]:
    import open_clip
    from safetensors.torch import save_file

    torch.manual_seed(0)
    model = open_clip.CLIP(**open_clip.get_model_config(architecture), quick_gelu=True)
    weights = {name: value.contiguous() for name, value in model.state_dict().items()}
    path = folder / "random.safetensors"
    save_file(weights, path)
    card = EncoderCard(
        name="random",
        architecture=architecture,
        weights=path.name,
        sha256=file_sha256(path),
        quick_gelu=True,
        context_length=77,
        licence="none",
        preprocess=Preprocess(size=SIDE, mean=MEAN, std=STD),
    )
    return OpenClipEncoder(card, folder, device="cpu"), weights


def _their_vit(weights: Weights, architecture: str) -> Any:
    """torchmetrics' CLIPScore over transformers' CLIPModel with the same weights and the same tokenizer."""
    import open_clip
    from open_clip.tokenizer import SimpleTokenizer
    from torchmetrics.multimodal.clip_score import CLIPScore
    from transformers import CLIPConfig, CLIPImageProcessor, CLIPModel, CLIPProcessor, CLIPTokenizer

    class Unwrapped(CLIPModel):
        """Returns plain tensors, as transformers 4 did and torchmetrics 1.9 expects."""

        def get_image_features(self, *inputs: Any, **named: Any) -> Any:
            return super().get_image_features(*inputs, **named).pooler_output

        def get_text_features(self, *inputs: Any, **named: Any) -> Any:
            return super().get_text_features(*inputs, **named).pooler_output

    bpe = SimpleTokenizer()
    renamed = {"<start_of_text>": "<|startoftext|>", "<end_of_text>": "<|endoftext|>"}
    vocabulary = {renamed.get(token, token): number for token, number in bpe.encoder.items()}
    tokenizer = CLIPTokenizer(vocab=vocabulary, merges=list(bpe.bpe_ranks))
    sizes = open_clip.get_model_config(architecture)
    config = CLIPConfig(
        projection_dim=sizes["embed_dim"],
        text_config=_text_config(sizes["text_cfg"]) | {"eos_token_id": vocabulary["<|endoftext|>"]},
        vision_config=_vision_config(sizes["vision_cfg"]),
    )
    model = Unwrapped(config).eval().requires_grad_(False)
    missing, unexpected = model.load_state_dict(_converted(weights, sizes), strict=False)
    if unexpected or any("position_ids" not in name for name in missing):
        raise RuntimeError(f"Expected the same weights on both sides, got {missing=} and {unexpected=}.")
    processor = CLIPProcessor(CLIPImageProcessor(), tokenizer)
    return CLIPScore(lambda: (model, processor))


def _converted(weights: Weights, sizes: dict[str, Any]) -> Weights:
    layers = {f"{side}_layers": sizes[config]["layers"] for side, config in SIDES.items()}
    return as_transformers(weights, **layers)


def _text_config(sizes: dict[str, Any]) -> dict[str, Any]:
    return _transformer(sizes, heads=sizes["heads"])


def _vision_config(sizes: dict[str, Any]) -> dict[str, Any]:
    return _transformer(sizes, heads=sizes["width"] // HEAD_WIDTH) | {"patch_size": sizes["patch_size"]}


def _transformer(sizes: dict[str, Any], *, heads: int) -> dict[str, Any]:
    return {
        "hidden_size": sizes["width"],
        "intermediate_size": 4 * sizes["width"],
        "num_hidden_layers": sizes["layers"],
        "num_attention_heads": heads,
    }
