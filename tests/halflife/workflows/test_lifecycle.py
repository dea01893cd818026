"""What a night does besides measuring: rules are journalled, and due successors are measured under the same order."""

import datetime as dt
import json
import threading
from pathlib import Path

import pytest

from data.home import Home
from data.lifecycle.states import fold, history
from data.store.snapshot import current
from halflife.workflows.lifecycle import review
from halflife.workflows.run_spec import RunSpec
from halflife.workflows.successors import measure_successors
from leaderboard.reports.model_history import last_runs
from leaderboard.routing.revision import sealed
from leaderboard.routing.serving.publish import publish
from leaderboard.routing.table.model import RoutingTable
from tests.leaderboard.routing.lasting import renamed

DAY = dt.date(2026, 3, 1)
CATALOGUE = """
family = "mine"
provider = "me"
licence = "Apache-2.0"
[[models]]
id = "mine-1"
title = "Mine 1"
released = 2026-01-01
retired = 2026-03-15
successor = "mine-2"
revision = "r1"
revision_pinned = true
local = { kind = "embedded", pipeline = "ShapesPipeline", repository = "nano" }
settings = { width = 32, height = 32, steps = 2, guidance = 2.0 }
[[models]]
id = "mine-2"
title = "Mine 2"
released = 2026-02-01
revision = "r1"
revision_pinned = true
local = { kind = "embedded", pipeline = "ShapesPipeline", repository = "nano" }
settings = { width = 32, height = 32, steps = 3, guidance = 2.0 }
"""


class Quiet:
    """A progress that nobody watches."""

    def begin(self, name: str, total: int) -> None: ...

    def advance(self, steps: int = 1) -> None: ...

    def end(self) -> None: ...


def test_a_successor_is_measured_inside_the_notice_window_once(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text(CATALOGUE)
    home = Home(tmp_path / "home")
    order = RunSpec(
        suite="sentinel",
        models=("mine-1",),
        categories=("single",),
        day=DAY,
        device="cpu",
        threads=1,
        catalogue=(tmp_path / "mine.toml",),
    )
    assert measure_successors(home, order, Quiet(), threading.Event()) == ("mine-2",)
    snapshot = current(home)
    assert snapshot is not None
    with snapshot.connect() as connection:
        assert last_runs(connection) == {"mine-2": DAY}
    states = fold(history(home))
    assert (states["mine-1"].state, states["mine-1"].until) == ("deprecated", dt.date(2026, 3, 15))
    assert states["mine-2"].state == "candidate"
    assert measure_successors(home, order, Quiet(), threading.Event()) == ()


def with_status(table_id: str, status: str) -> RoutingTable:
    """Return a table whose workhorse of pictures is the model `mine-2`, in a state."""
    text = json.dumps(renamed(table_id)).replace("quick-1", "mine-2")
    table = json.loads(text)
    table["deployments"]["mine-2"]["status"] = status
    return RoutingTable.model_validate(sealed(table))


@pytest.mark.parametrize(
    ("first", "second", "state"),
    [("canary", "active", "active"), ("active", "quarantined", "quarantined"), ("active", "active", "active")],
)
def test_of_a_model_in_two_tables_the_strictest_status_counts(
    tmp_path: Path, first: str, second: str, state: str
) -> None:
    (tmp_path / "mine.toml").write_text(CATALOGUE)
    for number, statuses in enumerate([(first, second), (second, first)]):
        home = Home(tmp_path / str(number))
        home.prepare()
        for table_id, status in zip(("a.live", "b.live"), statuses, strict=True):
            publish(with_status(table_id, status), home.routing)
        changes = review(home, (tmp_path / "mine.toml",), notice_days=30, today=DAY).changes
        assert {change.state for change in changes if change.model == "mine-2"} == {state}
