"""Train the embedded video models: `python -m data.embedded.training.train_video --only NAME [--device cuda]`.

Runs are seeded and resume from `data/embedded/.work/video`, or from `--work`.
"""

import argparse
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Final

import torch

from data.embedded.training.video_run import Budget, VideoRun
from data.embedded.training.video_schedule import SCHEDULES

WORK: Final = Path(__file__).parents[1] / ".work" / "video"


def main(arguments: list[str] | None = None) -> None:
    """Train what is asked for, one run after the other."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=[*SCHEDULES], action="append", help="train this run only; may be repeated")
    parser.add_argument("--device", default="cpu", help="cpu, cuda or cuda:1")
    parser.add_argument("--work", type=Path, default=WORK, help="where checkpoints, snapshots and curves go")
    parser.add_argument("--compile", action="store_true", help="compile the denoiser first (a minute, then faster)")
    parser.add_argument("--seconds", type=float, help="stop after so long, instead of after the schedule's clips")
    parser.add_argument("--hold", action="store_true", help="keep the rates up to the end, to go on later")
    parser.add_argument("--report-every", type=float, default=30.0, help="seconds between two reports")
    parser.add_argument("--workers", type=int, default=0, help="processes that check the clips of a report")
    chosen = parser.parse_args(arguments)
    torch.set_num_threads(1)
    torch.backends.cuda.matmul.allow_tf32 = True
    budget = Budget(chosen.seconds, not chosen.hold, chosen.report_every)
    with ProcessPoolExecutor(max(1, chosen.workers), mp_context=get_context("fork")) as executor:
        executor.submit(int).result()  # so that the workers are there before CUDA is
        for name in chosen.only or SCHEDULES:
            run = VideoRun(name, SCHEDULES[name], chosen.work, chosen.device, executor if chosen.workers else None)
            if chosen.compile:
                run.compile()
            run.train(budget)


if __name__ == "__main__":
    main()
