"""The targets, and the way of a table through them: checked as a whole, rendered as a whole, then written."""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Final

from data.errors import UnknownNameError
from data.files import make_folder, storage, write_all_atomic
from leaderboard.routing.exports.envoy import envoy
from leaderboard.routing.exports.exported import Exported, LeftOut
from leaderboard.routing.exports.flagd import flagd
from leaderboard.routing.exports.litellm import litellm
from leaderboard.routing.exports.litellm_prices import litellm_prices
from leaderboard.routing.exports.openrouter import openrouter
from leaderboard.routing.exports.portkey import FOLDER, KIND, portkey
from leaderboard.routing.exports.vercel import vercel
from leaderboard.routing.table.model import RoutingTable
from leaderboard.routing.table.validate import check

TARGETS: Final[Mapping[str, Callable[[RoutingTable], Exported]]] = {
    "litellm": litellm,
    "flagd": flagd,
    "portkey": portkey,
    "envoy": envoy,
    "openrouter": openrouter,
    "vercel": vercel,
    "litellm-prices": litellm_prices,
}
ALL: Final = "all"


def targets(names: Iterable[str]) -> tuple[str, ...]:
    """Return the targets that names mean, `all` for each of them; UnknownNameError for one there is not."""
    wanted = list(names)
    for name in wanted:
        if name not in (*TARGETS, ALL):
            raise UnknownNameError("gateway to export to", name, (*TARGETS, ALL))
    return tuple(TARGETS) if ALL in wanted else tuple(dict.fromkeys(wanted))


def export(
    table: RoutingTable, to: Iterable[str], out: Path, *, source: Path, at: dt.datetime
) -> tuple[list[Path], list[tuple[str, LeftOut]]]:
    """Write a table's files for some targets below `out/<table id>`; return their paths, and what each left out.

    Tables do not touch one another's files. `source` is the file that a complaint names, `at` the time by which the
    table must not have expired. Raises RoutingError where the table does not hold, with nothing written.
    """
    check(table, source, at=at)
    made = {name: TARGETS[name](table) for name in targets(to)}
    files = {name: content.encode() for exported in made.values() for name, content in exported.files.items()}
    folder = out / table.table_id
    make_folder(folder)
    write_all_atomic(folder, files)
    if "portkey" in made:
        _sweep(folder / FOLDER, {Path(name).name for name in made["portkey"].files})
    left_out = [(name, left) for name, exported in made.items() for left in exported.left_out]
    return [folder / name for name in files], left_out


def _sweep(folder: Path, kept: set[str]) -> None:
    """Remove configs of ours for aliases that are no more; nobody is to call them."""
    if not folder.is_dir():
        return
    with storage(folder):
        for path in folder.glob("*.json"):
            if path.name not in kept and f'"kind": "{KIND}"' in path.read_text(encoding="utf-8"):
                path.unlink()
