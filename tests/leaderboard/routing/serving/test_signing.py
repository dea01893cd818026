"""Signatures: made by one key, verified by its public half, refused in one sentence by everybody else."""

import base64
import datetime as dt
import json
import stat

import pytest
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from data.errors import InputFileError, RoutingError
from leaderboard.routing.revision import sealed
from leaderboard.routing.serving.publish import publish
from leaderboard.routing.serving.signing import make_key, sign, signature_of, verify
from leaderboard.routing.table.model import RoutingTable

typed = RoutingTable.model_validate


@pytest.fixture
def key(tmp_path):
    make_key(tmp_path / "keys" / "ours")
    return tmp_path / "keys" / "ours"


@pytest.fixture
def public(key):
    return key.with_name("ours.pub")


@pytest.fixture
def current(table, tmp_path):
    publish(typed(table), tmp_path / "routing")
    return tmp_path / "routing" / "shapes.replayed" / "current.json"


@pytest.fixture
def at(now):
    return now + dt.timedelta(minutes=1)


def test_a_key_is_readable_by_its_owner_alone(key, public):
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert b"PRIVATE" not in public.read_bytes()


def test_a_key_is_never_overwritten(key):
    with pytest.raises(InputFileError, match="Expected no file here yet"):
        make_key(key)


def test_a_key_whose_maker_was_killed_gets_its_public_half(key, public):
    half = public.read_bytes()
    public.unlink()
    assert make_key(key) == public
    assert public.read_bytes() == half
    key.unlink()
    with pytest.raises(InputFileError, match="Expected no file here yet"):
        make_key(key)


def test_what_was_signed_verifies(current, key, public, at, table):
    path = sign(current, key, at=at)
    assert path == signature_of(current, typed(table))
    assert path.name == table["revision"].removeprefix("sha256:") + ".sig.json"
    assert verify(current, public, at=at) == typed(table)


def test_the_signature_is_of_the_revision_behind_a_fixed_line(current, key, public, at, table):
    [made] = json.loads(sign(current, key, at=at).read_text())["signatures"]
    message = b"halflife routing-table v1\n" + table["revision"].encode()
    load_pem_public_key(public.read_bytes()).verify(base64.b64decode(made["sig"]), message)


def test_a_table_laid_out_anew_still_verifies(current, key, public, at, table, tmp_path):
    signature = sign(current, key, at=at)
    (tmp_path / "compact.json").write_text(json.dumps(table, separators=(",", ":")))
    assert verify(tmp_path / "compact.json", public, at=at, signature_path=signature) == typed(table)


def test_two_keys_sign_one_table(current, key, public, at, tmp_path):
    make_key(tmp_path / "theirs")
    sign(current, key, at=at)
    sign(current, tmp_path / "theirs", at=at)
    sign(current, key, at=at)
    for one in (public, tmp_path / "theirs.pub"):
        verify(current, one, at=at)


def test_another_key_does_not_verify(current, key, at, tmp_path):
    make_key(tmp_path / "theirs")
    sign(current, key, at=at)
    with pytest.raises(RoutingError, match=r"sig\.json, key 'signatures': .* got none of that key"):
        verify(current, tmp_path / "theirs.pub", at=at)


def test_a_tampered_table_does_not_verify(current, key, public, at, table, tmp_path):
    signature = sign(current, key, at=at)
    for name, other in {
        "edited": {**table, "poll_interval_s": 1},
        "resealed": sealed({**table, "poll_interval_s": 1}),
    }.items():
        (tmp_path / f"{name}.json").write_text(json.dumps(other))
        with pytest.raises(RoutingError, match="key 'revision'"):
            verify(tmp_path / f"{name}.json", public, at=at, signature_path=signature)


def test_a_signature_moved_to_another_table_does_not_verify(current, key, public, at, table, tmp_path):
    content = json.loads(sign(current, key, at=at).read_text())
    other = sealed({**table, "poll_interval_s": 1})
    (tmp_path / "other.json").write_text(json.dumps(other))
    (tmp_path / "other.sig.json").write_text(json.dumps(content | {"revision": other["revision"]}))
    with pytest.raises(RoutingError, match="got one that does not fit the table"):
        verify(tmp_path / "other.json", public, at=at)


@pytest.mark.parametrize("sig", ["", "!", "AAAA", None])
def test_a_signature_that_is_none_does_not_verify(sig, current, key, public, at):
    path = sign(current, key, at=at)
    content = json.loads(path.read_text())
    content["signatures"][0]["sig"] = sig
    path.write_text(json.dumps(content))
    with pytest.raises(RoutingError, match="does not fit the table"):
        verify(current, public, at=at)


def test_an_unsigned_table_does_not_verify(current, public, at):
    with pytest.raises(RoutingError, match=r"got no file\. Run `halflife routes sign`"):
        verify(current, public, at=at)


def test_an_expired_table_is_neither_signed_nor_verified(current, key, public, at, table):
    sign(current, key, at=at)
    late = dt.datetime.fromisoformat(table["expires_at"])
    for attempt in (lambda: sign(current, key, at=late), lambda: verify(current, public, at=late)):
        with pytest.raises(RoutingError, match=r"current\.json, key 'expires_at'"):
            attempt()


def test_a_verifier_that_remembers_refuses_to_go_back(current, key, public, at, table, tmp_path):
    first = tmp_path / "first.json"
    first.write_text(json.dumps(table))
    publish(typed(sealed(table | {"serial": 2, "previous_revision": table["revision"]})), current.parent.parent)
    for path in (first, current):
        sign(path, key, at=at)
        verify(path, public, at=at, state=tmp_path / "seen.json")
    with pytest.raises(RoutingError, match=r"first\.json, key 'serial': Expected 2 or more"):
        verify(first, public, at=at, state=tmp_path / "seen.json")
    verify(current, public, at=at, state=tmp_path / "seen.json")


def test_two_tables_of_one_serial_are_refused(current, key, public, at, table, tmp_path):
    sign(current, key, at=at)
    verify(current, public, at=at, state=tmp_path / "seen.json")
    (tmp_path / "twin.json").write_text(json.dumps(sealed({**table, "poll_interval_s": 1})))
    sign(tmp_path / "twin.json", key, at=at)
    with pytest.raises(RoutingError, match="got another table of serial 1"):
        verify(tmp_path / "twin.json", public, at=at, state=tmp_path / "seen.json")


def test_a_refused_table_is_not_remembered(current, key, public, at, table, tmp_path):
    (tmp_path / "unsigned.json").write_text(json.dumps(table))
    with pytest.raises(RoutingError, match="got no file"):
        verify(tmp_path / "unsigned.json", public, at=at, state=tmp_path / "seen.json")
    assert not (tmp_path / "seen.json").exists()


def test_a_key_that_others_may_read_signs_nothing(current, key, at):
    key.chmod(0o644)
    with pytest.raises(InputFileError, match="Run: chmod 600"):
        sign(current, key, at=at)


def test_what_is_no_key_is_said(current, key, public, at, tmp_path):
    with pytest.raises(InputFileError, match="Expected a key here, got no file"):
        sign(current, tmp_path / "none", at=at)
    public.chmod(0o600)
    with pytest.raises(InputFileError, match="Expected a private ed25519 key"):
        sign(current, public, at=at)
    sign(current, key, at=at)
    (tmp_path / "text").write_text("hello")
    with pytest.raises(InputFileError, match="Expected a public ed25519 key"):
        verify(current, tmp_path / "text", at=at)
