"""Measure the committed weights: `python -m data.embedded.training.evaluate [--only ID] [--sheets FOLDER]`.

Writes `figures.json` and renders `MODEL_CARD.md` from it; with `--sheets` a contact sheet (PNG) a contender too.
"""

import argparse
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import torch
from PIL import Image

from data.embedded.contenders import CONTENDERS, FOLDERS, EmbeddedModel, contender
from data.embedded.training.card import render
from data.embedded.training.measure import SEED, contact_sheet, measure
from data.embedded.training.retrieval import first_among
from data.embedded.weight_files import WEIGHTS, load_clip, load_pipeline

FIGURES: Final = Path(__file__).parents[1] / "figures.json"
CARD: Final = Path(__file__).parents[1] / "MODEL_CARD.md"
CURVES: Final = Path(__file__).parents[1] / "curves"
CLIP_IMAGES: Final = 500


def main(arguments: list[str] | None = None) -> None:
    """Measure what is asked for, on one thread, and write the figures and the card."""
    names = [*(model.id for model in CONTENDERS), "clip"]
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=names, action="append", help="measure this one only; may be repeated")
    parser.add_argument("--sheets", type=Path, help="write contact sheets into this folder")
    parser.add_argument("--render", action="store_true", help="only render the card from the figures")
    chosen = parser.parse_args(arguments)
    torch.set_num_threads(1)
    figures: dict[str, Any] = json.loads(FIGURES.read_text(encoding="utf-8")) if FIGURES.exists() else {}
    for name in [] if chosen.render else chosen.only or names:
        figures[name] = _clip() if name == "clip" else _contender(name, chosen.sheets)
        print(name, json.dumps(figures[name]), flush=True)
        FIGURES.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    CARD.write_text(render(figures, _bytes()), encoding="utf-8")


def _contender(name: str, sheets: Path | None) -> dict[str, Any]:
    model = contender(name)
    measured = asdict(measure(model))
    if sheets is not None:
        sheets.mkdir(parents=True, exist_ok=True)
        Image.fromarray(contact_sheet(load_pipeline(model.folder), model)).save(sheets / f"{name}.png")
    return {**measured, "training": _training(model)}


def _training(model: EmbeddedModel) -> dict[str, Any]:
    source = FOLDERS[model.folder]
    rows = [json.loads(line) for line in (CURVES / f"{source.run}.jsonl").read_text(encoding="utf-8").splitlines()]
    row = next(row for row in rows if row["images"] == source.images)
    return {"run": source.run, "images": row["images"], "core_seconds": row["core_seconds"]}


def _clip() -> dict[str, Any]:
    clip = load_clip()
    rows = (CURVES / "clip.jsonl").read_text(encoding="utf-8").splitlines()
    last = json.loads(rows[-1])
    shares = {
        kind: first_among(clip.model, clip.tokenizer, n=CLIP_IMAGES, hard=kind == "hard", seed=SEED)
        for kind in ("random", "hard")
    }
    training = {"run": "clip", "images": last["images"], "core_seconds": last["core_seconds"]}
    return {"card": asdict(clip.card), "n": CLIP_IMAGES, "first_of_32": shares, "training": training}


def _bytes() -> int:
    return sum(path.stat().st_size for path in WEIGHTS.rglob("*") if path.is_file())


if __name__ == "__main__":
    main()
