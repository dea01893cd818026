"""`halflife routes export | sign | verify | lint`: what they write, what they refuse, and that no secret gets out."""

import functools
import json
import shutil
import stat

import pytest

from leaderboard.routing.revision import sealed
from leaderboard.routing.serving.publish import publish
from leaderboard.routing.table.model import RoutingTable
from tests.leaderboard.routing.lasting import clips, lasting, renamed

SECRETS = {
    "BIG_KEY": "sk-planted-big-0123456789",
    "QUICK_KEY": "planted.quick.0123456789",
    "OPENAI_API_KEY": "sk-planted-openai-0123456789",
    "HALFLIFE_LOCAL_BASE_URL": "http://planted-host:1234/v1",
    "AWS_SECRET_ACCESS_KEY": "planted/aws+0123456789",
}


@pytest.fixture
def home(tmp_path):
    publish(RoutingTable.model_validate(lasting()), tmp_path / "home" / "routing")
    return tmp_path / "home"


@pytest.fixture
def halflife(halflife, home):
    return functools.partial(halflife, home)


def hero(table):
    return table["routes"][0]["tiers"]["hero"]


def test_the_current_table_is_exported_to_one_gateway(halflife, tmp_path):
    done = halflife("routes", "export", "--to", "litellm", "--out", str(tmp_path / "out"))
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.split() == [str(tmp_path / "out" / "pictures.live" / "config.yaml")]


def test_a_file_is_exported_to_several(halflife, tmp_path):
    (tmp_path / "mine.json").write_text(json.dumps(lasting(lambda t: t.update(table_id="mine"))))
    arguments = ("--file", str(tmp_path / "mine.json"), "--out", str(tmp_path / "out"))
    done = halflife("routes", "export", "--to", "flagd", "--to", "openrouter", *arguments)
    assert done.returncode == 0
    assert sorted(path.name for path in (tmp_path / "out" / "mine").iterdir()) == ["flags.json", "openrouter.json"]
    assert json.loads((tmp_path / "out" / "mine" / "flags.json").read_text())["metadata"]["table"] == "mine"
    assert done.stderr.startswith("Left out of openrouter: video.overall.workhorse; video.overall.hero: None of its")


@pytest.mark.parametrize(
    ("change", "key"),
    [
        (
            lambda t: t["routes"][0]["tiers"]["workhorse"]["fallback"].update(chain=[hero(t)["alias"]]),
            "image.photoreal",
        ),
        (lambda t: hero(t)["candidates"][0].update(deployment="ghost"), "routes[text-to-image.photoreal].tiers.hero"),
        (lambda t: t.update(expires_at="2026-02-01T00:00:00Z", stale_after="2026-02-01T00:00:00Z"), "expires_at"),
        (lambda t: t.update(serial=0), "$.serial"),
    ],
)
@pytest.mark.parametrize("command", ["export", "sign", "verify"])
def test_a_table_that_does_not_hold_is_refused_in_one_sentence(command, change, key, halflife, home, tmp_path):
    before = (home / "routing" / "pictures.live" / "current.json").read_bytes()
    (tmp_path / "bad.json").write_text(json.dumps(lasting(change)))
    halflife("routes", "keygen", str(tmp_path / "key"))
    options = {"export": ("--to", "all", "--out", str(tmp_path / "out")), "sign": ("--key", str(tmp_path / "key"))}
    arguments = options.get(command, ("--key", str(tmp_path / "key.pub")))
    done = halflife("routes", command, "--file", str(tmp_path / "bad.json"), *arguments)
    assert done.returncode == 2
    assert len(done.stderr.strip().splitlines()) == 1
    assert f"{tmp_path / 'bad.json'}, key '{key}" in done.stderr
    assert (home / "routing" / "pictures.live" / "current.json").read_bytes() == before
    assert not (tmp_path / "out").exists()


def test_a_tampered_table_is_refused_by_lint_with_file_and_key(halflife, tmp_path):
    (tmp_path / "bad.json").write_text(json.dumps(lasting() | {"poll_interval_s": 1}))
    done = halflife("routes", "lint", "--file", str(tmp_path / "bad.json"))
    assert done.returncode == 2
    assert f"{tmp_path / 'bad.json'}, key 'revision': Expected sha256:" in done.stderr


def test_an_unknown_gateway_is_answered_with_the_nearest(halflife, tmp_path):
    done = halflife("routes", "export", "--to", "litelm", "--out", str(tmp_path / "out"))
    assert done.returncode == 2
    assert "Did you mean 'litellm'?" in done.stderr


def test_a_signed_table_verifies_and_an_older_one_is_refused(halflife, home, tmp_path):
    key, state = str(tmp_path / "key"), ("--state", str(tmp_path / "seen.json"))
    assert halflife("routes", "keygen", key).returncode == 0
    assert stat.S_IMODE((tmp_path / "key").stat().st_mode) == 0o600
    first = tmp_path / "first.json"
    first.write_bytes((home / "routing" / "pictures.live" / "current.json").read_bytes())
    publish(RoutingTable.model_validate(sealed(lasting() | {"serial": 8})), home / "routing")
    for table in ((), ("--file", str(first))):
        assert halflife("routes", "sign", "--key", key, *table).returncode == 0
    done = halflife("routes", "verify", "--key", f"{key}.pub", *state)
    assert (done.returncode, "serial 8" in done.stdout) == (0, True)
    done = halflife("routes", "verify", "--key", f"{key}.pub", "--file", str(first), *state)
    assert done.returncode == 2
    assert "key 'serial': Expected 8 or more" in done.stderr


@pytest.fixture
def two(home):
    """The home with a second table, of clips."""
    publish(RoutingTable.model_validate(clips()), home / "routing")


def test_of_two_tables_show_prints_each(halflife, two):
    done = halflife("routes", "show")
    assert done.returncode == 0
    assert done.stdout.index("Routing table clips.live") < done.stdout.index("Routing table pictures.live")
    assert "video.pair.hero" in done.stdout
    done = halflife("routes", "show", "--table", "clips.live")
    assert ("video.pair.hero" in done.stdout, "pictures.live" in done.stdout) == (True, False)
    assert json.loads(halflife("routes", "show", "--json", "--table", "clips.live").stdout) == clips()


@pytest.mark.parametrize(
    "command",
    [
        ("show", "--json"),
        ("lint",),
        ("history",),
        ("rollback", "sha256:" + "0" * 64),
        ("export", "--to", "all", "--out", "out"),
        ("sign", "--key", "key"),
        ("verify", "--key", "key.pub"),
        ("simulate", "--history"),
        ("curate",),
    ],
)
def test_of_two_tables_every_other_command_asks_for_one(command, halflife, home, two, season_snapshot):
    done = halflife("routes", *command)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        "Expected the id of a routing table, got none, and 2 are published. Give --table: clips.live, pictures.live.\n"
    )
    done = halflife("routes", *command, "--table", "clip.live")
    assert (done.returncode, "Did you mean 'clips.live'?" in done.stderr) == (2, True)


@pytest.fixture
def season_snapshot(sealed_season, home):
    """The home with published standings too."""
    shutil.copytree(sealed_season, home, dirs_exist_ok=True)


def test_each_table_is_exported_into_a_folder_of_its_own(halflife, two, tmp_path):
    for table in ("clips.live", "pictures.live"):
        arguments = ("--to", "all", "--table", table, "--out", str(tmp_path / "out"))
        assert halflife("routes", "export", *arguments).returncode == 0
    out = tmp_path / "out"
    assert sorted(path.name for path in out.iterdir()) == ["clips.live", "pictures.live"]
    for table in ("clips.live", "pictures.live"):
        assert json.loads((out / table / "flags.json").read_text())["metadata"]["table"] == table
    assert (out / "pictures.live" / "portkey" / "image.photoreal.hero.json").exists()
    assert "video.pair.hero" in (out / "clips.live" / "config.yaml").read_text()


def test_one_of_two_tables_is_checked_signed_verified_and_listed(halflife, two, home, tmp_path):
    key, table = str(tmp_path / "key"), ("--table", "clips.live")
    halflife("routes", "keygen", key)
    for command in (("lint",), ("sign", "--key", key), ("verify", "--key", f"{key}.pub"), ("history",)):
        done = halflife("routes", *command, *table)
        assert done.returncode == 0, done.stderr
    assert done.stdout.split()[-1] == clips()["revision"]
    assert list((home / "routing" / "clips.live" / "tables").glob("*.sig.json"))
    assert not list((home / "routing" / "pictures.live").rglob("*.sig.json"))


def test_one_of_two_tables_is_rolled_back(halflife, two, home):
    before = (home / "routing" / "pictures.live" / "current.json").read_bytes()
    done = halflife("routes", "rollback", clips()["revision"], "--table", "clips.live")
    assert (done.returncode, "as serial 8" in done.stdout) == (0, True)
    assert (home / "routing" / "pictures.live" / "current.json").read_bytes() == before


def test_a_table_and_a_file_are_one_too_many(halflife, tmp_path):
    done = halflife("routes", "lint", "--table", "pictures.live", "--file", str(tmp_path / "mine.json"))
    assert (done.returncode, done.stderr.startswith("Expected --table or --file, got both")) == (2, True)


def test_an_alias_of_several_tables_is_explained_from_the_one_that_is_named(halflife, home):
    publish(RoutingTable.model_validate(renamed("sketches.live")), home / "routing")
    done = halflife("routes", "explain", "image.photoreal.hero")
    assert done.returncode == 2
    assert done.stderr.endswith("stands in several. Give --table: pictures.live, sketches.live.\n")


def test_nothing_that_is_written_or_said_holds_a_secret(halflife, home, tmp_path, monkeypatch):
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    key, out = str(tmp_path / "key"), str(tmp_path / "out")
    (tmp_path / "bad.json").write_text(json.dumps(lasting() | {"serial": 0}))
    commands = [
        halflife(*command)
        for command in (
            ("routes", "export", "--to", "all", "--out", out),
            ("routes", "keygen", key),
            ("routes", "sign", "--key", key),
            ("routes", "verify", "--key", f"{key}.pub", "--state", str(tmp_path / "seen.json")),
            ("routes", "show"),
            ("routes", "show", "--json"),
            ("routes", "lint"),
            ("routes", "lint", "--file", str(tmp_path / "bad.json")),
            ("routes", "export", "--to", "all", "--out", out, "--file", str(tmp_path / "bad.json")),
        )
    ]
    assert [done.returncode for done in commands] == [0] * 7 + [2, 2]
    written = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
    assert len(written) > 12
    everything = b"\n".join([*written, *(f"{done.stdout}{done.stderr}".encode() for done in commands)])
    assert b"BIG_KEY" in everything
    assert [value for value in SECRETS.values() if value.encode() in everything] == []
    private = (tmp_path / "key").read_bytes().splitlines()[1]
    assert everything.count(private) == 1
