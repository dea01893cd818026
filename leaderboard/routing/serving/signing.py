"""Who made a table: a detached ed25519 signature beside it, and the verifier that holds it to serial and expiry.

What is signed is the table's revision behind a fixed line. The revision is the hash of all that the table says, so a
table that was laid out anew still verifies, and a signature of ours for anything else never does.
"""

import base64
import contextlib
import datetime as dt
import hashlib
import json
import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from data.errors import InputFileError, RoutingError
from data.files import make_folder, storage, write_all_atomic, write_atomic
from leaderboard.routing.revision import PREFIX, revision_of
from leaderboard.routing.serving.publish import CURRENT, TABLES, read_object, read_table
from leaderboard.routing.table.model import RoutingTable
from leaderboard.routing.table.validate import check

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

SIGNATURE_SUFFIX: Final = ".sig.json"
KIND: Final = "routing-table-signature"
LINE: Final = b"halflife routing-table v1\n"
PUBLIC_SUFFIX: Final = ".pub"


def make_key(path: Path) -> Path:
    """Write a new private key to `path`, which only its owner may read, and return the file of its public half.

    A key whose public half is not there, for its maker was killed before, gets it. Raises InputFileError where there is
    any other file already: a key is never overwritten.
    """
    from cryptography.hazmat.primitives import serialization as form
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    public = path.with_name(path.name + PUBLIC_SUFFIX)
    key = _half_made(path, public)
    for place in (path, public):
        if key is None and place.exists():
            raise InputFileError(place, "Expected no file here yet, got one. Name another; a key is not overwritten.")
    key = key or Ed25519PrivateKey.generate()
    halves = {
        path.name: key.private_bytes(form.Encoding.PEM, form.PrivateFormat.PKCS8, form.NoEncryption()),
        public.name: key.public_key().public_bytes(form.Encoding.PEM, form.PublicFormat.SubjectPublicKeyInfo),
    }
    write_all_atomic(path.parent, halves, modes={path.name: 0o600})
    return public


def sign(table_path: Path, key_path: Path, *, at: dt.datetime) -> Path:
    """Sign the table in a file and return the signature's file; another key's signature of it stays.

    Raises RoutingError where the table does not hold at the time `at`, InputFileError where the key is none or others
    may read it.
    """
    key, table = _private(key_path), read_table(table_path)
    check(table, table_path, at=at)
    path = signature_of(table_path, table)
    made = {"keyid": keyid(key.public_key()), "sig": base64.b64encode(key.sign(_message(table))).decode()}
    signatures = _signatures(path, table) if path.exists() else []
    others = [signature for signature in signatures if signature.get("keyid") != made["keyid"]]
    content = {
        "kind": KIND,
        "algorithm": "ed25519",
        "revision": table.revision,
        "serial": table.serial,
        "signatures": [*others, made],
    }
    make_folder(path.parent)
    write_atomic(path, (json.dumps(content, indent=2) + "\n").encode())
    return path


def verify(
    table_path: Path, key_path: Path, *, at: dt.datetime, signature_path: Path | None = None, state: Path | None = None
) -> RoutingTable:
    """Return the table in a file where it was signed by the key, holds, has not expired and is not older than the last.

    `key_path` is a public key, or the private one. `state` is a file that remembers, by table, the highest serial that
    was verified; it is written last. Raises RoutingError or InputFileError in one sentence otherwise.
    """
    table = read_table(table_path)
    check(table, table_path, at=at)
    path = signature_path or signature_of(table_path, table)
    _check_signature(table, path, key_path)
    if state is not None:
        _remember(table, table_path, state)
    return table


def signature_of(table_path: Path, table: RoutingTable) -> Path:
    """Return where a table's signature lies: beside `tables/<sha>.json` for the current one, else beside the file."""
    if table_path.name == CURRENT:
        return table_path.parent / TABLES / f"{table.revision.removeprefix(PREFIX)}{SIGNATURE_SUFFIX}"
    return table_path.with_suffix(SIGNATURE_SUFFIX)


def keyid(key: "Ed25519PublicKey") -> str:
    """Return the name of a public key: the sha256 of its 32 bytes, in hex."""
    return hashlib.sha256(key.public_bytes_raw()).hexdigest()


def _message(table: RoutingTable) -> bytes:
    return LINE + revision_of(table.to_json()).encode()


def _check_signature(table: RoutingTable, path: Path, key_path: Path) -> None:
    from cryptography.exceptions import InvalidSignature

    if not path.exists():
        raise RoutingError(f"Expected a signature at {path}, got no file. Run `halflife routes sign`.")
    key = _public(key_path)
    by_key = [signature for signature in _signatures(path, table) if signature.get("keyid") == keyid(key)]
    for signature in by_key:
        with contextlib.suppress(InvalidSignature, ValueError, TypeError, KeyError):
            return key.verify(base64.b64decode(signature["sig"], validate=True), _message(table))
    got = "one that does not fit the table" if by_key else "none of that key"
    raise RoutingError(f"{path}, key 'signatures': Expected a signature by {key_path}, got {got}. Do not follow it.")


def _signatures(path: Path, table: RoutingTable) -> list[dict[str, Any]]:
    content = read_object(path)
    if content.get("kind") != KIND or content.get("revision") != table.revision:
        raise RoutingError(
            f"{path}, key 'revision': Expected a signature of {table.revision}, got one of "
            f"{content.get('revision')}. Sign the table again."
        )
    signatures = content.get("signatures")
    return [each for each in signatures if isinstance(each, dict)] if isinstance(signatures, list) else []


def _remember(table: RoutingTable, table_path: Path, state: Path) -> None:
    """Serials only go up; two tables of one serial are two publishers, or a forgery."""
    seen = read_object(state) if state.exists() else {}
    before = seen.get(table.table_id, {"serial": 0, "revision": None})
    if not isinstance(before, dict) or not isinstance(before.get("serial"), int) or "revision" not in before:
        raise RoutingError(f"{state}, key {table.table_id!r}: Expected a serial and a revision, got something else.")
    same = table.serial == before["serial"] and table.revision != before["revision"]
    if table.serial < before["serial"] or same:
        what = f"another table of serial {table.serial}" if same else str(table.serial)
        raise RoutingError(
            f"{table_path}, key 'serial': Expected {before['serial']} or more, which {state} has seen, got {what}. "
            "Do not follow it."
        )
    seen[table.table_id] = {"serial": table.serial, "revision": table.revision}
    write_atomic(state, (json.dumps(seen, indent=2) + "\n").encode())


def _half_made(path: Path, public: Path) -> "Ed25519PrivateKey | None":
    """Return the private key at `path` where its public half is not there, and None in every other case."""
    if public.exists() or not path.is_file():
        return None
    with contextlib.suppress(InputFileError):
        return _private(path)
    return None


def _private(path: Path) -> "Ed25519PrivateKey":
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    data = _key_bytes(path)
    if os.name == "posix" and stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise InputFileError(path, "Expected a key that only you may read, got one that others may. Run: chmod 600.")
    with contextlib.suppress(ValueError, TypeError):
        key = load_pem_private_key(data, password=None)
        if isinstance(key, Ed25519PrivateKey):
            return key
    raise InputFileError(
        path, "Expected a private ed25519 key (PEM), got something else. Run `halflife routes keygen`."
    )


def _public(path: Path) -> "Ed25519PublicKey":
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    data = _key_bytes(path)
    if b"PRIVATE KEY" in data:
        return _private(path).public_key()
    with contextlib.suppress(ValueError, TypeError):
        key = load_pem_public_key(data)
        if isinstance(key, Ed25519PublicKey):
            return key
    raise InputFileError(path, "Expected a public ed25519 key (PEM), got something else. Run `halflife routes keygen`.")


def _key_bytes(path: Path) -> bytes:
    if not path.is_file():
        raise InputFileError(path, "Expected a key here, got no file. Run `halflife routes keygen`.")
    with storage(path):
        return path.read_bytes()
