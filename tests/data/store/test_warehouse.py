"""Claims about the warehouse: one owner, each sealed run once and whole, means and standings."""

import datetime as dt
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest

import data
from data.errors import HalflifeError, HomeError, InputFileError, StoreBusyError
from data.home import Home
from data.runs import RunFolder
from data.serialization import canonical
from data.store.database import writing
from data.store.export import export
from data.store.patience import Patience
from data.store.rebuild import rebuild
from data.store.sealing import seal
from data.store.snapshot import current
from data.store.warehouse import STANDINGS, Warehouse
from data.vocabulary import Charge, Price, RemoteSource

ROOT = Path(data.__file__).parent.parent
SECOND = dt.date(2026, 3, 2)

HOLD = """
import sys
from pathlib import Path
from data.home import Home
from data.store.warehouse import Warehouse
with Warehouse.own(Home(Path(sys.argv[1]))):
    print("owned", flush=True)
    sys.stdin.read()
"""
FILL = """
import resource, sys
from pathlib import Path
from data.errors import HomeError
from data.home import Home
from data.store.warehouse import Warehouse
home = Home(Path(sys.argv[1]))
with Warehouse.own(home) as warehouse:
    size = warehouse.path.stat().st_size
    resource.setrlimit(resource.RLIMIT_FSIZE, (size + 4096, size + 4096))
    try:
        warehouse.ingest_all()
        warehouse.publish()
    except HomeError as error:
        print(error)
"""


BEGIN = """
import resource, sys
from pathlib import Path
from data.errors import HomeError
from data.home import Home
from data.store.warehouse import Warehouse
resource.setrlimit(resource.RLIMIT_FSIZE, (6000, 6000))
try:
    Warehouse.own(Home(Path(sys.argv[1])))
except HomeError as error:
    print(error)
"""


class Count:
    """Counts what progress is reported."""

    def __init__(self) -> None:
        self.output: list[Any] = []

    def begin(self, name: str, total: int) -> None:
        self.output.append((name, total))

    def advance(self, steps: int = 1) -> None:
        self.output.append(steps)

    def end(self) -> None:
        self.output.append("end")


def rows(warehouse: Warehouse, query: str) -> list[tuple[Any, ...]]:
    with warehouse.cursor() as cursor:
        return cursor.execute(query).fetchall()


def test_a_sealed_run_is_brought_in_once(observatory: Any) -> None:
    run = observatory.sealed(observatory.plan())
    with Warehouse.own(observatory.home) as warehouse:
        assert warehouse.ingest(run)
        assert not warehouse.ingest(run)
        assert warehouse.ingest_all() == 0
        assert rows(warehouse, "SELECT count(*) FROM samples") == [(6,)]
        assert rows(warehouse, "SELECT count(*), sum(value) FROM scores") == [(6, 4.5)]
        assert rows(warehouse, "SELECT run_id, attempt FROM ingested") == [(run.run_id, 1)]


def test_nothing_of_a_run_without_a_commit_is_in(observatory: Any) -> None:
    run = observatory.filled(observatory.plan())
    with Warehouse.own(observatory.home) as warehouse:
        assert not warehouse.ingest(run)
        assert rows(warehouse, "SELECT count(*) FROM samples") == [(0,)]
        assert rows(warehouse, "SELECT count(*) FROM runs") == [(0,)]


def test_what_is_written_is_what_was_sampled(observatory: Any) -> None:
    observatory.sealed(observatory.plan(prompts=1, seeds=(7,)))
    with Warehouse.own(observatory.home) as warehouse:
        warehouse.ingest_all()
        with warehouse.cursor() as cursor:
            sample = cursor.execute("SELECT * FROM latest_samples").df().iloc[0]
            model = cursor.execute("SELECT * FROM models").df().iloc[0]
            metric = cursor.execute("SELECT * FROM metrics").fetchall()
            prompt = cursor.execute("SELECT tags, expectation FROM prompts").fetchall()
    assert (sample.seed, sample.seconds, list(sample.step_seconds)) == (7, 0.5, [0.1, 0.2])
    assert (str(sample.started_at), sample.provider_timings) == ("2026-03-01 12:00:00", '{"queue":0.25}')
    assert (model.location, model.steps, model.guidance, str(model.released.date())) == ("local", 8, 2.5, "2026-01-05")
    assert metric == [
        ("shapes_correct", "Entirely right", "shapes_check", "share", True, 0.0, 1.0, "quality", False, None)
    ]
    assert prompt == [(["colour", "count"], '{"things":[{"colour":"red","shape":"circle"}]}')]


@pytest.mark.parametrize(
    ("charge", "listed"),
    [
        (Charge(unit="image", usd=0.04), ("image", 0.04, "2026-01-02")),
        (Charge(unit="megapixel", usd=0.03, round_up=1.0), ("image", 0.03, "2026-01-02")),
        (Charge(unit="output-token", usd=3e-5), (None, None, None)),
        (Charge(unit="gpu-second", usd=0.001), (None, None, None)),
    ],
)
def test_a_list_price_is_one_that_the_settings_settle(observatory: Any, charge: Charge, listed: Any) -> None:
    price = Price(charges=(charge,), as_of=dt.date(2026, 1, 2), source="a page")
    source = RemoteSource(adapter="openai_images", base_url="http://127.0.0.1:9/v1", model="m")
    run = observatory.sealed(observatory.plan(models=[observatory.model(price=price, source=source)]))
    with Warehouse.own(observatory.home) as warehouse:
        warehouse.ingest_all()
        query = "SELECT price_unit, price_usd, CAST(price_as_of AS VARCHAR) FROM models"
        assert rows(warehouse, query) == [listed]
    assert run.plan.models[0].price == price


def test_a_run_that_is_sealed_again_replaces_itself(observatory: Any) -> None:
    run = observatory.sealed(observatory.plan())
    with Warehouse.own(observatory.home) as warehouse:
        warehouse.ingest_all()
        with run.journal("scores") as journal:
            journal.append_many(
                "score", [observatory.score(sample, 0.25, version="2") for sample in run.samples().values()]
            )
        seal(run)
        assert warehouse.ingest_all() == 1
        assert rows(warehouse, "SELECT version, count(*) FROM scores GROUP BY ALL ORDER BY ALL") == [("1", 6), ("2", 6)]
        assert rows(warehouse, "SELECT count(*) FROM samples") == [(6,)]
        assert rows(warehouse, "SELECT attempt FROM ingested") == [(2,)]


@pytest.mark.parametrize("name", ["samples.parquet", "scores.parquet", "loads.parquet", "plan.json"])
def test_a_file_that_differs_from_its_commit_is_refused_and_the_rest_goes_on(observatory: Any, name: str) -> None:
    bad = observatory.sealed(observatory.plan())
    observatory.sealed(observatory.plan("20260302-shapes-0b", day=SECOND))
    content = bytearray((bad.path / name).read_bytes())
    content[len(content) // 2] ^= 1
    (bad.path / name).write_bytes(content)
    with Warehouse.own(observatory.home) as warehouse:
        assert warehouse.ingest_all() == 1
        assert [
            str(error) for error in warehouse.refused if re.search(r"Expected sha256 \w{12}… as COMMIT", str(error))
        ]
        assert name in str(warehouse.refused[0])
        assert rows(warehouse, "SELECT run_id FROM runs") == [("20260302-shapes-0b",)]
        with pytest.raises(
            InputFileError, match=r"delete its COMMIT\.json and run it again: its journals are sealed again"
        ):
            warehouse.ingest(bad)


def test_a_sealed_file_that_is_gone_is_refused_by_name(observatory: Any) -> None:
    run = observatory.sealed(observatory.plan())
    (run.path / "scores.parquet").unlink()
    with Warehouse.own(observatory.home) as warehouse:
        assert warehouse.ingest_all() == 0
        assert "scores.parquet: Expected a sealed file, got: No such file" in str(warehouse.refused[0])


def test_a_commit_of_another_run_or_of_no_scores_is_refused(observatory: Any) -> None:
    run = observatory.sealed(observatory.plan())
    commit = run.commit()
    place = run.path / "COMMIT.json"
    with Warehouse.own(observatory.home) as warehouse:
        place.write_bytes(canonical(replace(commit, run_id="other")))
        with pytest.raises(
            InputFileError, match="Expected the commit of run '20260301-shapes-0a', got that of 'other'"
        ):
            warehouse.ingest(run)
        place.write_bytes(canonical(replace(commit, files={"samples": commit.files["samples"]})))
        with pytest.raises(InputFileError, match="Expected it to name the sealed loads, scores, got none"):
            warehouse.ingest(run)


def test_samples_of_a_model_that_the_plan_does_not_know_undo_the_whole_run(observatory: Any) -> None:
    plan = observatory.plan()
    run = observatory.filled(plan)
    with run.journal("later") as journal:
        first = next(iter(run.samples().values()))
        journal.append("sample", replace(first, model="stranger", started_at=first.started_at - dt.timedelta(1)))
    seal(run)
    with Warehouse.own(observatory.home) as warehouse:
        with pytest.raises(InputFileError, match="Expected 6 samples of run '20260301-shapes-0a', got 5"):
            warehouse.ingest(run)
        assert rows(warehouse, "SELECT count(*) FROM runs") == [(0,)]


def test_a_second_owner_is_told_the_first_ones_process(observatory: Any) -> None:
    command = [sys.executable, "-c", HOLD, str(observatory.home.path)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as owner:
        assert owner.stdout is not None
        assert owner.stdout.readline() == "owned\n"
        with pytest.raises(StoreBusyError, match=f"is owned by process {owner.pid}. Wait until it ends") as busy:
            Warehouse.own(observatory.home, Patience(seconds=0))
        assert busy.value.pid == owner.pid
        owner.kill()
    Warehouse.own(observatory.home).close()


def test_a_stranger_who_holds_the_file_is_told_too(observatory: Any) -> None:
    Warehouse.own(observatory.home).close()
    hold = "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print('held', flush=True); sys.stdin.read()"
    command = [sys.executable, "-c", hold, str(observatory.home.store / "warehouse.duckdb")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as owner:
        assert owner.stdout is not None
        assert owner.stdout.readline() == "held\n"
        with pytest.raises(StoreBusyError, match=f"is owned by process {owner.pid}"):
            Warehouse.own(observatory.home, Patience(seconds=0))
        owner.kill()


def test_a_file_that_is_no_warehouse_is_refused_with_what_to_do(observatory: Any) -> None:
    (observatory.home.store / "warehouse.duckdb").write_bytes(b"garbage" * 1000)
    with pytest.raises(HomeError, match=r"Expected a database of ours in .* Run `halflife rebuild`"):
        Warehouse.own(observatory.home)
    with pytest.raises(HomeError, match="Expected a database of ours"):
        Warehouse.own(observatory.home)


def test_a_full_disk_is_told_and_leaves_what_is_committed(observatory: Any) -> None:
    observatory.sealed(observatory.plan())
    with Warehouse.own(observatory.home) as warehouse:
        warehouse.ingest_all()
        assert warehouse.publish() == 1
    observatory.sealed(observatory.plan("20260302-shapes-0b", prompts=200, day=SECOND))
    command = [sys.executable, "-c", FILL, str(observatory.home.path)]
    output = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    assert re.match(r"Expected to write .*, got: .*File too large.* what was committed before is unharmed\.", output)
    with Warehouse.own(observatory.home) as warehouse:
        assert rows(warehouse, "SELECT count(*) FROM samples WHERE run_id = '20260301-shapes-0a'") == [(6,)]
        warehouse.ingest_all()
        assert rows(warehouse, "SELECT count(*) FROM samples") == [(406,)]
        assert warehouse.publish() == 2


def test_a_warehouse_that_could_not_be_begun_leaves_none_behind(observatory: Any) -> None:
    command = [sys.executable, "-c", BEGIN, str(observatory.home.path)]
    output = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    assert re.match(r"Expected to write .*, got: .*File too large", output)
    Warehouse.own(observatory.home).close()


def test_prompt_means_are_over_seeds_of_the_latest_run_and_daily_ones_of_every_day(observatory: Any) -> None:
    observatory.sealed(observatory.plan(prompts=1))
    observatory.sealed(observatory.plan("20260302-shapes-0b", prompts=1, day=SECOND), value=lambda request: 0.25)
    with Warehouse.own(observatory.home) as warehouse:
        warehouse.ingest_all()
        warehouse.refresh_means()
        assert rows(warehouse, "SELECT day, mean, n_seeds FROM prompt_means") == [(SECOND, 0.25, 2)]
        daily = rows(warehouse, "SELECT day, mean, n_seeds FROM daily_prompt_means ORDER BY day")
        assert daily == [(dt.date(2026, 3, 1), 0.75, 2), (SECOND, 0.25, 2)]


def test_a_score_without_a_value_is_not_averaged(observatory: Any) -> None:
    observatory.sealed(observatory.plan(prompts=1), value=lambda request: 0.5 if request.seed == 1 else None)
    with Warehouse.own(observatory.home) as warehouse:
        warehouse.ingest_all()
        warehouse.refresh_means()
        assert rows(warehouse, "SELECT mean, n_seeds FROM prompt_means") == [(0.5, 1)]
        assert rows(warehouse, "SELECT reason FROM latest_scores WHERE value IS NULL") == [("no expectation",)]


def test_a_replayed_season_gives_samples_the_day_their_model_came_out(observatory: Any) -> None:
    models = [observatory.model("old"), observatory.model("new", released=dt.date(2026, 4, 9))]
    observatory.sealed(observatory.plan(models=models, prompts=1, calendar="replayed"))
    observatory.sealed(observatory.plan("20260301-shapes-live", models=models, prompts=1))
    with Warehouse.own(observatory.home) as warehouse:
        warehouse.ingest_all()
        days = rows(warehouse, "SELECT DISTINCT calendar, model, day FROM latest_samples ORDER BY ALL")
    first = dt.date(2026, 3, 1)
    assert days == [
        ("live", "new", first),
        ("live", "old", first),
        ("replayed", "new", dt.date(2026, 4, 9)),
        ("replayed", "old", first),
    ]


def test_of_two_runs_of_one_day_the_one_committed_last_counts(observatory: Any) -> None:
    later = dt.datetime(2026, 3, 1, 18, tzinfo=dt.UTC)
    for name, at in (("20260301-shapes-0a", later), ("20260301-shapes-0b", later - dt.timedelta(hours=1))):
        seal(observatory.filled(observatory.plan(name, prompts=1)), at=at)
    with Warehouse.own(observatory.home) as warehouse:
        warehouse.ingest_all()
        assert rows(warehouse, "SELECT DISTINCT run_id FROM latest_samples") == [("20260301-shapes-0a",)]


def standing(**changes: Any) -> dict[str, Any]:
    row: dict[str, Any] = dict.fromkeys(STANDINGS, 1) | dict.fromkeys(STANDINGS[:9], "x")
    return row | {"calendar": "live", "suite_digest": "d", "day": SECOND, "low": None, "estimate": 0.5} | changes


def test_standings_of_one_suite_are_replaced_whole(observatory: Any) -> None:
    with Warehouse.own(observatory.home) as warehouse:
        warehouse.replace_standings("live", "d", pd.DataFrame([standing(), standing(model="y")]))
        warehouse.replace_standings("live", "e", pd.DataFrame([standing(suite_digest="e")]))
        warehouse.replace_standings("live", "d", pd.DataFrame([standing(model="z", rank=float("nan"))]))
        standings = rows(warehouse, "SELECT suite_digest, model, low, rank, day FROM standings ORDER BY ALL")
        assert standings == [("d", "z", None, None, SECOND), ("e", "x", None, 1, SECOND)]
        warehouse.replace_standings("live", "d", pd.DataFrame(columns=list(STANDINGS)))
        assert rows(warehouse, "SELECT suite_digest FROM standings") == [("e",)]


def test_standings_of_another_suite_or_without_a_column_are_refused(observatory: Any) -> None:
    with Warehouse.own(observatory.home) as warehouse:
        with pytest.raises(ValueError, match="Expected standings of d on the live calendar only"):
            warehouse.replace_standings("live", "d", pd.DataFrame([standing(suite_digest="e")]))
        with pytest.raises(ValueError, match="Expected the columns of standings, got none named k"):
            warehouse.replace_standings("live", "d", pd.DataFrame([standing()]).drop(columns="k"))


def test_text_of_strangers_is_kept_as_it_is(observatory: Any) -> None:
    hostile = "<script>alert(1)</script>'; DROP TABLE samples; -- \x00 \u202e ☃"
    plan = observatory.plan(prompts=1, seeds=(1,))
    run = RunFolder.create(observatory.home, plan)
    with run.journal("worker") as journal:
        journal.append("sample", observatory.sample(plan, plan.requests[0], revised_prompt=hostile))
    seal(run)
    with Warehouse.own(observatory.home) as warehouse:
        warehouse.ingest_all()
        assert rows(warehouse, "SELECT revised_prompt FROM samples") == [(hostile,)]


def test_progress_tells_every_run(observatory: Any) -> None:
    observatory.sealed(observatory.plan())
    observatory.filled(observatory.plan("20260302-shapes-0b", day=SECOND))
    count = Count()
    with Warehouse.own(observatory.home) as warehouse:
        warehouse.ingest_all(count)
    assert count.output == [("Reading sealed runs", 2), 1, 1, "end"]


def test_no_table_has_a_key_or_an_index(observatory: Any) -> None:
    with Warehouse.own(observatory.home) as warehouse:
        assert rows(warehouse, "SELECT index_name FROM duckdb_indexes()") == []
        kinds = {kind for (kind,) in rows(warehouse, "SELECT constraint_type FROM duckdb_constraints()")}
    assert kinds == {"NOT NULL"}


def test_no_extension_is_ever_fetched(observatory: Any) -> None:
    with Warehouse.own(observatory.home) as warehouse:
        assert rows(warehouse, "SELECT current_setting('autoinstall_known_extensions')") == [(False,)]
        with pytest.raises(duckdb.Error, match="httpfs"):
            rows(warehouse, "SELECT * FROM read_parquet('https://127.0.0.1:9/x.parquet')")


def test_a_warehouse_of_a_newer_version_is_refused(observatory: Any) -> None:
    with Warehouse.own(observatory.home) as warehouse:
        rows(warehouse, "INSERT INTO schema_migrations VALUES (999, '999_future')")
    with pytest.raises(HalflifeError, match=r"in a shape up to \d{3}, got 999: a newer version made it"):
        Warehouse.own(observatory.home)


def test_what_was_loaded_and_not_published_is_published_by_the_next_process(observatory: Any) -> None:
    observatory.sealed(observatory.plan())
    with Warehouse.own(observatory.home) as warehouse:
        warehouse.load_recorded()
        assert warehouse.publish_changes() == 1
    observatory.sealed(observatory.plan("20260302-shapes-02", day=observatory.plan().day.replace(day=2)))
    with Warehouse.own(observatory.home) as warehouse:
        assert warehouse.load_recorded() == 1
    with Warehouse.own(observatory.home) as warehouse:
        assert warehouse.load_recorded() == 0
        assert warehouse.publish_changes() == 2
        (observatory.home.published / ".CURRENT.0123.tmp").touch()
        assert warehouse.publish_changes() == 2
    assert sorted(path.name for path in observatory.home.published.iterdir()) == [
        *("CURRENT", "board-1.duckdb", "board-2.duckdb")
    ]


def test_a_snapshot_that_cannot_be_read_is_published_again(observatory: Any) -> None:
    with Warehouse.own(observatory.home) as warehouse:
        warehouse.load_recorded()
        warehouse.publish_changes()
        seen = current(observatory.home)
        assert seen is not None
        seen.path.write_bytes(seen.path.read_bytes()[:5_000])
        assert warehouse.publish_changes() == 2


def test_an_empty_file_left_by_a_killed_creation_is_made_a_warehouse(observatory: Any) -> None:
    observatory.sealed(observatory.plan())
    for name in ("warehouse.duckdb", ".warehouse.duckdb.0123.tmp", ".warehouse.duckdb.0123.tmp.wal"):
        (observatory.home.store / name).touch()
    with Warehouse.own(observatory.home) as warehouse:
        assert warehouse.load_recorded() == 1
        assert {path.name for path in observatory.home.store.iterdir()} <= {
            *("owner.lock", "warehouse.duckdb", "warehouse.duckdb.wal")
        }


def test_a_warehouse_damaged_anywhere_is_said_with_the_command_that_mends_it(observatory: Any) -> None:
    observatory.sealed(observatory.plan())
    with Warehouse.own(observatory.home) as warehouse:
        warehouse.load_recorded()
        warehouse.publish_changes()
    path = observatory.home.store / "warehouse.duckdb"
    whole, found = path.read_bytes(), list[str]()
    for at in range(4_096, len(whole), len(whole) // 6):
        path.write_bytes(whole[:at] + bytes(255 - byte for byte in whole[at : at + 64]) + whole[at + 64 :])
        found += _complaints(observatory)
        assert rebuild(observatory.home).runs == 1
        with Warehouse.own(observatory.home) as warehouse:
            assert rows(warehouse, "SELECT count(*) FROM runs") == [(1,)]
    assert found
    assert all("Run `halflife rebuild`" in complaint for complaint in found)


def _complaints(observatory: Any) -> list[str]:
    """Read everything in the warehouse and return what is said of it."""
    try:
        with Warehouse.own(observatory.home) as warehouse:
            warehouse.ingest_ratings()
            warehouse.refresh_means()
            with writing(warehouse.path), warehouse.cursor() as cursor:
                for table in ("samples", "scores", "runs", "prompts", "prompt_means"):
                    cursor.table(table).fetchall()
    except HomeError as error:
        return [str(error)]
    return []


@pytest.mark.parametrize("name", ["st*r", "[set]", "quo'te\"", "50%", "{a,b}", "~", "ä ö", "a#b;c"])
def test_an_observatory_may_have_any_name(name: str, observatory: Any, tmp_path: Path) -> None:
    observatory.sealed(observatory.plan())
    home = Home(observatory.home.path.rename(tmp_path / name))
    with Warehouse.own(home) as warehouse:
        assert (warehouse.load_recorded(), warehouse.refused) == (1, ())
        assert warehouse.publish_changes() == 1
    for form in ("csv", "parquet"):
        assert all(file.stat().st_size for file in export(home, tmp_path / f"{name} {form}", form))
    assert rebuild(home).runs == 1


@pytest.mark.parametrize("name", ["what?", "back\\slash"])
def test_a_directory_that_the_database_cannot_open_is_refused_before_anything_is_made(
    name: str, observatory: Any, tmp_path: Path
) -> None:
    with pytest.raises(HomeError, match="Expected a directory whose path holds neither"):
        Home(tmp_path / name)
    with Warehouse.own(observatory.home) as warehouse:
        warehouse.publish()
    with pytest.raises(HomeError, match="Expected a directory whose path holds neither"):
        export(observatory.home, tmp_path / name)
    assert not (tmp_path / name).exists()
