"""The text of the video models' card, rendered from the measured figures. Computes nothing but intervals."""

from typing import Any, Final

from data.embedded.training.card import wilson

_HEAD: Final = """\
# The embedded video models

Tiny text-to-video models, trained by this project on a world in motion that it draws itself (`motion/world.py`,
`motion/drawing.py`): one or two things of four shapes and six colours that go left, right, up or down (fast, slowly),
stay still, grow, shrink, turn into another colour or vanish; one thing can do first this and then that. Clips of 8
frames, 32 by 32 pixels, meant for 8 frames a second. They know {words} words; any other word counts as unknown.
Licence: that of the project. Training data: drawn as it is needed, none collected.

Intended use: demonstrations and tests of the observatory. Not intended: anything else.

## Contenders

Measured by `python -m data.embedded.training.evaluate_video` on the committed fp16 weights, computed in fp32, one clip
a prompt. *Right* means all that `motion/check.py` reads together: count in every frame, colours, shapes, their binding,
the motion of each thing, speed and order where they are told, identity through the clip, background where it is told.
Prompts are of combinations that training never showed (one in ten of things and acts, by a hash). In brackets: Wilson's
95 % interval over prompts. FLOPs are those of one clip, 2 for a multiply-accumulate, text encoding and guidance
included; ms is the median CPU time of one clip alone on one thread of a machine that was busy with other work. A
contender that is missing has not been measured yet.

{contenders}

### Part by part

{parts}

## How they were trained

Rectified flow in x-prediction on the folded pixels themselves, no VAE. Text encoders start from `grand`'s of the
picture models, with the words of motion added. The transformers' matrices are trained with Muon (`training/muon.py`),
the rest with AdamW; noise is drawn so that a fifth of it lies above t = 0.95, as frames under less noise tell their
motion together and the text is not asked. A side lesson makes every token's state name what the caption says.
Schedules: `training/video_schedule.py`; curves: `curves/wan.jsonl`, `curves/wan-fine.jsonl` (shares right there are on
48, 32 and 48 prompts, sampled without a shift). Seconds are wall-clock seconds of one NVIDIA H200 that two runs shared,
compilation and reports included:

{training}

What emerged, in order: count and motion, then colour bound to shape, then pairs. `wan` (patches of two frames)
learned faster than `wan-fine` (patches of one) in the same time, at 0.4 times the FLOPs of a step. Both were stopped
after 125 seconds with their learning rates still high: their curves were rising, and the goals (single clips 0.90,
pairs 0.70) are not reached. Edges are still ragged and the things of a pair smear. The schedules `latte` and `unet`
are written and step on a CPU, but have not been trained.

## Reproduce

    python -m data.embedded.training.train_video --only NAME [--device cuda --compile]  # resumes what was begun
    python -m data.embedded.training.export_video                   # weight folders, manifest, curves
    python -m data.embedded.training.evaluate_video --sheets FOLDER # video_figures.json, this card, contact sheets

All files under `weights/` together, the picture models' included: {bytes:,} bytes.
"""


def render(figures: dict[str, Any], weight_bytes: int) -> str:
    """The card as Markdown. `figures` are those of `evaluate_video`, `weight_bytes` the size of all weights."""
    from data.embedded.motion.captions import ALL_WORDS

    return _HEAD.format(
        words=len(ALL_WORDS),
        contenders=_contenders(figures),
        parts=_parts(figures),
        training=_training(figures),
        bytes=weight_bytes,
    )


def _contenders(figures: dict[str, Any]) -> str:
    lines = [
        "| contender | released | weights | steps | guidance | parameters | GFLOPs | ms | one thing right "
        "| one thing, two acts right | two things right |",
        "|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    for name, each in figures.items():
        contender, tallies = each["contender"], each["tallies"]
        shares = " | ".join(_share(tallies[kind]) for kind in ("single", "story", "pair"))
        lines.append(
            f"| {name} | {contender['released']} | {contender['folder']} | {contender['steps']} "
            f"| {contender['guidance']} | {each['parameters']:,} | {each['flops'] / 1e9:.1f} "
            f"| {each['milliseconds']:.0f} | {shares} |"
        )
    return "\n".join(lines)


def _share(tally: dict[str, Any]) -> str:
    low, high = wilson(tally["correct"], tally["n"])
    return f"{tally['correct']:.3f} [{max(low, 0):.3f}, {min(high, 1):.3f}], n {tally['n']}"


def _parts(figures: dict[str, Any]) -> str:
    names = ("count", "colour", "shape", "bound", "motion", "identity", "speed", "order", "correct")
    lines = ["| contender | clips | " + " | ".join(names) + " |", "|---|---|" + "---|" * len(names)]
    for name, each in figures.items():
        for kind, tally in each["tallies"].items():
            values = " | ".join("–" if tally[part] is None else f"{tally[part]:.3f}" for part in names)
            lines.append(f"| {name} | {kind} | {values} |")
    return "\n".join(lines)


def _training(figures: dict[str, Any]) -> str:
    rows = {each["contender"]["folder"]: each["training"] for each in figures.values()}
    lines = ["| weights | run | clips | seconds |", "|---|---|---|---|"]
    lines += [f"| {folder} | {row['run']} | {row['clips']:,} | {row['seconds']:,.0f} |" for folder, row in rows.items()]
    return "\n".join(lines)
