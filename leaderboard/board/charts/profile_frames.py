"""One model at one shape, as frames for charts: stages by kind, the roofline, memory against cards."""

from typing import TYPE_CHECKING, Any, Final

from data.architectures.architecture import Stage
from data.catalogue.accelerator import Accelerator, accelerators
from data.flops.flops import KINDS
from data.flops.memory_model import ComponentMemory, combined, load_memory
from data.flops.profile import BYTES_PER_WEIGHT, COUNTED, Profile
from leaderboard.board.charts import palette
from leaderboard.cost_model.surface import TERA

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
    """Return stage, kind, tflop, share, kind_order of a call, and the stages in the order of the work."""
    import pandas as pd

    whole = profile.total.total or 1
    rows = [
        {
            "stage": STAGE_TITLES[stage],
            "kind": kind,
            "tflop": profile.stages[stage].of(kind) / TERA,
            "share": profile.stages[stage].of(kind) / whole,
            "kind_order": palette.KINDS.index(kind),
        }
        for stage in COUNTED
        for kind in KINDS
        if profile.stages[stage].of(kind)
    ]
    order = [STAGE_TITLES[stage] for stage in COUNTED if profile.stages[stage].total]
    return pd.DataFrame(rows, columns=["stage", "kind", "tflop", "share", "kind_order"]), order


def roofline(profile: Profile, on: Accelerator) -> "tuple[pd.DataFrame, pd.DataFrame]":
    """Return each stage's place under an accelerator's roof, and the roof: intensity (FLOP/byte), tflops.

    A stage's intensity is its FLOPs over the bytes of its weights, read once a forward at two bytes each: an upper
    bound, for activations are moved too.
    """
    import pandas as pd

    points = [_point(profile, stage, on) for stage in COUNTED if profile.stages[stage].total]
    ridge = 1e12 * on.peak / (1e12 * on.bandwidth)
    ends = [
        min(1.0, *(one["intensity"] for one in points)),
        ridge,
        max(ridge * 4, *(one["intensity"] for one in points)),
    ]
    roof = pd.DataFrame({"intensity": ends, "tflops": [min(on.peak, one * on.bandwidth) for one in ends]})
    return pd.DataFrame(points), roof


def _point(profile: Profile, stage: Stage, on: Accelerator) -> dict[str, Any]:
    read = sum(
        piece.parameters * BYTES_PER_WEIGHT * (piece.calls / profile.shape.batch)
        for piece in profile.components
        if piece.stage == stage
    )
    intensity = profile.stages[stage].total / read
    tflops = min(on.peak, intensity * on.bandwidth)
    bound = "compute" if tflops == on.peak else "memory bandwidth"
    return {"stage": STAGE_TITLES[stage], "intensity": intensity, "tflops": tflops, "bound": bound}


def memory(profile: Profile) -> "tuple[pd.DataFrame, list[str]]":
    """Return stage, part, gib, part_order: each stage alone on the card, then the pipeline with all weights resident.

    A stage whose law is not known is left out, and so is what it is part of; empty without any.
    """
    import pandas as pd

    found = load_memory().peak(profile.architecture, profile.shape)
    if found is None:
        return pd.DataFrame(columns=["stage", "part", "gib", "part_order"]), []
    alone = {
        STAGE_TITLES["text_encoders"]: combined(found.text_encoders),
        "Denoiser": found.guided,
        STAGE_TITLES["vae_decode"]: combined(found.decoders),
        RESIDENT: ComponentMemory(found.weights, found.resident and found.resident - found.weights),
    }
    held = {title: (one.weights, one.activations) for title, one in alone.items() if one.weights and one.activations}
    rows = [
        {"stage": title, "part": part, "gib": amount / GIB, "part_order": order}
        for title, amounts in held.items()
        for order, (part, amount) in enumerate(zip(palette.PARTS, amounts, strict=True))
    ]
    return pd.DataFrame(rows), list(held)


def smallest_cards(profile: Profile) -> str:
    """Return in words the smallest card that a call fits, with all weights resident and with model offload."""
    found = load_memory().peak(profile.architecture, profile.shape)
    ways = {"All weights resident": found and found.resident, "Model offload": found and found.offloaded}
    return " ".join(f"{way}: {_on_a_card(held)}." for way, held in ways.items() if held)


def _on_a_card(held: int) -> str:
    large = sorted(accelerators().values(), key=lambda one: one.memory_gib)
    fit = next((one for one in large if held / GIB <= one.memory_gib), None)
    where = f"held by the {fit.title} and larger" if fit else f"more than the {large[-1].title} has"
    amount = f"{held / GIB:.1f} GiB" if held >= GIB / 10 else f"{held / 2**20:.1f} MiB"
    return f"{amount}, {where}"


def cards() -> "pd.DataFrame":
    """Return the accelerators whose memory is common, each size once: title, gib."""
    import pandas as pd

    sizes = {round(one.memory_gib): one for one in accelerators().values()}
    rows = [{"title": f"{one.title}, {one.memory_gib:g} GiB", "gib": one.memory_gib} for one in sizes.values()]
    return pd.DataFrame(rows)
