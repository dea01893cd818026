"""The model card's text, rendered from the measured figures. Computes nothing but intervals and roundings."""

from math import sqrt
from typing import Any, Final

from data.embedded.world import WORDS

_HEAD: Final = """\
# The embedded models

Tiny text-to-image models and a CLIP, trained by this project on a world of shapes that it draws itself
(`world.py`, `drawing.py`): one or two of circle, square, triangle and cross, in six colours, left of, right of, above
or below each other, on a dark or a light ground, 32 by 32 pixels. They exist so that the whole observatory runs with
no network, no key and no GPU, and its numbers mean something. They draw nothing else, and know {words} words; any other
word counts as unknown. Licence: that of the project. Training data: drawn as it is needed, none collected.

Intended use: demonstrations and tests of the observatory. Not intended: anything else.

## Contenders

Every figure below is measured by `python -m data.embedded.training.evaluate` on the committed fp16 weights, computed in
fp32, one image a prompt. *Right* means count, colours, shapes, their binding, position and (where asked) background, as
`detector.py` reads them. Prompts are of scenes that training never showed (one in ten, by a hash): single things by
colour, shape and background; pairs by both things and their relation; *and* pairs by both things. In brackets: Wilson's
95 % interval over prompts. FLOPs are those of one image, 2 for a multiply-accumulate, text encoding and guidance
included, counted on the meta device; ms is the median CPU time of one image alone on one thread of the machine that
trained them, which was busy with other work.

{contenders}

### Pairs, part by part

{parts}

## How they were trained

`FlowMatchEulerDiscreteScheduler`, rectified flow in x-prediction, guidance {guidance}; the schedule phase by phase in
`training_schedule.py`, curves in `curves/*.jsonl` (accuracies there are on few prompts with 12 steps, to watch the
run; those of `main` up to 140,000 images are by an earlier, less exact detector). An auxiliary loss makes the
text encoder's states name what the caption says (`training/attributes.py`); its reader is not exported. Learned in
this order: colours and count, single shapes, order, shapes bound in pairs. The learning rate had to come down from 2e-3
before shapes appeared.
Everything ran in fp32 on one CPU thread a run; the images a weight folder had seen, and the core-seconds spent, are
cumulative over its run:

{training}

The phases were chosen while the runs went on, by looking at the curves; `training_schedule.py` holds what was done in
the end, so that `python -m data.embedded.training.train --fresh` follows the same schedule. Same seeds give the
same scenes, layouts and noise; sums of floats differ between processors, so weights agree in kind, not in bits.

## The CLIP

{clip}

## Reproduce

    python -m data.embedded.training.train [--only NAME] [--fresh] [--compile]   # resumes from data/embedded/.work
    python -m data.embedded.training.export                                      # weight folders and their manifest
    python -m data.embedded.training.evaluate --sheets /tmp/sheets      # figures.json, this card, contact sheets

All files under `weights/` together: {bytes:,} bytes. `weight_files.py` checks each against `weights/manifest.json`.
"""


def render(figures: dict[str, Any], weight_bytes: int) -> str:
    """The card as Markdown. `figures` are those of `evaluate`, `weight_bytes` the size of all weight files."""
    contenders = {name: entry for name, entry in figures.items() if name != "clip"}
    return _HEAD.format(
        words=len(WORDS),
        contenders=_contenders(contenders),
        parts=_parts(contenders),
        guidance=" or ".join(sorted({str(entry["contender"]["guidance"]) for entry in contenders.values()})),
        training=_training(figures),
        clip=_clip(figures["clip"]) if "clip" in figures else "Not measured yet.",
        bytes=weight_bytes,
    )


def wilson(share: float, n: int) -> tuple[float, float]:
    """Wilson's 95 % score interval of a share of `n` (Wilson 1927, equation 5)."""
    z = 1.959964
    centre = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return centre - half, centre + half


def _contenders(figures: dict[str, Any]) -> str:
    lines = [
        "| contender | weights | steps | guidance | parameters | GFLOPs | ms | one thing right | two things right "
        "| two things joined by *and* right |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for name, entry in figures.items():
        contender, tallies = entry["contender"], entry["tallies"]
        shares = " | ".join(_share(tallies[kind]) for kind in ("single", "pair", "free pair"))
        lines.append(
            f"| {name} | {contender['folder']} | {contender['steps']} | {contender['guidance']} "
            f"| {entry['parameters']:,} | {entry['flops'] / 1e9:.2f} | {entry['milliseconds']:.0f} | {shares} |"
        )
    return "\n".join(lines)


def _share(tally: dict[str, Any]) -> str:
    low, high = wilson(tally["correct"], tally["n"])
    return f"{tally['correct']:.3f} [{low:.3f}, {high:.3f}], n {tally['n']}"


def _parts(figures: dict[str, Any]) -> str:
    names = ("count", "colour", "shape", "bound", "position", "correct")
    lines = ["| contender | " + " | ".join(names) + " |", "|---|" + "---|" * len(names)]
    for name, entry in figures.items():
        tally = entry["tallies"]["pair"]
        lines.append(f"| {name} | " + " | ".join(f"{tally[part]:.3f}" for part in names) + " |")
    return "\n".join(lines)


def _training(figures: dict[str, Any]) -> str:
    rows = {
        entry["contender"]["folder"] if "contender" in entry else "clip": entry["training"]
        for entry in figures.values()
    }
    lines = ["| weights | run | training images | core-seconds |", "|---|---|---|---|"]
    lines += [
        f"| {folder} | {row['run']} | {row['images']:,} | {row['core_seconds']:,.0f} |" for folder, row in rows.items()
    ]
    return "\n".join(lines)


def _clip(figures: dict[str, Any]) -> str:
    card, shares, n = figures["card"], figures["first_of_32"], figures["n"]
    spans = {kind: wilson(share, n) for kind, share in shares.items()}
    return (
        f"`{card['name']}`: {card['architecture']}, embedding {card['embed_dim']}, context {card['context_length']}, "
        f"{card['parameters']:,} parameters, GELU (quick_gelu {str(card['quick_gelu']).lower()}), sha256 "
        f"`{card['sha256']}`. A folder in open_clip's `local-dir:` form, text through open_clip's `HFTokenizer`.\n\n"
        f"It ranks the true caption of a held-out image first among 32 in {shares['random']:.3f} "
        f"[{spans['random'][0]:.3f}, {spans['random'][1]:.3f}] of {n} images when the others are held-out captions at "
        f"random, and in {shares['hard']:.3f} [{spans['hard'][0]:.3f}, {spans['hard'][1]:.3f}] when they name the same "
        f"two colours with every other relation, with exchanged shapes, and with one attribute changed. Trained by "
        f"contrast with such partners in the batch and an auxiliary loss (`clip_run.py`, `training/attributes.py`)."
    )
