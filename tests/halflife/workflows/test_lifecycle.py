"""What a night does besides measuring: rules are journalled, and due successors are measured under the same order."""

import datetime as dt
import threading
from pathlib import Path

from data.home import Home
from data.lifecycle.states import fold, history
from data.store.snapshot import current
from halflife.workflows.run_spec import RunSpec
from halflife.workflows.successors import measure_successors
from leaderboard.reports.model_history import last_runs

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
