"""`halflife routes publish --policy | explain | simulate | curate`, as a user types them."""

import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from data.home import Home
from halflife.cli import main
from halflife.workflows.publish import publish_routes
from leaderboard.routing.serving.publish import publish as publish_table
from leaderboard.routing.table.model import RoutingTable
from tests.leaderboard.routing.lasting import clips


class Done(NamedTuple):
    """How a command ended."""

    returncode: int
    stdout: str
    stderr: str


Halflife = Callable[..., Done]


@pytest.fixture
def home(sealed_season: Path, tmp_path: Path) -> Path:
    """A copy of the made season that a test may publish into."""
    return Path(shutil.copytree(sealed_season, tmp_path / "observatory"))


@pytest.fixture
def halflife(home: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Halflife:
    """Runs the command line's `main` in this process, which spares its imports each time."""
    monkeypatch.setenv("HALFLIFE_HOME", str(home))
    monkeypatch.setenv("COLUMNS", "150")

    def run(*arguments: str) -> Done:
        monkeypatch.setattr(sys, "argv", ["halflife", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        printed = capfd.readouterr()
        return Done(int(ended.value.code or 0), printed.out, printed.err)

    return run


def publish(halflife: Halflife, *arguments: str) -> Done:
    return halflife("routes", "publish", "--suite", "shapes", "--calendar", "replayed", *arguments)


def test_the_homes_policy_decides_and_the_table_is_derived_from_its_runs(halflife: Halflife, home: Path) -> None:
    (home / "routing.toml").write_text("k = 2\n[tiers.hero]\nmax_cost_usd = 5e-6\n")
    done = publish(halflife)
    assert (done.returncode, done.stdout) == (0, "Published shapes.replayed as serial 1.\n")
    table = json.loads((home / "routing" / "shapes.replayed" / "current.json").read_text())
    assert table["routes"][0]["tiers"]["hero"]["candidates"][0]["deployment"] == "better"
    assert halflife("routes", "lint").returncode == 0
    done = halflife("routes", "explain", "image.overall.hero")
    assert done.returncode == 0, done.stderr
    assert "It looks for the best quality within max_cost_usd 5e-06." in done.stdout
    assert "Built again from its runs: the same table, byte for byte." in done.stdout
    answer = json.loads(halflife("routes", "explain", "text-to-image.single", "--json").stdout)
    assert answer["same_bytes"]
    assert [tier["alias"] for tier in answer["explanations"]] == ["image.single.hero", "image.single.workhorse"]


def test_a_table_of_another_suite_stays_as_it_is_and_an_alias_finds_its_own(halflife: Halflife, home: Path) -> None:
    publish_table(RoutingTable.model_validate(clips()), home / "routing")
    before = (home / "routing" / "clips.live" / "current.json").read_bytes()
    assert publish(halflife).stdout == "Published shapes.replayed as serial 1.\n"
    assert publish(halflife).stdout == "Nothing is new: serial 1 (shapes.replayed) stays current.\n"
    assert (home / "routing" / "clips.live" / "current.json").read_bytes() == before
    assert json.loads(halflife("routes", "explain", "image.overall.hero", "--json").stdout)["same_bytes"]
    curated = halflife("routes", "curate", "--table", "shapes.replayed", "--draws", "0", "--json")
    assert json.loads(curated.stdout)["suite"] == "shapes"
    assert json.loads(halflife("routes", "curate", "--suite", "shapes", "--json").stdout)["calendar"] == "replayed"
    both = halflife("routes", "curate", "--suite", "shapes", "--table", "shapes.replayed")
    assert (both.returncode, both.stderr.startswith("Expected --suite or --table, got both")) == (2, True)


def test_a_suites_other_content_takes_its_routes_over_and_says_so(
    halflife: Halflife, home: Path, another_content: Callable[[Path], None]
) -> None:
    assert publish(halflife).stderr == ""
    another_content(home)
    done = publish(halflife)
    assert (done.returncode, done.stdout) == (0, "Published shapes.replayed as serial 2.\n")
    assert done.stderr.startswith("The content of suite 'shapes' is now version 2 (")
    assert "; serial 1 was decided by version 1 (" in done.stderr
    assert publish(halflife).stderr == ""
    told = halflife("routes", "explain", "image.overall.hero").stdout
    assert "Decided by the suite shapes, version 2 (" in told
    assert "Until serial 1 another content decided: shapes, version 1 (" in told
    assert "Every route was decided anew with serial 2." in told
    first, second = halflife("routes", "history").stdout.splitlines()
    assert ("version 2 (" in first, "version 1 (" in second) == (True, True)
    assert "by shapes, version 2 (" in halflife("routes", "show").stdout


def test_a_run_with_other_content_moves_no_route_until_someone_says_so(
    halflife: Halflife, home: Path, another_content: Callable[[Path], None]
) -> None:
    publish(halflife)
    current = home / "routing" / "shapes.replayed" / "current.json"
    before = current.read_bytes()
    another_content(home)
    kept = publish_routes(Home(home), "shapes", "replayed", take_over=False)
    assert (kept.published, current.read_bytes()) == (False, before)
    assert kept.notice is not None
    assert kept.notice.startswith("The routes of shapes.replayed stay as they are: suite 'shapes', version 1 (")
    command = kept.notice.partition("run `halflife ")[2].rstrip("`.").split()
    assert command[:3] == ["routes", "publish", "--suite"]
    assert halflife(*command).stdout == "Published shapes.replayed as serial 2.\n"
    suite = json.loads(current.read_text())["evidence"]["suite"]
    assert (suite["name"], suite["version"], command[3]) == ("shapes", "2", f"shapes@{suite['digest'][:12]}")
    assert halflife("routes", "lint").returncode == 0


def test_each_content_of_a_suite_is_named_by_every_selector(
    halflife: Halflife, home: Path, another_content: Callable[[Path], None]
) -> None:
    publish(halflife)
    another_content(home)
    newest, older, wrong = (halflife("standings", "--suite", name) for name in ("shapes", "shapes@1", "shapes@3"))
    assert "Made, version 2 (" in newest.stdout
    assert "Made, version 1 (" in older.stdout
    assert (wrong.returncode, "Unknown suite with standings 'shapes@3'" in wrong.stderr) == (2, True)
    versions = {
        name: json.loads(halflife("routes", "curate", "--draws", "0", "--json", *options).stdout)["suite_version"]
        for name, options in {"table": (), "name": ("--suite", "shapes"), "old": ("--suite", "shapes@1")}.items()
    }
    assert versions == {"table": "1", "name": "2", "old": "1"}
    scopes = {
        name: {
            estimate["scope"].get("suite")
            for estimate in json.loads(halflife("half-life", "--json", *options).stdout)["estimates"]
        }
        for name, options in {"all": (), "name": ("--suite", "shapes"), "old": ("--suite", "shapes@1")}.items()
    }
    assert scopes["name"] - {None} == {"shapes"}
    assert scopes["all"] == scopes["name"] | scopes["old"]
    assert {str(scope)[:7] for scope in scopes["old"] - {None}} == {"shapes@"}


@pytest.mark.parametrize("suite", ["../escaped", "a/b", "Shapes", "s" * 60])
def test_a_suite_whose_name_is_no_folder_is_refused(halflife: Halflife, home: Path, suite: str) -> None:
    done = halflife("routes", "publish", "--suite", suite)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert done.stderr.startswith("Expected a table id of 1 to 63 characters out of a-z, 0-9, '.' and '-', got")
    assert not list(home.rglob("current.json"))


def test_a_given_policy_goes_before_the_homes(halflife: Halflife, home: Path, tmp_path: Path) -> None:
    (home / "routing.toml").write_text("k = 2\n")
    (tmp_path / "other.toml").write_text("k = 1\n")
    assert publish(halflife, "--policy", str(tmp_path / "other.toml")).returncode == 0
    assert json.loads((home / "routing" / "shapes.replayed" / "current.json").read_text())["policy"]["k"] == 1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("margn = 1", "key 'margn': Expected a known key, got 'margn'. Did you mean 'margin'?"),
        ("[tiers.hero]\nmax_cost_usd = 1e-9", "key 'tiers.hero': Expected a budget that a model of 'overall' keeps"),
        ("[overrides.singel.hero]\nseconds = 1", "key 'overrides.singel': Unknown category 'singel'. Did you mean"),
    ],
)
def test_a_broken_policy_is_one_sentence_and_leaves_the_table(
    halflife: Halflife, home: Path, text: str, message: str
) -> None:
    publish(halflife)
    before = (home / "routing" / "shapes.replayed" / "current.json").read_bytes()
    (home / "routing.toml").write_text(text)
    done = publish(halflife)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"{home / 'routing.toml'}, {message}")
    assert done.stderr.count("\n") == 1
    assert (home / "routing" / "shapes.replayed" / "current.json").read_bytes() == before


def test_a_broken_policy_stops_a_run_before_anything_is_made(halflife: Halflife, home: Path) -> None:
    (home / "routing.toml").write_text("k = 0")
    done = halflife("run", "--suite", "shapes", "--model", "shapes-nano", "--category", "single")
    assert done.returncode == 2
    assert "routing.toml, key 'k': Expected greater than or equal to 1, got 0" in done.stderr
    assert len(list((home / "runs").rglob("plan.json"))) == 1


def test_what_cannot_be_explained_says_why(halflife: Halflife, home: Path) -> None:
    assert "got none. Run `halflife routes publish`" in halflife("routes", "explain", "image.overall.hero").stderr
    publish(halflife)
    unknown = halflife("routes", "explain", "image.overall.heroo")
    assert (unknown.returncode, "Did you mean 'image.overall.hero'?" in unknown.stderr) == (2, True)
    shutil.rmtree(home / "runs")
    assert "got no folder of 20260301-shapes-0a" in halflife("routes", "explain", "image.overall.hero").stderr


def test_policies_are_compared_over_the_past(halflife: Halflife, home: Path, tmp_path: Path) -> None:
    (tmp_path / "calm.toml").write_text("margin = 3.0\nmin_dwell_days = 30\n")
    arguments = ("--suite", "shapes", "--calendar", "replayed", "--draws", "2", "--policy", str(tmp_path / "calm.toml"))
    done = halflife("routes", "simulate", "--history", *arguments, "--json")
    assert done.returncode == 0, done.stderr
    outcomes = json.loads(done.stdout)["outcomes"]
    assert {outcome["policy"] for outcome in outcomes} == {"in use", "calm", "the leader of each day"}
    yearly = {
        outcome["policy"]: outcome["switches_per_year"]
        for outcome in outcomes
        if (outcome["category"], outcome["tier"]) == ("every route", "hero")
    }
    assert yearly["calm"] < yearly["the leader of each day"]
    table = halflife("routes", "simulate", "--history", *arguments)
    assert "judged on the other, 4 times" in " ".join(table.stdout.split())
    assert "each model is measured once" in " ".join(table.stdout.split())


def test_the_right_few_are_named_with_what_each_is_worth(halflife: Halflife) -> None:
    arguments = ("--suite", "shapes", "--calendar", "replayed", "--draws", "20")
    done = halflife("routes", "curate", *arguments)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("best: 1 model covers all 2 categories within 10% of the best.")
    for title in ("The value of the next model", "What leaving each out would lose", "Of 20 new draws of the prompts"):
        assert title in done.stdout
    answer = json.loads(halflife("routes", "curate", *arguments, "--json").stdout)
    assert answer["chosen"]["models"] == ["best"]


def test_without_a_past_the_sentence_says_what_to_run(halflife: Halflife, home: Path) -> None:
    assert "Expected --history" in halflife("routes", "simulate").stderr
    assert "Give --suite" in halflife("routes", "curate").stderr
    shutil.rmtree(home / "published")
    done = halflife("routes", "curate", "--suite", "shapes")
    assert (done.returncode, "Run `halflife demo`" in done.stderr) == (2, True)
