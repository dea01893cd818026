"""How long the command line takes to start: `import halflife.cli`, `halflife --help`, and the help of one group.

Compared with an empty interpreter, and with typer and rich alone, which any command line of this kind imports.
"""

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.options import Count, parse, parser
from benchmarks.side_by_side import Row

CASES = {
    "python -c pass": [sys.executable, "-c", "pass"],
    "import typer, rich.console": [sys.executable, "-c", "import typer, rich.console"],
    "import halflife.cli": [sys.executable, "-c", "import halflife.cli"],
    "halflife --help": [sys.executable, "-m", "halflife", "--help"],
    "halflife routes --help": [sys.executable, "-m", "halflife", "routes", "--help"],
}


def measure(repetitions: int) -> dict[str, float]:
    """Return the median wall-clock seconds of each case as a whole process, repetitions interleaved, one warm-up."""
    seconds: dict[str, list[float]] = {name: [] for name in CASES}
    for repetition in range(repetitions + 1):
        for name, command in CASES.items():
            start = time.perf_counter()
            subprocess.run(command, check=True, capture_output=True)
            if repetition:
                seconds[name].append(time.perf_counter() - start)
    return {name: statistics.median(values) for name, values in seconds.items()}


def rows(figures: Mapping[str, Any]) -> list[Row]:
    """Return what README shows of the figures."""
    ours, theirs = (figures["cli_import"][case] for case in ("import halflife.cli", "import typer, rich.console"))
    return [Row("`import halflife.cli`", "typer and rich alone", f"{ours:.2f} s, {theirs:.2f} s")]


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the medians as a table, or as JSON."""
    options = parse(parser(__doc__, repetitions=Count(9, 1, "repetitions of each case")), arguments)
    medians = measure(options.repetitions)
    if options.json:
        print(json.dumps({"cli_import": medians}))
        return 0
    table = Table(title=f"Command line (median of {options.repetitions}; limit: 0.3 s)", title_justify="left")
    table.add_column("case")
    table.add_column("seconds", justify="right")
    for name, value in medians.items():
        table.add_row(name, f"{value:.3f}")
    Console().print(table)
    return 0


if __name__ == "__main__":
    sys.exit(main())
