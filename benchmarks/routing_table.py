"""A large routing table on its way out: 200 routes, 500 deployments, linted, exported to every gateway and published.

Then 1,000 publications of a small one with a reader that polls over HTTP's file all the time, and publishers that are
killed in the middle. For comparison, a plain `write_bytes` of the same bytes, which is neither durable nor whole.
"""

import argparse
import copy
import datetime as dt
import itertools
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.options import Count, parse, parser
from benchmarks.side_by_side import Row
from leaderboard.routing.exports.rendering import TARGETS, export
from leaderboard.routing.revision import revision_of, sealed
from leaderboard.routing.serving.publish import as_published, current, publish
from leaderboard.routing.table.lint import lint
from leaderboard.routing.table.parsing import parse_table

GOLDEN = Path(__file__).resolve().parents[1] / "tests" / "leaderboard" / "routing" / "golden" / "table.json"
COUNTS = {
    "routes": Count(200, 3, "routes of the large table"),
    "deployments": Count(500, 9, "deployments of the large table"),
    "publications": Count(1000, 3, "publications of the small table"),
    "kills": Count(20, 1, "publishers killed"),
    "repetitions": Count(5, 1, "repetitions of each step"),
}
AT = dt.datetime(2026, 11, 2, tzinfo=dt.UTC)
PUBLISHER = """
import json, sys
from pathlib import Path
from leaderboard.routing.serving.publish import current, publish
from leaderboard.routing.revision import sealed
from leaderboard.routing.table.model import RoutingTable
table, folder = json.loads(Path(sys.argv[1]).read_bytes()), Path(sys.argv[2])
print("ready", flush=True)
while True:
    now = current(folder, table["table_id"])
    following = {"serial": now.serial + 1, "previous_revision": now.revision} if now else {}
    print(publish(RoutingTable.model_validate(sealed(table | following)), folder).serial, flush=True)
"""


def large(routes: int, deployments: int) -> dict[str, Any]:
    """Return the JSON of a table of so many routes, each with a weighted hero and a workhorse, over the deployments."""
    table = json.loads(GOLDEN.read_text(encoding="utf-8"))
    kinds = [table["deployments"][name] for name in ("big-1", "big-2", "quick-1")]
    table["deployments"] = {f"model-{i}": copy.deepcopy(kinds[i % 3]) for i in range(deployments)}
    template, table["routes"] = table["routes"][0], []
    for i in range(routes):
        route = copy.deepcopy(template)
        category = f"category-{i}"
        route |= {"id": f"text-to-image.{category}", "category": category}
        tiers = route["tiers"]
        for name, tier in tiers.items():
            tier["alias"] = f"image.{category}.{name}"
            for j, candidate in enumerate(tier["candidates"]):
                number = (4 * i + 2 * j + 2 * (name == "hero")) % (deployments // 3)
                candidate["deployment"] = f"model-{3 * number + (j % 2 if name == 'hero' else 2)}"
        tiers["hero"]["fallback"]["chain"] = [tiers["workhorse"]["alias"]]
        table["routes"].append(route)
    return sealed(table)


def timed(work: Callable[[], Any]) -> float:
    """Return the seconds that a piece of work takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def once(content: dict[str, Any], folder: Path) -> dict[str, float]:
    """Return the seconds of each step from the JSON of a table to all that read it; each parses it first."""
    data = as_published(parse_table(content, GOLDEN))
    steps: dict[str, Callable[[], Any]] = {
        "lint": lambda: lint(parse_table(content, GOLDEN)),
        "export to all, linted and written": lambda: export(
            parse_table(content, GOLDEN), TARGETS, folder / "out", source=GOLDEN, at=AT
        ),
        "publish, linted": lambda: publish(parse_table(content, GOLDEN), folder / "routing"),
        "for comparison: write_bytes of the same": lambda: (folder / "plain.json").write_bytes(data),
    }
    before = time.process_time()
    seconds = {name: timed(work) for name, work in steps.items()}
    processor = time.process_time() - before
    total = seconds["lint"] + seconds["export to all, linted and written"] + seconds["publish, linted"]
    return {**seconds, "lint + export + publish": total, "all of it, CPU": processor}


def publications(folder: Path, count: int) -> dict[str, int]:
    """Publish a table again and again while a reader polls; count what it saw, and what was broken or older."""
    table, seen, broken, done = (
        json.loads(GOLDEN.read_text(encoding="utf-8")),
        list[int](),
        list[int](),
        threading.Event(),
    )
    now = publish(parse_table(table, GOLDEN), folder)

    def poll() -> None:
        while not done.is_set():
            content = json.loads((folder / table["table_id"] / "current.json").read_bytes())
            (seen if content["revision"] == revision_of(content) else broken).append(content["serial"])

    reader = threading.Thread(target=poll)
    reader.start()
    try:
        for _ in range(count):
            following = sealed(table | {"serial": now.serial + 1, "previous_revision": now.revision})
            now = publish(parse_table(following, GOLDEN), folder)
    finally:
        done.set()
        reader.join()
    older = sum(after < before for before, after in itertools.pairwise(seen))
    return {"publications": count, "reads": len(seen), "broken": len(broken), "older": older}


def kills(folder: Path, count: int) -> dict[str, int]:
    """Kill a publisher with no warning, again and again; count how often the last acknowledged table was not whole."""
    acknowledged = lost = 0
    table_id = json.loads(GOLDEN.read_text(encoding="utf-8"))["table_id"]
    for attempt in range(count):
        command = [sys.executable, "-c", PUBLISHER, str(GOLDEN), str(folder)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            lines = [process.stdout.readline() for _ in range(2 + attempt % 5)]
            os.kill(process.pid, signal.SIGKILL)
            lines += process.stdout.readlines()
        acknowledged = max([acknowledged, *(int(line) for line in lines if line.strip().isdigit())])
        now = current(folder, table_id)
        lost += now is None or now.serial not in (acknowledged, acknowledged + 1)
    return {"kills": count, "publications": acknowledged, "not whole": lost}


def measure(options: argparse.Namespace) -> dict[str, Any]:
    """Return the median seconds of each step, and what the reader and the kills saw."""
    table = large(options.routes, options.deployments)
    with tempfile.TemporaryDirectory() as folder:
        places = [Path(folder) / str(repetition) for repetition in range(options.repetitions)]
        for place in places:
            place.mkdir()
        runs = [once(table, place) for place in places]
        return {
            "seconds": {name: statistics.median(run[name] for run in runs) for name in runs[0]},
            "bytes": len(as_published(parse_table(table, GOLDEN))),
            "routes": options.routes,
            "deployments": options.deployments,
            "polling": publications(Path(folder) / "polled", options.publications),
            "killed": kills(Path(folder) / "killed", options.kills),
        }


def rows(figures: Mapping[str, Any]) -> list[Row]:
    """Return what README shows of the figures."""
    measured = figures["routing_table"]
    size = f"{measured['routes']} routes, {measured['deployments']} deployments"
    elapsed, processor = (measured["seconds"][name] for name in ("lint + export + publish", "all of it, CPU"))
    result = f"{processor:.1f} s of CPU; {elapsed:.1f} s of elapsed time"
    return [Row(f"{size}: checked, exported to all, published", "a limit of 2 s", result)]


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the figures as a table, or as JSON; return 1 where a reader saw a table broken, older or lost."""
    options = parse(parser(__doc__, **COUNTS), arguments)
    figures = measure(options)
    if options.json:
        print(json.dumps({"routing_table": figures}))
    else:
        show(figures, options.repetitions)
    return int(any((figures["polling"]["broken"], figures["polling"]["older"], figures["killed"]["not whole"])))


def show(figures: Mapping[str, Any], repetitions: int) -> None:
    """Print the figures as a table."""
    size = f"{figures['routes']} routes, {figures['deployments']} deployments, {figures['bytes'] / 1e6:.2f} MB"
    shown = Table(title=f"{size} (median of {repetitions}, bar 2 s)", title_justify="left")
    shown.add_column("step")
    shown.add_column("seconds", justify="right")
    for name, value in figures["seconds"].items():
        shown.add_row(name, f"{value:.3f}")
    console = Console()
    console.print(shown)
    for name in ("polling", "killed"):
        counts = ", ".join(f"{count:,} {what}" for what, count in figures[name].items())
        console.print(f"{name}: {counts}", highlight=False)


if __name__ == "__main__":
    sys.exit(main())
