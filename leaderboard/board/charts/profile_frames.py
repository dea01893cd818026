"""What the charts of a profile are drawn from: FLOPs by stage and kind, the roofline, memory against cards."""

from typing import TYPE_CHECKING, Any, Final

from data.architectures.architecture import Stage
from data.catalogue.accelerator import Accelerator, accelerators
from data.flops.flops import KINDS
from data.flops.memory_model import ComponentMemory, combined, load_memory
from data.flops.profile import BYTES_PER_WEIGHT, COUNTED, Profile
from leaderboard.board.charts import palette
from leaderboard.cost_model.measurements import TERA

if TYPE_CHECKING:
    import pandas as pd

STAGE_TITLES: Final = {
    "text_encoders": "Text encoders",
    "denoiser": "Denoiser, all steps",
    "vae_decode": "VAE decode",
}
RESIDENT: Final = "All weights resident"
GIB: Final = 2**30


def stages(profile: Profile) -> "tuple[pd.DataFrame, list[str]]":
    """Return stage, kind, tflop, share, kind_order of a call, and the stages in the order in which they run."""
    import pandas as pd

    total = profile.total.total or 1
    rows = [
        {
            "stage": STAGE_TITLES[stage],
            "kind": kind,
            "tflop": profile.stages[stage].of(kind) / TERA,
            "share": profile.stages[stage].of(kind) / total,
            "kind_order": palette.KINDS.index(kind),
        }
        for stage in COUNTED
        for kind in KINDS
        if profile.stages[stage].of(kind)
    ]
    order = [STAGE_TITLES[stage] for stage in COUNTED if profile.stages[stage].total]
    return pd.DataFrame(rows, columns=["stage", "kind", "tflop", "share", "kind_order"]), order


def roofline(profile: Profile, accelerator: Accelerator) -> "tuple[pd.DataFrame, pd.DataFrame]":
    """Return each stage's place under an accelerator's roof, and the roof: intensity (FLOP/byte), tflops.

    A stage's intensity is its FLOPs over the bytes of its weights, read once a forward at two bytes each: an upper
    bound, for activations are moved too.
    """
    import pandas as pd

    points = [_point(profile, stage, accelerator) for stage in COUNTED if profile.stages[stage].total]
    reached = [point["intensity"] for point in points]
    ridge = 1e12 * accelerator.peak / (1e12 * accelerator.bandwidth)
    intensities = [min(1.0, *reached), ridge, max(ridge * 4, *reached)]
    tflops = [min(accelerator.peak, intensity * accelerator.bandwidth) for intensity in intensities]
    return pd.DataFrame(points), pd.DataFrame({"intensity": intensities, "tflops": tflops})


def _point(profile: Profile, stage: Stage, accelerator: Accelerator) -> dict[str, Any]:
    bytes_read = sum(
        piece.parameters * BYTES_PER_WEIGHT * (piece.calls / profile.shape.batch)
        for piece in profile.components
        if piece.stage == stage
    )
    intensity = profile.stages[stage].total / bytes_read
    tflops = min(accelerator.peak, intensity * accelerator.bandwidth)
    bound = "compute" if tflops == accelerator.peak else "memory bandwidth"
    return {"stage": STAGE_TITLES[stage], "intensity": intensity, "tflops": tflops, "bound": bound}


def memory(profile: Profile) -> "tuple[pd.DataFrame, list[str]]":
    """Return stage, part, gib, part_order: each stage alone on the card, then the pipeline with all weights resident.

    A stage whose memory is not modelled is left out, and so is what it is part of; empty without any.
    """
    import pandas as pd

    peak = load_memory().peak(profile.architecture, profile.shape)
    if peak is None:
        return pd.DataFrame(columns=["stage", "part", "gib", "part_order"]), []
    alone = {
        STAGE_TITLES["text_encoders"]: combined(peak.text_encoders),
        "Denoiser": peak.guided,
        STAGE_TITLES["vae_decode"]: combined(peak.decoders),
        RESIDENT: ComponentMemory(peak.weights, peak.resident and peak.resident - peak.weights),
    }
    amounts = {
        title: (memory.weights, memory.activations)
        for title, memory in alone.items()
        if memory.weights and memory.activations
    }
    rows = [
        {"stage": title, "part": part, "gib": amount / GIB, "part_order": order}
        for title, pair in amounts.items()
        for order, (part, amount) in enumerate(zip(palette.PARTS, pair, strict=True))
    ]
    return pd.DataFrame(rows), list(amounts)


def smallest_cards(profile: Profile) -> str:
    """Return a sentence on the smallest card that a call fits: with all weights resident, and with model offload."""
    peak = load_memory().peak(profile.architecture, profile.shape)
    ways = {"All weights resident": peak and peak.resident, "Model offload": peak and peak.offloaded}
    return " ".join(f"{way}: {_smallest_card(size)}." for way, size in ways.items() if size)


def _smallest_card(size: int) -> str:
    by_memory = sorted(accelerators().values(), key=lambda accelerator: accelerator.memory_gib)
    card = next((accelerator for accelerator in by_memory if size / GIB <= accelerator.memory_gib), None)
    fits = f"fits the {card.title} and larger" if card else f"more than the {by_memory[-1].title} has"
    amount = f"{size / GIB:.1f} GiB" if size >= GIB / 10 else f"{size / 2**20:.1f} MiB"
    return f"{amount}, {fits}"


def cards() -> "pd.DataFrame":
    """Return one accelerator of each size of memory: title, gib."""
    import pandas as pd

    by_size = {round(card.memory_gib): card for card in accelerators().values()}
    rows = [{"title": f"{card.title}, {card.memory_gib:g} GiB", "gib": card.memory_gib} for card in by_size.values()]
    return pd.DataFrame(rows)
