"""Video pipelines of diffusers' own classes, tiny and with random weights: each is built in a fraction of a second."""

from collections.abc import Callable
from typing import Any

import diffusers
import torch
import transformers
from diffusers.guiders import ClassifierFreeGuidance
from diffusers.pipelines.ltx2 import LTX2TextConnectors, LTX2Vocoder
from tokenizers import Regex, Tokenizer, models, pre_tokenizers, processors

SPECIAL = ("<pad>", "<s>", "</s>", "<unk>")
CHARACTERS = {name: number for number, name in enumerate((*SPECIAL, *map(chr, range(32, 127))))}
WIDTH = 16
WORDS = len(CHARACTERS)
CLIP = {"hidden_size": WIDTH, "intermediate_size": WIDTH, "projection_dim": WIDTH}
CLIP |= {"num_hidden_layers": 1, "num_attention_heads": 4}
FLOW = diffusers.FlowMatchEulerDiscreteScheduler


def built(name: str) -> Any:
    """The pipeline of that class; the same weights each time."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        pipeline = PIPELINES[name]()
    for component in pipeline.components.values():
        if isinstance(component, torch.nn.Module):
            component.eval()
    return pipeline


def build_tokenizer() -> Any:
    """A tokenizer of single characters, so that a pipeline's instructions are as long as it counts on."""
    core = Tokenizer(models.WordLevel(CHARACTERS, unk_token="<unk>"))
    core.pre_tokenizer = pre_tokenizers.Split(Regex("."), "isolated")
    core.post_processor = processors.TemplateProcessing(single="<s> $A </s>", special_tokens=[("<s>", 1), ("</s>", 2)])
    names = {"pad_token": "<pad>", "bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>"}
    return transformers.PreTrainedTokenizerFast(tokenizer_object=core, model_max_length=77, **names)


def t5(cls: Any = transformers.T5EncoderModel, config: Any = transformers.T5Config) -> Any:
    sizes = {"d_model": WIDTH, "d_kv": 4, "d_ff": WIDTH, "num_layers": 1, "num_heads": 4}
    return cls(config(vocab_size=WORDS, **sizes))


def language_model(cls: Any, config: Any, layers: int = 1, **more: Any) -> Any:
    sizes = {"hidden_size": WIDTH, "intermediate_size": WIDTH, "num_hidden_layers": layers, "head_dim": 4}
    heads = {"num_attention_heads": 4, "num_key_value_heads": 4, "max_position_embeddings": 2048}
    special = {"pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2}
    return cls(config(vocab_size=WORDS, **special, **sizes, **heads, **more))


def clip_text() -> Any:
    special = {"bos_token_id": 1, "eos_token_id": 2}
    return transformers.CLIPTextModel(transformers.CLIPTextConfig(vocab_size=WORDS, **CLIP, **special))


def wan() -> Any:
    return diffusers.WanPipeline(
        tokenizer=build_tokenizer(),
        text_encoder=t5(transformers.UMT5EncoderModel, transformers.UMT5Config),
        vae=wan_vae(),
        scheduler=FLOW(),
        transformer=diffusers.WanTransformer3DModel(
            num_attention_heads=2,
            attention_head_dim=12,
            in_channels=4,
            out_channels=4,
            text_dim=WIDTH,
            freq_dim=16,
            ffn_dim=16,
            num_layers=1,
            rope_max_seq_len=32,
        ),
    )


def wan_vae() -> Any:
    return diffusers.AutoencoderKLWan(
        base_dim=4, z_dim=4, dim_mult=[1, 1, 1, 1], num_res_blocks=1, latents_mean=[0.0] * 4, latents_std=[1.0] * 4
    )


def ltx() -> Any:
    return diffusers.LTXPipeline(
        tokenizer=build_tokenizer(),
        text_encoder=t5(),
        vae=diffusers.AutoencoderKLLTXVideo(
            latent_channels=8,
            block_out_channels=(8, 8, 8, 8),
            decoder_block_out_channels=(8, 8, 8, 8),
            layers_per_block=(1, 1, 1, 1, 1),
            decoder_layers_per_block=(1, 1, 1, 1, 1),
        ),
        scheduler=FLOW(),
        transformer=diffusers.LTXVideoTransformer3DModel(
            in_channels=8,
            out_channels=8,
            num_attention_heads=2,
            attention_head_dim=8,
            cross_attention_dim=16,
            num_layers=1,
            caption_channels=WIDTH,
        ),
    )


def ltx2() -> Any:
    one = {"num_attention_heads": 2, "attention_head_dim": 8, "num_layers": 1, "num_learnable_registers": None}
    connectors = {f"{kind}_connector_{name}": value for kind in ("video", "audio") for name, value in one.items()}
    return diffusers.LTX2Pipeline(
        tokenizer=build_tokenizer(),
        text_encoder=language_model(transformers.Gemma3ForCausalLM, transformers.Gemma3TextConfig),
        connectors=LTX2TextConnectors(caption_channels=WIDTH, text_proj_in_factor=2, **connectors),
        vae=diffusers.AutoencoderKLLTX2Video(
            latent_channels=8,
            block_out_channels=(8, 8, 8, 8),
            decoder_block_out_channels=(8, 16, 32),
            layers_per_block=(1, 1, 1, 1, 1),
            decoder_layers_per_block=(1, 1, 1, 1),
            decoder_spatial_padding_mode="zeros",
            spatial_compression_ratio=32,
            temporal_compression_ratio=8,
        ),
        audio_vae=diffusers.AutoencoderKLLTX2Audio(
            base_channels=4, ch_mult=(1, 1, 1), num_res_blocks=1, resolution=32, latent_channels=2, mel_bins=8
        ),
        vocoder=LTX2Vocoder(
            in_channels=16,
            hidden_channels=32,
            out_channels=2,
            upsample_kernel_sizes=[16, 15, 8, 4, 4],
            upsample_factors=[6, 5, 2, 2, 2],
            resnet_kernel_sizes=[3],
            resnet_dilations=[[1, 3, 5]],
        ),
        scheduler=FLOW(),
        transformer=diffusers.LTX2VideoTransformer3DModel(
            in_channels=8,
            out_channels=8,
            num_attention_heads=2,
            attention_head_dim=8,
            cross_attention_dim=16,
            audio_in_channels=4,
            audio_out_channels=4,
            audio_num_attention_heads=2,
            audio_attention_head_dim=4,
            audio_cross_attention_dim=8,
            num_layers=1,
            caption_channels=WIDTH,
        ),
    )


def hunyuan_video() -> Any:
    return diffusers.HunyuanVideoPipeline(
        text_encoder=language_model(transformers.LlamaModel, transformers.LlamaConfig, layers=2),
        tokenizer=build_tokenizer(),
        text_encoder_2=clip_text(),
        tokenizer_2=build_tokenizer(),
        vae=diffusers.AutoencoderKLHunyuanVideo(
            latent_channels=4, block_out_channels=(8, 8, 8, 8), layers_per_block=1, norm_num_groups=4
        ),
        scheduler=FLOW(),
        transformer=diffusers.HunyuanVideoTransformer3DModel(
            in_channels=4,
            out_channels=4,
            num_attention_heads=2,
            attention_head_dim=8,
            num_layers=1,
            num_single_layers=1,
            num_refiner_layers=1,
            text_embed_dim=WIDTH,
            pooled_projection_dim=WIDTH,
            rope_axes_dim=(2, 2, 4),
        ),
    )


def hunyuan_video_15() -> Any:
    tokenizer = build_tokenizer()
    tokenizer.chat_template = "{% for message in messages %}{{ message['content'] }} {% endfor %}"
    rope = {"rope_type": "default", "rope_theta": 10_000.0, "mrope_section": [1, 1, 0]}
    return diffusers.HunyuanVideo15Pipeline(
        text_encoder=language_model(
            transformers.Qwen2_5_VLTextModel, transformers.Qwen2_5_VLTextConfig, layers=2, rope_parameters=rope
        ),
        tokenizer=tokenizer,
        text_encoder_2=t5(),
        tokenizer_2=build_tokenizer(),
        vae=diffusers.AutoencoderKLHunyuanVideo15(
            latent_channels=4, block_out_channels=(8, 8, 8, 8, 8), layers_per_block=1
        ),
        scheduler=FLOW(),
        guider=ClassifierFreeGuidance(guidance_scale=3.0),
        transformer=diffusers.HunyuanVideo15Transformer3DModel(
            in_channels=9,
            out_channels=4,
            num_attention_heads=2,
            attention_head_dim=8,
            num_layers=1,
            num_refiner_layers=1,
            text_embed_dim=WIDTH,
            text_embed_2_dim=WIDTH,
            image_embed_dim=WIDTH,
            rope_axes_dim=(2, 2, 4),
        ),
    )


def cogvideox() -> Any:
    return diffusers.CogVideoXPipeline(
        tokenizer=build_tokenizer(),
        text_encoder=t5(),
        vae=diffusers.AutoencoderKLCogVideoX(
            latent_channels=4, block_out_channels=(8, 8, 8, 8), layers_per_block=1, norm_num_groups=4
        ),
        scheduler=diffusers.CogVideoXDDIMScheduler(),
        transformer=diffusers.CogVideoXTransformer3DModel(
            num_attention_heads=2,
            attention_head_dim=8,
            in_channels=4,
            out_channels=4,
            time_embed_dim=8,
            text_embed_dim=WIDTH,
            num_layers=1,
            sample_width=4,
            sample_height=4,
            sample_frames=5,
        ),
    )


def mochi() -> Any:
    return diffusers.MochiPipeline(
        tokenizer=build_tokenizer(),
        text_encoder=t5(),
        vae=diffusers.AutoencoderKLMochi(
            encoder_block_out_channels=(32, 32, 32, 32),
            decoder_block_out_channels=(32, 32, 32, 32),
            layers_per_block=(1, 1, 1, 1, 1),
            add_attention_block=(False, False, False, False, False),
        ),
        scheduler=FLOW(),
        transformer=diffusers.MochiTransformer3DModel(
            num_attention_heads=2,
            attention_head_dim=8,
            num_layers=1,
            pooled_projection_dim=8,
            text_embed_dim=WIDTH,
            time_embed_dim=4,
        ),
    )


def sana_video() -> Any:
    return diffusers.SanaVideoPipeline(
        tokenizer=build_tokenizer(),
        text_encoder=language_model(transformers.Gemma2Model, transformers.Gemma2Config),
        vae=wan_vae(),
        scheduler=diffusers.DPMSolverMultistepScheduler(use_flow_sigmas=True, prediction_type="flow_prediction"),
        transformer=diffusers.SanaVideoTransformer3DModel(
            in_channels=4,
            out_channels=4,
            num_attention_heads=2,
            attention_head_dim=12,
            num_layers=1,
            num_cross_attention_heads=2,
            cross_attention_head_dim=12,
            cross_attention_dim=24,
            caption_channels=WIDTH,
        ),
    )


def animate_diff() -> Any:
    blocks = {"block_out_channels": (8, 8), "norm_num_groups": 4}
    return diffusers.AnimateDiffPipeline(
        tokenizer=build_tokenizer(),
        text_encoder=clip_text(),
        vae=picture_vae(diffusers.AutoencoderKL, ("UpDecoderBlock2D",) * 4),
        scheduler=diffusers.DDIMScheduler(),
        unet=diffusers.UNet2DConditionModel(
            **blocks,
            layers_per_block=1,
            down_block_types=("CrossAttnDownBlock2D", "DownBlock2D"),
            up_block_types=("UpBlock2D", "CrossAttnUpBlock2D"),
            cross_attention_dim=WIDTH,
            attention_head_dim=2,
        ),
        motion_adapter=diffusers.MotionAdapter(
            block_out_channels=(8, 8),
            motion_layers_per_block=1,
            motion_mid_block_layers_per_block=1,
            motion_num_attention_heads=2,
            motion_norm_num_groups=4,
        ),
    )


def picture_vae(cls: Any, up: tuple[str, ...] | None = None) -> Any:
    more = {} if up is None else {"up_block_types": up, "norm_num_groups": 4}
    return cls(
        down_block_types=("DownEncoderBlock2D",) * 4,
        block_out_channels=(32, 32, 32, 32) if up is None else (8, 8, 8, 8),
        latent_channels=4,
        **more,
    )


def stable_video_diffusion() -> Any:
    vision = transformers.CLIPVisionConfig(image_size=224, patch_size=112, **CLIP)
    return diffusers.StableVideoDiffusionPipeline(
        vae=picture_vae(diffusers.AutoencoderKLTemporalDecoder),
        image_encoder=transformers.CLIPVisionModelWithProjection(vision),
        unet=diffusers.UNetSpatioTemporalConditionModel(
            in_channels=8,
            block_out_channels=(32, 32),
            down_block_types=("CrossAttnDownBlockSpatioTemporal", "DownBlockSpatioTemporal"),
            up_block_types=("UpBlockSpatioTemporal", "CrossAttnUpBlockSpatioTemporal"),
            layers_per_block=1,
            cross_attention_dim=WIDTH,
            num_attention_heads=(2, 2),
            projection_class_embeddings_input_dim=96,
            addition_time_embed_dim=32,
        ),
        scheduler=diffusers.EulerDiscreteScheduler(),
        feature_extractor=transformers.CLIPImageProcessor(crop_size=224, size=224),
    )


PIPELINES: dict[str, Callable[[], Any]] = {
    "WanPipeline": wan,
    "LTXPipeline": ltx,
    "LTX2Pipeline": ltx2,
    "HunyuanVideoPipeline": hunyuan_video,
    "HunyuanVideo15Pipeline": hunyuan_video_15,
    "CogVideoXPipeline": cogvideox,
    "MochiPipeline": mochi,
    "SanaVideoPipeline": sana_video,
    "AnimateDiffPipeline": animate_diff,
    "StableVideoDiffusionPipeline": stable_video_diffusion,
}
