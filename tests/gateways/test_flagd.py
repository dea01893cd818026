"""flagd's in-process provider evaluates our flags as the table says, and follows a new file."""

from collections import Counter

import pytest
from scipy.stats import binom

from data.files import write_atomic
from leaderboard.routing.exports.flagd import flagd as render
from leaderboard.routing.table.model import RoutingTable

HERO = "image.photoreal.hero"
USERS = [f"user-{n}" for n in range(2000)]


def put(table, path):
    write_atomic(path, render(RoutingTable.model_validate(table)).files["flags.json"].encode())
    return str(path)


def test_users_are_shared_by_weight_and_keep_their_share(flagd, table, tmp_path):
    flagd.ask("load", path=put(table, tmp_path / "flags.json"))
    first, second = (flagd.ask("evaluate", flag=HERO, keys=USERS)["values"] for _ in range(2))
    assert first == second
    count = Counter(first)
    assert set(count) == {"big-1", "big-2"}
    assert binom.ppf(5e-7, len(USERS), 0.3) <= count["big-2"] <= binom.ppf(1 - 5e-7, len(USERS), 0.3)


def test_each_evaluation_says_revision_serial_and_expiry(flagd, table, tmp_path):
    flagd.ask("load", path=put(table, tmp_path / "flags.json"))
    for flag in (HERO, "video.overall.workhorse"):
        found = flagd.ask("evaluate", flag=flag, keys=["anybody"])
        assert found["errors"] == []
        assert {name: found["metadata"][name] for name in ("revision", "serial", "expires_at")} == {
            name: table[name] for name in ("revision", "serial", "expires_at")
        }


def test_a_new_file_is_followed(flagd, table, changed, tmp_path):
    path = tmp_path / "flags.json"
    flagd.ask("load", path=put(table, path))
    later = changed(lambda t: t["routes"][0]["tiers"]["hero"]["candidates"][1].update(weight=0))
    put(later, path)
    assert flagd.ask("changes", flag=HERO, name="revision", old=table["revision"]) == later["revision"]
    assert set(flagd.ask("evaluate", flag=HERO, keys=USERS[:50])["values"]) == {"big-2"}


@pytest.mark.parametrize(
    ("on_expiry", "answer"),
    [
        ("hold-last-known-good", {"big-1", "big-2"}),
        ("use-default-only", {"quick-1"}),
        ("fail-closed", {"nobody"}),
    ],
)
def test_an_expired_tier_does_what_the_table_says(on_expiry, answer, flagd, changed, tmp_path):
    def expire(table):
        table["on_expiry"] = on_expiry
        table["routes"][0]["tiers"]["hero"]["expires_at"] = "2020-01-01T00:00:00Z"

    flagd.ask("load", path=put(changed(expire), tmp_path / "flags.json"))
    found = flagd.ask("evaluate", flag=HERO, keys=USERS[:50])
    assert (set(found["values"]), found["errors"]) == (answer, [])
