"""Applies a configuration to networks; what a device or a class of network cannot do is refused in one sentence."""

import importlib
import importlib.util
import shutil
from collections.abc import Callable, Mapping
from typing import Any, Final

from data.architectures.architecture import Architecture
from data.errors import ServiceError
from data.measurements import Attention, Configuration, Weights
from harness.devices import Device

BACKENDS: Final[Mapping[Attention, str]] = {
    "native": "native",
    "flash": "flash",
    "flash-3": "_flash_3",
    "cudnn": "_native_cudnn",
    "efficient": "_native_efficient",
    "math": "_native_math",
    "flex": "flex",
    "sage": "sage",
    "xformers": "xformers",
}
"""The names of diffusers' attention dispatch."""
WITHOUT_CUDA: Final = frozenset({"native", "math"})
PREDICTED: Final = r"(?:\w*blocks|layers)\.\d+\.(?:attn\d*|attention|ff|ffn|ff_context|feed_forward)"
"""What TaylorSeer predicts: attention and feed-forward of every block. diffusers' own default must match a whole name,
and so finds none where attention is called attn1, as in Wan."""
COMPILERS: Final = ("c++", "g++", "clang++")


def check_device(configuration: Configuration, device: Device, weights: Weights) -> None:
    """Raise ServiceError where the device, the installed packages or weights of no meaning cannot do an axis."""
    if configuration.uses("offload") and device == "cpu":
        raise _refusal("an accelerator to offload from", "the device 'cpu'", "Leave out --offload.")
    if device != "cuda" and configuration.attention not in WITHOUT_CUDA:
        choice = "Choose --attention native or math."
        raise _refusal(f"a CUDA device for attention {configuration.attention!r}", f"the device {device!r}", choice)
    if configuration.uses("compiled") and device == "cpu" and not any(map(shutil.which, COMPILERS)):
        raise _refusal("a C++ compiler for --compile on the CPU", "none", "Install one, or leave out --compile.")
    if configuration.quantisation == "int8" and importlib.util.find_spec("torchao") is None:
        raise _refusal("the package torchao for --quantisation int8", "none", "Run: uv pip install torchao")
    if configuration.cache == "first-block" and weights == "random":
        choice = "Choose --weights catalogue, or --cache taylorseer, which skips by the step."
        raise _refusal("trained weights for --cache first-block, which skips by what they say", "random ones", choice)


def check_network(configuration: Configuration, described: Architecture) -> None:
    """Raise ServiceError where the class of an architecture's denoiser has not what an axis needs. Imports it."""
    declared = described.denoiser
    cls = getattr(importlib.import_module(declared.library), declared.type)
    if configuration.compiled == "blocks" and not getattr(cls, "_repeated_blocks", None):
        raise _refusal("a denoiser with repeated blocks for --compile blocks", declared.type, "Choose --compile whole.")
    if configuration.uses("cache"):
        from diffusers.models.cache_utils import CacheMixin

        if not issubclass(cls, CacheMixin):
            wanted = f"a denoiser that takes caches for --cache {configuration.cache}"
            raise _refusal(wanted, f"{declared.type}, which takes none", "Leave out --cache.")


def apply(configuration: Configuration, denoiser: Any, *, timestep: Callable[[], Any]) -> None:
    """Put everything but the offload on a denoiser, in place. `timestep` tells caches the running one, 1000 to 0.

    Raises ServiceError where an attention backend is not installed or the network does not go through the dispatch.
    """
    _quantise(configuration, denoiser)
    if configuration.attention != "native":
        _attend(configuration.attention, denoiser)
    if configuration.uses("cache"):
        denoiser.enable_cache(_cache(configuration, timestep))
    if configuration.compiled == "whole":
        denoiser.compile()
    elif configuration.compiled == "blocks":
        denoiser.compile_repeated_blocks()


def _quantise(configuration: Configuration, denoiser: Any) -> None:
    import torch

    if configuration.quantisation == "fp8":
        compute = getattr(torch, configuration.dtype)
        denoiser.enable_layerwise_casting(storage_dtype=torch.float8_e4m3fn, compute_dtype=compute)
    elif configuration.quantisation == "int8":
        quantization: Any = importlib.import_module("torchao.quantization")
        quantization.quantize_(denoiser, quantization.Int8WeightOnlyConfig())


def _attend(attention: Attention, denoiser: Any) -> None:
    processors = [getattr(module, "processor", None) for module in denoiser.modules()]
    if not any(hasattr(processor, "_attention_backend") for processor in processors):
        name = type(denoiser).__name__
        raise _refusal(f"a denoiser whose attention can be {attention!r}", f"{name}, whose cannot", "Choose native.")
    try:
        denoiser.set_attention_backend(BACKENDS[attention])
    except (RuntimeError, ImportError, ValueError) as error:
        message = str(error).splitlines()[0]
        raise _refusal(f"the attention backend {attention!r}", message, "Install it, or choose native.") from error


def _cache(configuration: Configuration, timestep: Callable[[], Any]) -> Any:
    import diffusers
    import torch

    if configuration.cache == "first-block":
        return diffusers.FirstBlockCacheConfig()
    if configuration.cache == "taylorseer":
        return diffusers.TaylorSeerCacheConfig(
            cache_identifiers=[PREDICTED], taylor_factors_dtype=getattr(torch, configuration.dtype)
        )
    return diffusers.PyramidAttentionBroadcastConfig(
        spatial_attention_block_skip_range=2, current_timestep_callback=timestep
    )


def _refusal(expected: str, got: str, choice: str) -> ServiceError:
    return ServiceError(f"Expected {expected}, got {got.rstrip('.')}. {choice}")
