"""What readers of an observatory see, without what the clock decides, to compare two homes by."""

import contextlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from data.home import Home
from data.store import snapshot
from data.store.warehouse import Warehouse

SEEN: Final = {
    "runs": "SELECT run_id, suite_digest, day FROM runs ORDER BY ALL",
    "samples": "SELECT run_id, sample, status, media FROM samples ORDER BY ALL",
    "scores": "SELECT run_id, sample, metric, value, reason FROM scores ORDER BY ALL",
    "standings": "SELECT suite, category, metric, day, model, estimate, low, high, rank FROM standings ORDER BY ALL",
    "states": "SELECT model, state, day, reason FROM model_states ORDER BY ALL",
}
OWNED: Final = {".publishing.lock", ".run.lock", ".worker.lock"}


def state(home: Home, export: Path) -> dict[str, Any]:
    """Return what readers see: the snapshot, the routes, an export, and hidden or temporary files that nobody owns."""
    seen = snapshot.current(home)
    with Warehouse.own(home) as warehouse:
        generation = warehouse.publish_changes()
    return {
        "snapshot is of the warehouse": seen is not None and seen.generation == generation,
        **(_tables(seen) if seen else {}),
        "routes": {path.parent.name: _routes(path) for path in sorted(home.routing.glob("*/current.json"))},
        "export": sorted(path.name for path in export.glob("*")) if export.is_dir() else None,
        "nobody's": sorted(str(path.relative_to(home.path)) for path in home.path.rglob("*") if _is_nobodys(path)),
    }


def difference(expected: Mapping[str, Any], got: Mapping[str, Any]) -> str:
    """Return what differs between two states, cut short."""
    names = [name for name in expected.keys() | got.keys() if expected.get(name) != got.get(name)]
    return "; ".join(f"{name}: {expected.get(name)!s:.120} became {got.get(name)!s:.120}" for name in sorted(names))


def _tables(seen: snapshot.Snapshot) -> dict[str, Any]:
    with contextlib.closing(seen.connect()) as connection:
        return {
            name: [list(map(str, row)) for row in connection.execute(query).fetchall()] for name, query in SEEN.items()
        }


def _routes(path: Path) -> dict[str, Any]:
    table = json.loads(path.read_bytes())
    return {
        tier["alias"]: [[each["deployment"], each["weight"], each["score"]] for each in tier["candidates"]]
        for route in table["routes"]
        for tier in route["tiers"].values()
    }


def _is_nobodys(path: Path) -> bool:
    hidden = path.name.startswith(".") and path.name not in OWNED
    return path.is_file() and (hidden or path.name.startswith("rebuilt.") or ".tmp" in path.name)
