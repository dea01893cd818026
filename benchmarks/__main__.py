"""Run benchmarks, each in a process of its own, one after the other: `python -m benchmarks [NAME ...]`.

`--readme` keeps the figures in `benchmarks/side_by_side.json` and writes README's table from them.
"""

import datetime as dt
import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from benchmarks import side_by_side
from benchmarks.options import parse, parser
from data.catalogue.library import load_catalogue
from data.catalogue.machine import this_machine

NAMES: Final = (
    "cli_import",
    "profile_models",
    "harness_overhead",
    "video_files",
    "clip_score",
    "video_scoring",
    "board",
    "half_life_coverage",
    "interval_coverage",
    "drift_detection",
    "routing_table",
    "switching",
)


def run(name: str, options: Sequence[str]) -> int:
    """Run one benchmark and return its exit code."""
    return subprocess.run([sys.executable, "-m", f"benchmarks.{name}", *options], check=False).returncode


def keep(name: str, figures: Path) -> int:
    """Run one benchmark, keep what it printed in the file of figures, and return its exit code."""
    command = [sys.executable, "-m", f"benchmarks.{name}", "--json"]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    if done.stdout:
        day = dt.datetime.now(dt.UTC).date()
        side_by_side.record(figures, name, json.loads(done.stdout), machine=described_machine(), day=day)
    return done.returncode


def described_machine() -> str:
    """Return this machine's cores and processor."""
    machine = this_machine(load_catalogue())
    return f"{machine.cores} cores of {machine.cpu}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Return 0 when every benchmark ran and held its bar, the number of those that did not otherwise."""
    options = parser(__doc__)
    options.add_argument("names", nargs="*", metavar="NAME", help=f"out of {', '.join(NAMES)} (default: all)")
    options.add_argument("--readme", action="store_true", help="keep the figures, and write README's table from them")
    given = parse(options, arguments)
    if unknown := sorted(set(given.names) - set(NAMES)):
        options.error(f"Expected names out of {', '.join(NAMES)}, got {', '.join(unknown)}.")
    if given.readme and given.small:
        options.error("Expected --readme or --small, got both: small figures are not to be quoted.")
    passed = [f"--{option}" for option in ("json", "small") if getattr(given, option)]
    names = given.names or (side_by_side.BENCHMARKS if given.readme else NAMES)
    codes = [keep(name, side_by_side.FIGURES) if given.readme else run(name, passed) for name in names]
    if given.readme:
        side_by_side.main([])
    return sum(code != 0 for code in codes)


if __name__ == "__main__":
    sys.exit(main())
