"""One CLIP with random weights on both sides of a comparison: open_clip's and, converted, transformers'."""

from pathlib import Path
from typing import Any

import torch

from data.identity import file_sha256
from evaluators.embeddings.card import EncoderCard, Preprocess
from evaluators.embeddings.encoder import OpenClipEncoder

ARCHITECTURE, LAYERS, SIDE = "ViT-B-32", 12, 224
MEAN, STD = (0.48145466, 0.4578275, 0.40821073), (0.26862954, 0.26130258, 0.27577711)

Weights = dict[str, torch.Tensor]


def as_transformers(weights: Weights, layers: int) -> Weights:
    """The weights of an open_clip ViT CLIP under the names and in the shapes of transformers' CLIPModel."""
    found = {
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
        found |= {f"{new}.{kind}": weights[f"{old}.{kind}"] for kind in ("weight", "bias")}
    for new, old in {"vision_model": "visual.transformer", "text_model": "transformer"}.items():
        for layer in range(layers):
            found |= _layer(weights, f"{new}.encoder.layers.{layer}", f"{old}.resblocks.{layer}")
    return {name: value.contiguous() for name, value in found.items()}


def _layer(weights: Weights, new: str, old: str) -> Weights:
    names = {
        "self_attn.out_proj": "attn.out_proj",
        "layer_norm1": "ln_1",
        "layer_norm2": "ln_2",
        "mlp.fc1": "mlp.c_fc",
        "mlp.fc2": "mlp.c_proj",
    }
    found: Weights = {}
    for kind in ("weight", "bias"):
        thirds = weights[f"{old}.attn.in_proj_{kind}"].chunk(3)
        found |= {f"{new}.self_attn.{part}_proj.{kind}": each for part, each in zip("qkv", thirds, strict=True)}
        found |= {f"{new}.{theirs}.{kind}": weights[f"{old}.{ours}.{kind}"] for theirs, ours in names.items()}
    return found


def our_encoder(folder: Path) -> tuple[OpenClipEncoder, Weights]:
    """Our side's encoder, its weights in `folder`, and those weights."""
    import open_clip
    from safetensors.torch import save_file

    torch.manual_seed(0)
    model = open_clip.CLIP(**open_clip.get_model_config(ARCHITECTURE), quick_gelu=True)
    weights = {name: value.contiguous() for name, value in model.state_dict().items()}
    path = folder / "random.safetensors"
    save_file(weights, path)
    card = EncoderCard(
        name="random",
        architecture=ARCHITECTURE,
        weights=path.name,
        sha256=file_sha256(path),
        quick_gelu=True,
        context_length=77,
        licence="none",
        preprocess=Preprocess(size=SIDE, mean=MEAN, std=STD),
    )
    return OpenClipEncoder(card, folder, device="cpu"), weights


def their_metric(weights: Weights) -> Any:
    """torchmetrics' CLIPScore over transformers' CLIPModel with the same weights and the same tokenizer."""
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
    config = CLIPConfig(text_config={"eos_token_id": vocabulary["<|endoftext|>"]})
    model = Unwrapped(config).eval().requires_grad_(False)
    missing, unexpected = model.load_state_dict(as_transformers(weights, LAYERS), strict=False)
    if unexpected or any("position_ids" not in name for name in missing):
        raise RuntimeError(f"Expected the same weights on both sides, got {missing=} and {unexpected=}.")
    processor = CLIPProcessor(CLIPImageProcessor(), tokenizer)
    return CLIPScore(lambda: (model, processor))
