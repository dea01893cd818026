"""One model at one shape, as frames for charts: stages by kind, the roofline, memory against cards."""

from typing import TYPE_CHECKING, Any, Final

from data.architectures.architecture import Stage
from data.atlas.flops import KINDS
from data.atlas.profile import BYTES_PER_WEIGHT, COUNTED, Profile
from data.catalogue.accelerator import Accelerator, accelerators
from leaderboard.charts import palette
from leaderboard.surfaces import TERA

if TYPE_CHECKING:
    import pandas as pd

STAGE_TITLES: Final = {
    "text_encoders": "Text encoders", "denoiser": "Denoiser, all steps", "vae_decode": "VAE decode",
}  # fmt: skip
GIB: Final = 2**30


def stages(profile: Profile) -> "tuple[pd.DataFrame, list[str]]":
    """Return stage, kind, tflop, share, kind_order of a call, and the stages in the order of the work."""
    import pandas as pd

    whole = profile.total.total or 1
    rows = [
        {
            "stage": STAGE_TITLES[stage], "kind": kind, "tflop": profile.stages[stage].of(kind) / TERA,
            "share": profile.stages[stage].of(kind) / whole, "kind_order": palette.KINDS.index(kind),
        }
        for stage in COUNTED
        for kind in KINDS
        if profile.stages[stage].of(kind)
    ]  # fmt: skip
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
        for piece in profile.pieces
        if piece.stage == stage
    )
    intensity = profile.stages[stage].total / read
    tflops = min(on.peak, intensity * on.bandwidth)
    bound = "compute" if tflops == on.peak else "memory bandwidth"
    return {"stage": STAGE_TITLES[stage], "intensity": intensity, "tflops": tflops, "bound": bound}


def memory(profile: Profile) -> "tuple[pd.DataFrame, list[str]]":
    """Return stage, part, gib, part_order: the weights that are resident and what a stage adds; and the stages."""
    import pandas as pd

    held = profile.peak_memory_bytes or {}
    weights = held.get("weights", 0)
    rows = []
    for stage in COUNTED:
        if stage in held:
            rows += [
                {"stage": STAGE_TITLES[stage], "part": "weights", "gib": weights / GIB, "part_order": 0},
                {"stage": STAGE_TITLES[stage], "part": "activations", "gib": max(0, held[stage] - weights) / GIB,
                 "part_order": 1},
            ]  # fmt: skip
    order = [STAGE_TITLES[stage] for stage in COUNTED if stage in held]
    return pd.DataFrame(rows, columns=["stage", "part", "gib", "part_order"]), order


def cards() -> "pd.DataFrame":
    """Return the accelerators whose memory is common, each size once: title, gib."""
    import pandas as pd

    sizes = {round(one.memory_gib): one for one in accelerators().values()}
    rows = [{"title": f"{one.title}, {one.memory_gib:g} GiB", "gib": one.memory_gib} for one in sizes.values()]
    return pd.DataFrame(rows)
