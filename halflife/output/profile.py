"""How `halflife profile` writes what a model computes: one call in full, or a line for every architecture."""

from collections.abc import Iterator, Sequence
from typing import Final

from data.architectures.shape import Shape
from data.flops.flops import KINDS, Flops
from data.flops.profile import COUNTED, Profile
from halflife.output.tables import DASH, table
from halflife.output.terminal import Terminal

TITLES: Final = {
    "text_encoders": "text encoders",
    "denoiser": "denoiser",
    "vae_encode": "VAE encode",
    "vae_decode": "VAE decode",
}
GUIDANCE: Final = {
    "classifier-free": "classifier-free guidance",
    "embedded": "embedded guidance",
    "none": "no guidance",
}
PREFIXES: Final = ((1e12, "T"), (1e9, "G"), (1e6, "M"))
MEASURE: Final = "FLOPs of matrix products and convolutions; one multiply-add is two."


def show(console: Terminal, profile: Profile) -> None:
    """Print the FLOPs of one call by stage, then its tokens, parameters and memory."""
    total = profile.total
    factor, prefix = _prefix(total.total)
    numbers = (f"{prefix}FLOP", "share", *KINDS)
    rows = table(_title(profile), ("stage", *numbers), numbers=numbers)
    for stage in COUNTED:
        rows.add_row(TITLES[stage], *_row(profile.stages[stage], total.total, factor))
    rows.add_section()
    rows.add_row("one call", *_row(total, total.total, factor))
    console.print(rows)
    for line in _lines(profile):
        console.print(line)
    console.print(f"{MEASURE} Batch and guidance are included.", style="dim")


def show_all(console: Terminal, profiles: Sequence[Profile]) -> None:
    """Print a line for each architecture: parameters, usual shape, and what a forward and a call compute."""
    rows = table(
        "Architectures at their usual shapes",
        ("model", "weights", "shape", "forwards", "a forward", "a call"),
        numbers=("weights", "forwards", "a forward", "a call"),
    )
    for profile in profiles:
        rows.add_row(
            profile.model,
            _weights(sum(profile.parameters.values())),
            _pixels(profile),
            str(profile.forwards),
            amount(profile.denoiser_forward.total),
            amount(profile.total.total),
        )
    console.print(rows)
    console.print(f"A forward: one of the denoiser. {MEASURE}", style="dim")


def amount(value: int) -> str:
    """Write a count with the prefix that its size asks for.

    >>> amount(118_639_000_000), amount(74_384_690_000_000), amount(12_068_592_200_000_000)
    ('118.64 G', '74.385 T', '12,068.6 T')
    """
    factor, prefix = _prefix(value)
    return f"{_written(value / factor)} {prefix}"


def _lines(profile: Profile) -> Iterator[str]:
    forward = profile.denoiser_forward.total
    yield (
        f"One forward of the denoiser: {amount(forward)}FLOP ({amount(forward // 2)} multiply-adds); a call makes "
        f"{profile.forwards}, with {profile.tokens:,} tokens and {profile.shape.text_tokens} tokens of text."
    )
    parameters = ", ".join(f"{name} {_weights(value)}" for name, value in profile.parameters.items())
    yield f"Parameters: {_weights(sum(profile.parameters.values()))} ({parameters})."
    if profile.varies:
        yield _crossover(profile)
    yield f"Arithmetic intensity: {profile.arithmetic_intensity:,.0f} FLOP a forward for each byte of bf16 weights."
    if profile.peak_memory_bytes:
        memory = ", ".join(f"{name} {value / 2**30:.2f}" for name, value in profile.peak_memory_bytes.items())
        yield f"Peak memory in GiB, bf16, eager: {memory}."
    for name, reason in profile.memory_unknown.items():
        yield f"Peak memory not known: {name}. {reason}"
    encode = profile.stages["vae_encode"].total
    if encode:
        yield f"A call that starts from an image or video takes {amount(encode)}FLOP more, for VAE encode."
    for name, reason in profile.partial.items():
        yield f"Not counted: {name}. {reason}"


def _crossover(profile: Profile) -> str:
    tokens = profile.crossover_tokens
    if tokens is None:
        return "Attention is linear in the tokens: it never costs more than the rest."
    return f"From {tokens:,} tokens on, attention costs more than the rest; this call has {profile.tokens:,}."


def _title(profile: Profile) -> str:
    shape, seconds = profile.shape, profile.architecture.seconds(profile.shape)
    length = f", {shape.frames} frames ({seconds:.2f} s)" if seconds else ""
    batch = f", batch {shape.batch}" if shape.batch > 1 else ""
    guidance = GUIDANCE[profile.architecture.guidance]
    scale = f" {shape.guidance:g}" if profile.architecture.guidance != "none" else ""
    size = f"{shape.width}x{shape.height}{length}{batch}"
    return f"{profile.architecture.title} ({profile.model})\n{size}, {shape.steps} steps, {guidance}{scale}"


def _pixels(profile: Profile) -> str:
    shape = profile.shape
    return f"{shape.width}x{shape.height}" + (f"x{shape.frames}" if shape.frames > 1 else "")


def _row(flops: Flops, of_all: int, factor: float) -> tuple[str, ...]:
    share = f"{100 * flops.total / of_all:.1f} %" if of_all else DASH
    return (_written(flops.total / factor), share, *(_written(flops.of(kind) / factor) for kind in KINDS))


def _weights(parameters: int) -> str:
    return f"{parameters / 1e9:.2f} B" if parameters >= 1e9 else f"{parameters / 1e6:.2f} M"


def _prefix(value: int) -> tuple[float, str]:
    return next(((factor, prefix) for factor, prefix in PREFIXES if value >= factor), PREFIXES[-1])


def _written(value: float) -> str:
    if value == 0:
        return "0"
    return f"{value:,.1f}" if value >= 1000 else f"{value:.2f}" if value >= 100 else f"{value:.3f}"


def seconds(value: float | None) -> str:
    """Write seconds, below one in milliseconds."""
    if value is None:
        return DASH
    return f"{figures(value)} s" if value >= 1 else f"{figures(value)} ms"


def figures(value: float) -> str:
    """Write a number with three significant figures, below one in thousandths."""
    scaled = value if value >= 1 else 1000 * value
    return f"{scaled:,.0f}" if scaled >= 100 else f"{scaled:.3g}"


def size(shape: Shape) -> str:
    """Write a shape shortly: 1024x1024x81, 28 steps ×2 (pixels, frames, denoising steps, batch)."""
    frames = f"x{shape.frames}" if shape.frames > 1 else ""
    batch = f" ×{shape.batch}" if shape.batch > 1 else ""
    return f"{shape.width}x{shape.height}{frames}, {shape.steps} steps{batch}"
