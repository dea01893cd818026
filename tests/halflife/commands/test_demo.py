"""The demo, as a newcomer runs it: everything is there at its end, a second run finds it done, a rebuild equals it."""

import datetime as dt
import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from data.architectures.library import MODELS
from data.home import Home
from data.measurements import load_measurements
from data.store.snapshot import current
from leaderboard.routing.table.lint import lint
from leaderboard.routing.table.model import RoutingTable

Halflife = Callable[..., subprocess.CompletedProcess[str]]
pytestmark = pytest.mark.timeout(1200)
PICTURES = "shapes.first-3"


def rows(home: Path, sql: str, *values: object) -> list[tuple[Any, ...]]:
    """Ask the newest snapshot."""
    snapshot = current(Home(home))
    assert snapshot is not None
    with snapshot.connect() as connection:
        return connection.execute(sql, list(values)).fetchall()


def test_the_demo_prints_the_leaderboard_the_routes_and_how_to_open_the_board(demo_home: Path) -> None:
    printed = (demo_home.parent / "demo.txt").read_text()
    for model, route in (("shapes-grand", "image.overall.hero"), ("moving-grand", "video.overall.hero")):
        assert model in printed
        assert route in printed
    assert "halflife board" in printed
    assert "replayed calendar" in printed


def test_the_demo_counts_and_measures_every_contender(demo_home: Path) -> None:
    printed = (demo_home.parent / "demo.txt").read_text()
    assert "FLOPs counted exactly, seconds measured on this machine" in printed
    measured = {measurement.setup.model: measurement for measurement in load_measurements(Home(demo_home))}
    assert set(measured) == {path.stem for kind in ("shapes", "moving") for path in MODELS.glob(f"{kind}-*.toml")}
    assert all(
        measurement.status == "ok" and measurement.work.executed == measurement.work.nominal
        for measurement in measured.values()
    )


def test_every_planned_sample_is_in_the_snapshot_and_none_failed(demo_home: Path) -> None:
    plans = [json.loads(path.read_text())["requests"] for path in (demo_home / "runs").rglob("plan.json")]
    statuses = dict(rows(demo_home, "SELECT status, count(*) FROM samples GROUP BY ALL"))
    assert len(plans) == 2
    assert statuses == {"ok": sum(map(len, plans))}


def test_standings_are_there_for_each_of_ninety_nights_and_the_hero_leads_the_last(demo_home: Path) -> None:
    nights = rows(demo_home, "SELECT count(DISTINCT day), min(day), max(day) FROM standings GROUP BY suite_digest")
    assert nights == [(90, dt.date(2026, 8, 1), dt.date(2026, 10, 29))] * 2
    last = (
        "SELECT model FROM standings WHERE metric = 'shapes_correct' AND category = '*' AND rank_best = 1 AND day = ?"
    )
    assert ("shapes-grand",) in rows(demo_home, last, dt.date(2026, 10, 29))


def test_the_table_routes_a_hero_and_a_cheaper_workhorse_of_a_replayed_calendar(
    demo_home: Path,
) -> None:
    table = json.loads(current_table(demo_home, "shapes").read_text())
    assert lint(RoutingTable.model_validate(table)) == []
    assert table["evidence"]["window"]["calendar"] == "replayed"
    overall = next(route for route in table["routes"] if route["category"] == "overall")
    hero, workhorse = (overall["tiers"][tier]["candidates"][0]["deployment"] for tier in ("hero", "workhorse"))
    price = {name: deployment["price"]["usd"] for name, deployment in table["deployments"].items()}
    assert price[workhorse] <= price[hero]


def current_table(home: Path, suite: str) -> Path:
    """Return the file of the one table of a suite, whole or narrowed."""
    (path,) = (home / "routing").glob(f"{suite}.*/current.json")
    return path


def test_pictures_and_clips_have_a_table_each_and_both_are_shown(demo_home: Path, halflife: Halflife) -> None:
    done = halflife(demo_home, "routes", "show")
    assert done.returncode == 0, done.stderr
    for suite, alias in (("shapes", "image.overall.hero"), ("moving-shapes", "video.overall.hero")):
        table = json.loads(current_table(demo_home, suite).read_text())
        assert f"Routing table {table['table_id']}, serial 1" in done.stdout
        assert alias in done.stdout
        assert alias in {tier["alias"] for route in table["routes"] for tier in route["tiers"].values()}
        explained = halflife(demo_home, "routes", "explain", alias, "--json")
        assert json.loads(explained.stdout)["same_bytes"], explained.stderr


def test_standings_prints_one_category_on_another_metric(demo_home: Path, halflife: Halflife) -> None:
    done = halflife(demo_home, "standings", "--suite", PICTURES, "--category", "single", "--metric", "clip_score")
    assert done.returncode == 0, done.stderr
    assert "CLIP score" in done.stdout
    assert "shapes-grand" in done.stdout


def test_an_unknown_metric_is_answered_with_the_nearest(demo_home: Path, halflife: Halflife) -> None:
    done = halflife(demo_home, "standings", "--suite", PICTURES, "--metric", "clip_scor")
    assert done.returncode == 2
    assert "Unknown metric 'clip_scor'. Did you mean 'clip_score'?" in done.stderr


def test_a_second_demo_finds_everything_done(demo_home: Path, halflife: Halflife) -> None:
    before = current_table(demo_home, "shapes").read_bytes()
    done = halflife(demo_home, "demo", "--prompts", "3")
    assert done.returncode == 0, done.stderr
    assert "committed already" in done.stdout
    assert current_table(demo_home, "shapes").read_bytes() == before


def test_a_rebuilt_store_shows_the_same_standings(demo_home: Path, halflife: Halflife) -> None:
    everything = "SELECT * FROM standings ORDER BY ALL"
    before = rows(demo_home, everything)
    done = halflife(demo_home, "rebuild")
    assert done.returncode == 0, done.stderr
    assert rows(demo_home, everything) == before


def test_an_export_is_readable_with_pandas(demo_home: Path, tmp_path: Path, halflife: Halflife) -> None:
    import pandas as pd

    assert halflife(demo_home, "export", "--out", str(tmp_path / "out")).returncode == 0
    frame = pd.read_parquet(tmp_path / "out" / "samples.parquet")
    assert len(frame) == rows(demo_home, "SELECT count(*) FROM samples")[0][0]
