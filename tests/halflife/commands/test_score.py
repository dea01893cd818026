"""`halflife score`: media that were made elsewhere stand beside the others, under their own provenance."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pandas as pd
import pytest
from PIL import Image, ImageDraw
from streamlit.testing.v1 import AppTest

import leaderboard
from data.errors import RoutingError
from data.home import Home
from data.runs import runs
from data.store.snapshot import current
from leaderboard.routing.decisions.load_evidence import evidence

Halflife = Callable[..., CompletedProcess[str]]

COLOURS = {"red": (220, 30, 30), "blue": (30, 30, 220), "green": (30, 180, 30), "yellow": (230, 220, 30)}
HEADER = {"halflife_suite": 1, "name": "small", "version": "1", "task": "text-to-image", "title": "Small"} | {
    "licence": "CC0-1.0",
    "source": "these tests",
    "primary_metric": "clip_score",
}
CATALOGUE = """
family = "f"
provider = "somebody"
licence = "none"

[[models]]
id = "far-painter"
title = "Far painter"
released = 2026-01-01
revision = "r1"
revision_pinned = true
settings = { width = 64, height = 64 }
price = { unit = "image", usd = 0.04, as_of = 2026-01-01, source = "these tests" }

[models.remote]
adapter = "openai_images"
base_url = "https://images.example/v1"
model = "far"
"""


def picture(colour: str, shift: int) -> Image.Image:
    image = Image.new("RGB", (64, 64), (20, 20, 20))
    ImageDraw.Draw(image).ellipse((14 + shift, 16, 46 + shift, 48), fill=COLOURS[colour])
    return image


def fill(folder: Path) -> None:
    """Two contenders: a folder with a damaged file and a link that leads out, and one for which all is known."""
    prompts = [
        {"id": f"{colour}-1", "text": f"a picture of a {colour} circle against a dark background", "category": "colour"}
        for colour in COLOURS
    ]
    (folder / "small.jsonl").write_text("\n".join(json.dumps(row) for row in [HEADER, *prompts]))
    (folder / "models.toml").write_text(CATALOGUE)
    (folder / "out" / "Painter").mkdir(parents=True)
    for shift, prompt in enumerate(prompts[:3]):
        picture(prompt["id"][:-2], shift).save(folder / "out" / "Painter" / f"{prompt['id']}_0.png")
    (folder / "out" / "Painter" / "yellow-1.png").write_bytes(b"\x89PNG\r\n\x1a\nbroken")
    (folder / "out" / "Painter" / "red-1_1.png").symlink_to("/etc/hostname")
    (folder / "out" / "notes.txt").write_text("notes")
    (folder / "far").mkdir()
    rows = ["file,prompt,model,seed,seconds,cost"]
    for shift, prompt in enumerate(prompts):
        picture(prompt["id"][:-2], 5 + shift).save(folder / "far" / f"{shift}.png")
        rows.append(f'{shift}.png,"{prompt["text"]}",far,0,{1.5 + shift},0.02')
    (folder / "far.csv").write_text("\n".join([*rows, "none.png,red-1,far,1,,", "../small.jsonl,blue-1,far,1,,"]))


@pytest.fixture(scope="module")
def scored(tmp_path_factory: pytest.TempPathFactory, halflife: Halflife) -> Any:
    """The folder of one `halflife score`, and what it printed."""
    folder = tmp_path_factory.mktemp("scored")
    fill(folder)
    return folder, score(halflife, folder)


def score(halflife: Halflife, folder: Path, *more: str, files: str = "out") -> CompletedProcess[str]:
    prompts = ("--prompts", str(folder / "small.jsonl"))
    return halflife(folder / "home", "score", str(folder / files), *prompts, *more)


def far(halflife: Halflife, folder: Path, *more: str) -> CompletedProcess[str]:
    return score(halflife, folder, "--manifest", str(folder / "far.csv"), *more, files="far")


@pytest.fixture
def copied(scored: Any, tmp_path: Path) -> Path:
    shutil.copytree(scored[0], tmp_path / "copy", symlinks=True)
    return tmp_path / "copy"


def frame(folder: Path, query: str) -> pd.DataFrame:
    snapshot = current(Home(folder / "home"))
    assert snapshot is not None
    with snapshot.connect() as connection:
        return connection.execute(query).df()


def test_what_fits_and_what_does_not_is_said(scored: Any) -> None:
    done = scored[1]
    assert done.returncode == 0, done.stderr
    assert "4 files fit 4 of 4 prompts of small; samples: painter.brought 4." in done.stdout
    assert "Left out Painter/red-1_1.png: Expected a file inside the folder, got a path that leads" in done.stdout
    assert "Left out notes.txt" in done.stdout
    assert "Brought, not made here: painter.brought (from out, " in done.stdout


def test_a_brought_contender_stands_without_seconds_or_price(scored: Any) -> None:
    (line,) = (line for line in scored[1].stdout.splitlines() if "1  painter.brought" in line)
    assert "–" in line
    assert line.split()[-1] == "unknown"
    samples = frame(scored[0], "SELECT status, seconds, cost_usd, width_asked, width FROM samples")
    assert samples[["seconds", "cost_usd", "width_asked"]].isna().all(axis=None)


def test_media_that_cannot_be_read_are_unsound(scored: Any) -> None:
    standing = frame(scored[0], "SELECT n_prompts, n_unsound FROM standings WHERE category = '*'").iloc[0]
    assert (standing["n_prompts"], standing["n_unsound"]) == (3, 1)
    assert "25.0" in scored[1].stdout


def test_the_size_of_what_was_brought_was_not_asked_for(scored: Any) -> None:
    sizes = frame(scored[0], "SELECT value, reason FROM scores WHERE metric = 'size_as_asked' AND value IS NULL")
    assert "It was not asked for." in set(sizes["reason"])


def test_the_same_command_again_adds_nothing(copied: Path, halflife: Halflife) -> None:
    def state() -> list[tuple[str, int]]:
        kept = [path for part in ("runs", "media") for path in (copied / "home" / part).rglob("*") if path.is_file()]
        return sorted((str(path), path.stat().st_size) for path in kept)

    before, generation = state(), current(Home(copied / "home")).generation  # type: ignore[union-attr]
    done = score(halflife, copied)
    assert done.returncode == 0, done.stderr
    assert "nothing made, 4 made before" in done.stdout
    assert state() == before
    assert current(Home(copied / "home")).generation == generation  # type: ignore[union-attr]


def test_a_rebuild_says_the_same(copied: Path, halflife: Halflife) -> None:
    query = "SELECT * EXCLUDE (day) FROM standings ORDER BY ALL"
    before = frame(copied, query)
    assert halflife(copied / "home", "rebuild").returncode == 0
    pd.testing.assert_frame_equal(frame(copied, query), before)
    assert set(frame(copied, "SELECT brought FROM runs")["brought"]) == {"out"}


def test_a_manifest_brings_seconds_and_cost_and_a_missing_file_is_a_failure(copied: Path, halflife: Halflife) -> None:
    done = far(halflife, copied)
    assert done.returncode == 0, done.stderr
    (line,) = (line for line in done.stdout.splitlines() if "far.brought" in line and "3.00" in line)
    assert line.split()[-1].startswith("20")
    failed = frame(
        copied, "SELECT reason FROM samples WHERE model = 'far.brought' AND status = 'failed' ORDER BY reason"
    )
    assert [reason.partition(": ")[2] for reason in failed["reason"]] == [
        "Expected a file of that name in the folder, got none.",
        "Expected a file inside the folder, got a path that leads out of it.",
    ]
    assert not (copied / "home" / "routing").joinpath("small.live").exists()


def test_media_without_a_deployment_are_never_routed(scored: Any) -> None:
    snapshot = current(Home(scored[0] / "home"))
    assert snapshot is not None
    with (
        snapshot.connect() as connection,
        pytest.raises(RoutingError, match="with a model that can be called, got none"),
    ):
        evidence(connection, suite="small", calendar="live")


@pytest.mark.parametrize("view", ["trade_off", "gallery", "routes", "lifecycle"])
def test_every_page_shows_a_board_of_brought_media_alone(
    scored: Any, view: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HALFLIFE_HOME", str(scored[0] / "home"))
    app = Path(leaderboard.__file__).parent / "board" / "app.py"
    page = AppTest.from_file(str(app), default_timeout=120).run()
    assert any("Brought, not made here" in caption.value for caption in page.caption)
    assert not page.exception
    assert not page.switch_page(str(app.parent / "views" / f"{view}.py")).run().exception


def test_media_that_name_a_deployment_are_routed_to_it(copied: Path, halflife: Halflife) -> None:
    catalogue = ("--catalogue", str(copied / "models.toml"))
    done = far(halflife, copied, "--deployment", "far-painter", *catalogue)
    assert done.returncode == 0, done.stderr
    path = copied / "home" / "routing" / "small.live" / "current.json"
    table = json.loads(path.read_text())
    assert set(table["deployments"]) == {"far.brought"}
    assert table["deployments"]["far.brought"]["endpoint"]["base_url"] == "https://images.example/v1"
    assert halflife(copied / "home", "routes", "lint").returncode == 0
    assert "byte for byte" in halflife(copied / "home", "routes", "explain", "image.overall.hero").stdout


def test_an_interrupted_score_goes_on(copied: Path, halflife: Halflife) -> None:
    """As after a kill: the first lines of the journal are there, the seal is not."""
    (run,) = runs(Home(copied / "home"))
    (run.path / "COMMIT.json").unlink()
    (journal,) = run.path.glob("journal/worker-*.jsonl")
    journal.write_bytes(b"".join(journal.read_bytes().splitlines(keepends=True)[:2]))
    for scores in run.path.glob("journal/scores-*.jsonl"):
        scores.unlink()
    done = score(halflife, copied)
    assert done.returncode == 0, done.stderr
    assert "2 ok, 2 made before" in done.stdout
    assert len(run.samples()) == 4


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--model", "m", "--prompts", "shapes"), "Expected files in .* that fit a prompt of 'shapes', got none"),
        (("--deployment", "x"), "Give --model"),
        (("--day", "2999-01-01"), "Expected a day up to"),
    ],
)
def test_what_cannot_be_scored_is_a_sentence(
    copied: Path, halflife: Halflife, arguments: tuple[str, ...], said: str
) -> None:
    done = score(halflife, copied, *arguments)
    assert done.returncode == 2
    assert pd.Series([done.stderr]).str.contains(said).all()


def test_a_rate_is_listed_with_its_exact_interval(scored: Any, halflife: Halflife) -> None:
    done = halflife(scored[0] / "home", "standings", "--metric", "integrity_ok")
    (line,) = (line for line in done.stdout.splitlines() if "painter.brought" in line)
    assert "75.0" in line
    assert "19.4–99.4" in line
    assert "3 of 4" in line
    wrong = halflife(scored[0] / "home", "standings", "--metric", "integrity")
    assert wrong.returncode == 2
    assert "Did you mean 'integrity_ok'?" in wrong.stderr


def test_the_terminal_says_paired_differences_and_both_detectable_ones(copied: Path, halflife: Halflife) -> None:
    assert far(halflife, copied).returncode == 0
    home = copied / "home"
    done = halflife(home, "standings")
    (pair,) = (line for line in done.stdout.splitlines() if "far.brought − painter.brought" in line)
    assert "no clear difference" in pair or "is better" in pair
    assert "p (Holm)" in done.stdout
    assert "Minimum detectable difference at 80 % power" in done.stdout
    assert "p (Holm)" not in halflife(home, "standings", "--pairs", "0").stdout


def test_the_export_has_where_they_come_from(copied: Path, halflife: Halflife) -> None:
    assert far(halflife, copied).returncode == 0
    assert halflife(copied / "home", "export", "--out", str(copied / "export")).returncode == 0
    frames = {path.stem: pd.read_parquet(path) for path in (copied / "export").glob("*.parquet")}
    assert set(frames["runs"]["brought"]) == {"out", "far"}
    pair = frames["differences"].query("category == '*' and metric == 'clip_score'").iloc[0]
    assert (pair["model_a"], pair["model_b"], pair["n_prompts"]) == ("far.brought", "painter.brought", 3)
    assert 0 <= pair["p_holm"] <= 1
    effect = frames["detectable_differences"].query("category == '*' and metric == 'clip_score'").iloc[0]
    assert effect["any_pair"] >= effect["planned_pair"] > 0
    unsound = frames["rates"].query("rate == 'unsound' and category == '*'").set_index("model")
    assert unsound.loc["painter.brought", ["hits", "attempts"]].tolist() == [1, 4]
    assert unsound.loc["painter.brought", "low"] == pytest.approx(0.00631, abs=1e-4)
