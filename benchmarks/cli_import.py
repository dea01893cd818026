"""How long the command line takes to start: `import halflife.cli`, `halflife --help`, and the help of one group.

Compared with an empty interpreter, and with typer and rich alone, which any command line of this kind imports.
"""

import argparse
import json
import statistics
import subprocess
import sys
import time

from rich.console import Console
from rich.table import Table

REPETITIONS = 9
CASES = {
    "python -c pass": [sys.executable, "-c", "pass"],
    "import typer, rich.console": [sys.executable, "-c", "import typer, rich.console"],
    "import halflife.cli": [sys.executable, "-c", "import halflife.cli"],
    "halflife --help": [sys.executable, "-m", "halflife", "--help"],
    "halflife routes --help": [sys.executable, "-m", "halflife", "routes", "--help"],
}


def measure() -> dict[str, float]:
    """Return the median wall-clock seconds of each case as a whole process, repetitions interleaved, one warm-up."""
    seconds: dict[str, list[float]] = {name: [] for name in CASES}
    for repetition in range(REPETITIONS + 1):
        for name, command in CASES.items():
            start = time.perf_counter()
            subprocess.run(command, check=True, capture_output=True)
            if repetition:
                seconds[name].append(time.perf_counter() - start)
    return {name: statistics.median(values) for name, values in seconds.items()}


def main() -> None:
    """Print the medians as a table, or as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    as_json = parser.parse_args().json
    medians = measure()
    if as_json:
        print(json.dumps({"cli_import": medians}))
        return
    table = Table(title=f"Command line (median of {REPETITIONS}; limit: 0.3 s)", title_justify="left")
    table.add_column("case")
    table.add_column("seconds", justify="right")
    for name, value in medians.items():
        table.add_row(name, f"{value:.3f}")
    Console().print(table)


if __name__ == "__main__":
    main()
