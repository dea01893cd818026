"""Measure the committed video weights: `python -m data.embedded.training.evaluate_video [--only ID]`.

Writes `video_figures.json` and renders `MOTION_CARD.md` from it; with `--sheets` a contact sheet (PNG) each too.
"""

import argparse
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import torch
from PIL import Image

from data.embedded.motion.contenders import VIDEO_CONTENDERS, VIDEO_FOLDERS, VideoContender
from data.embedded.motion.weights import load_moving_pipeline
from data.embedded.training.video_card import render
from data.embedded.training.video_measure import contact_sheet, measure
from data.embedded.training.video_run import CURVES
from data.embedded.weight_files import WEIGHTS

HOME: Final = Path(__file__).parents[1]
FIGURES: Final = HOME / "video_figures.json"
CARD: Final = HOME / "MOTION_CARD.md"


def main(arguments: list[str] | None = None) -> None:
    """Measure what is asked for, on one thread, and write the figures and the card."""
    names = [each.id for each in VIDEO_CONTENDERS]
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=names, action="append", help="measure this one only; may be repeated")
    parser.add_argument("--sheets", type=Path, help="write contact sheets into this folder")
    parser.add_argument("--render", action="store_true", help="only render the card from the figures")
    parser.add_argument("--singles", type=int, default=200, help="prompts of one thing")
    parser.add_argument("--stories", type=int, default=100, help="prompts of one thing that does two things")
    parser.add_argument("--pairs", type=int, default=200, help="prompts of two things")
    parser.add_argument("--device", default="cpu", help="where clips are made: cpu or cuda")
    chosen = parser.parse_args(arguments)
    torch.set_num_threads(1)
    figures: dict[str, Any] = json.loads(FIGURES.read_text(encoding="utf-8")) if FIGURES.exists() else {}
    trials = {"single": chosen.singles, "story": chosen.stories, "pair": chosen.pairs}
    for contender in [] if chosen.render else VIDEO_CONTENDERS:
        if chosen.only and contender.id not in chosen.only:
            continue
        measured = measure(contender, trials, chosen.device)  # type: ignore[arg-type]
        figures[contender.id] = {**asdict(measured), "training": _training(contender), "device": chosen.device}
        print(contender.id, json.dumps(figures[contender.id]), flush=True)
        FIGURES.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
        if chosen.sheets is not None:
            chosen.sheets.mkdir(parents=True, exist_ok=True)
            sheet = contact_sheet(load_moving_pipeline(contender.folder), contender)
            Image.fromarray(sheet).save(chosen.sheets / f"{contender.id}.png")
    ordered = {name: figures[name] for name in reversed(names) if name in figures}
    CARD.write_text(render(ordered, _bytes()), encoding="utf-8")


def _training(contender: VideoContender) -> dict[str, Any]:
    source = VIDEO_FOLDERS[contender.folder]
    rows = [json.loads(line) for line in (CURVES / f"{source.run}.jsonl").read_text(encoding="utf-8").splitlines()]
    row = next(row for row in rows if row["clips"] == source.clips)
    return {"run": source.run, "clips": row["clips"], "seconds": row["seconds"]}


def _bytes() -> int:
    return sum(path.stat().st_size for path in WEIGHTS.rglob("*") if path.is_file())


if __name__ == "__main__":
    main()
