"""Train the embedded models: `python -m data.embedded.training.train [--only NAME] [--fresh] [--until IMAGES]`.

Runs are seeded and resume from `data/embedded/.work`; curves go to `data/embedded/curves`.
"""

import argparse

import torch

from data.embedded.training import clip_run
from data.embedded.training.diffusion_run import DiffusionRun
from data.embedded.training.training_schedule import SCHEDULES


def main(arguments: list[str] | None = None) -> None:
    """Train what is asked for, one run after the other, on one thread."""
    names = [*SCHEDULES, clip_run.NAME]
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=names, action="append", help="train this run only; may be repeated")
    parser.add_argument("--fresh", action="store_true", help="start again instead of resuming")
    parser.add_argument("--compile", action="store_true", help="compile the denoiser first (minutes, then faster)")
    parser.add_argument("--until", type=int, help="stop after this many images")
    chosen = parser.parse_args(arguments)
    torch.set_num_threads(1)
    for name in chosen.only or names:
        if name == clip_run.NAME:
            clip_run.ClipRun(fresh=chosen.fresh).train(chosen.until)
            continue
        DiffusionRun(name, SCHEDULES[name], fresh=chosen.fresh, compiled=chosen.compile).train(chosen.until)


if __name__ == "__main__":
    main()
