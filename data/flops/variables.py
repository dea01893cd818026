"""The natural variables of each network's polynomial, and the monomials that it may have in them.

A denoiser's are its tokens, a UNet's the areas of its levels, a VAE's its latent area and latent frames. What a network
does to odd sizes (tokens padded to 32, strided convolutions that round up, frames decoded in pairs or in overlapping
tiles) belongs in the variable, so that FLOPs stay a polynomial and stay exact.
"""

from collections.abc import Callable, Iterator, Mapping
from itertools import combinations_with_replacement
from typing import Final

from data.architectures.architecture import Architecture, Component
from data.architectures.shape import Shape

Values = dict[str, int]
Monomial = tuple[str, ...]
"""Variables to be multiplied, repeated for powers; empty for the constant."""

BATCH: Final = "b"
"""The media in one call, a variable where a network computes something once for all of them."""
PADDED_TO: Final = 32
TILE, STRIDE = 5, 3


def variables(architecture: Architecture, component: Component, shape: Shape) -> Values:
    """Return the natural variables of a component at a shape.

    >>> from data.architectures.library import architecture
    >>> flux = architecture("flux.1-dev")
    >>> variables(flux, flux.component("denoiser"), flux.shape())
    {'n': 4096, 't': 512}
    """
    return VALUES[component.network.call](architecture, component, shape)


def monomials(component: Component, names: tuple[str, ...]) -> tuple[Monomial, ...]:
    """Return the monomials of a component's polynomial, in variables of those names, the constant first.

    >>> from data.architectures.library import architecture
    >>> monomials(architecture("flux.1-dev").component("denoiser"), ("n", "t"))
    ((), ('n',), ('t',), ('n', 'n'), ('n', 't'), ('t', 't'))
    """
    return tuple(MONOMIALS.get(component.network.call, _quadratic)(names))


def _tokens(architecture: Architecture, component: Component, shape: Shape) -> Values:
    return {"n": architecture.latents.tokens(shape), "t": shape.text_tokens}


def _padded_tokens(architecture: Architecture, component: Component, shape: Shape) -> Values:
    return {"n": _padded(architecture.latents.tokens(shape)), "t": _padded(shape.text_tokens)}


def _tokens_and_sound(architecture: Architecture, component: Component, shape: Shape) -> Values:
    return _tokens(architecture, component, shape) | {"s": architecture.sound_tokens(shape)}


def _tokens_in_batch(architecture: Architecture, component: Component, shape: Shape) -> Values:
    return {"n": architecture.latents.tokens(shape), BATCH: shape.batch}


def _areas(architecture: Architecture, component: Component, shape: Shape) -> Values:
    rows, columns = architecture.latents.height(shape), architecture.latents.width(shape)
    areas: Values = {}
    for level in range(len(component.network.config.get("block_out_channels", range(4)))):
        areas[f"a{level}"] = rows * columns
        rows, columns = -(-rows // 2), -(-columns // 2)
    return areas | {"t": shape.text_tokens}


def _area(architecture: Architecture, component: Component, shape: Shape) -> Values:
    return {"a": architecture.latents.height(shape) * architecture.latents.width(shape)}


def _area_and_frames(architecture: Architecture, component: Component, shape: Shape) -> Values:
    return _area(architecture, component, shape) | {"f": architecture.latents.frames(shape)}


def _area_and_pairs(architecture: Architecture, component: Component, shape: Shape) -> Values:
    frames = architecture.latents.frames(shape)
    return _area(architecture, component, shape) | {"f": frames, "odd": frames % 2}


def _area_and_tiles(architecture: Architecture, component: Component, shape: Shape) -> Values:
    frames = architecture.latents.frames(shape)
    tiles = [frames] if frames < TILE else [min(TILE, frames - first) for first in range(0, frames, STRIDE)]
    sums = {"tiles": len(tiles), "f": sum(tiles), "ff": sum(tile * tile for tile in tiles)}
    return _area(architecture, component, shape) | sums


def _text(architecture: Architecture, component: Component, shape: Shape) -> Values:
    return {"t": component.text(shape)}


def _sound(architecture: Architecture, component: Component, shape: Shape) -> Values:
    return {"s": architecture.sound_tokens(shape)}


def _padded(tokens: int) -> int:
    return -(-tokens // PADDED_TO) * PADDED_TO


def _quadratic(names: tuple[str, ...]) -> Iterator[Monomial]:
    for degree in range(3):
        yield from combinations_with_replacement(names, degree)


def _quadratic_in_batch(names: tuple[str, ...]) -> Iterator[Monomial]:
    yield ()
    yield from ((BATCH, *powers) for powers in ((), ("n",), ("n", "n")))


def _levels(names: tuple[str, ...]) -> Iterator[Monomial]:
    yield from ((), ("t",))
    for area in names[:-1]:
        yield from ((area,), (area, area), (area, "t"))


def _area_times_frames(names: tuple[str, ...]) -> Iterator[Monomial]:
    for areas in ((), ("a",), ("a", "a")):
        for frames in ((), ("f",), ("f", "f")):
            yield areas + frames


def _area_times_sums(names: tuple[str, ...]) -> Iterator[Monomial]:
    for areas in ((), ("a",), ("a", "a")):
        for sum_of_frames in ((), *((name,) for name in names[1:])):
            yield areas + sum_of_frames


VALUES: Final[Mapping[str, Callable[[Architecture, Component, Shape], Values]]] = {
    "dit": _tokens_in_batch,
    "unet": _areas,
    "sd3": _tokens,
    "flux": _tokens,
    "flux2": _tokens,
    "pixart": _tokens,
    "sana": _tokens,
    "qwen-image": _tokens,
    "z-image": _padded_tokens,
    "wan": _tokens,
    "wan-timestep-a-token": _tokens,
    "latte": _area_and_frames,
    "unet-motion": _area_and_frames,
    "hunyuanvideo": _tokens,
    "ltx-video": _tokens,
    "ltx-2": _tokens_and_sound,
    "cogvideox": _tokens,
    "mochi": _tokens,
    "sana-video": _tokens,
    "text": _text,
    "language": _text,
    "ltx-2-connectors": _text,
    "picture-vae": _area,
    "video-vae": _area_and_frames,
    "timestep-video-vae": _area_and_frames,
    "cogvideox-vae": _area_and_pairs,
    "hunyuanvideo-vae": _area_and_tiles,
    "ltx-2-audio-vae": _sound,
    "ltx-2-vocoder": _sound,
}
MONOMIALS: Final[Mapping[str, Callable[[tuple[str, ...]], Iterator[Monomial]]]] = {
    "dit": _quadratic_in_batch,
    "unet": _levels,
    "video-vae": _area_times_frames,
    "timestep-video-vae": _area_times_frames,
    "cogvideox-vae": _area_times_sums,
    "hunyuanvideo-vae": _area_times_sums,
}
