"""The table "Side by side" of README.md, written from the figures that the benchmarks printed.

`python -m benchmarks.side_by_side` writes it anew from `benchmarks/side_by_side.json`; `python -m benchmarks --readme`
measures first. The file keeps of each benchmark its figures, the day and the machine; its `rows` say what is shown.
"""

import datetime as dt
import importlib
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

from benchmarks.options import parse, parser

ROOT: Final = Path(__file__).resolve().parents[1]
FIGURES, README = ROOT / "benchmarks" / "side_by_side.json", ROOT / "README.md"
BENCHMARKS: Final = (
    "harness_overhead",
    "clip_score",
    "video_scoring",
    "board",
    "routing_table",
    "profile_models",
    "cli_import",
)
"""The benchmarks whose rows the table shows, in its order."""

BEGIN, END = "<!-- measured: python -m benchmarks --readme -->", "<!-- end of what was measured -->"


class Row(NamedTuple):
    """One row: what was measured, what it is compared with, and the result."""

    what: str
    compared_with: str
    result: str


def record(path: Path, name: str, figures: Any, *, machine: str, day: dt.date) -> None:
    """Keep one benchmark's figures in the file, in the place of its former ones."""
    kept = json.loads(path.read_text(encoding="utf-8"))
    kept[name] = {"day": day.isoformat(), "machine": machine, "figures": figures}
    path.write_text(json.dumps(kept, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def rendered(kept: Mapping[str, Any]) -> str:
    """Return a table for each machine, of the rows that its benchmarks declare."""
    machines = dict.fromkeys(kept[name]["machine"] for name in BENCHMARKS)
    return "\n\n".join("\n".join(_table(kept, machine)) for machine in machines)


def _table(kept: Mapping[str, Any], machine: str) -> Iterator[str]:
    yield f"On {machine}, medians:\n"
    yield "| what | compared with | result | measured on |\n|---|---|---|---|"
    for name in BENCHMARKS:
        if kept[name]["machine"] == machine:
            declared: Sequence[Row] = importlib.import_module(f"benchmarks.{name}").rows(kept[name]["figures"])
            yield from (f"| {' | '.join(row)} | {kept[name]['day']} |" for row in declared)


def written_into(page: str, table: str) -> str:
    """Return the page with the table between its two marks; raises ValueError where they are not there once each."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not end or page.count(BEGIN) != 1 or page.count(END) != 1:
        raise ValueError(f"Expected the lines {BEGIN!r} and {END!r} once each, in this order.")
    return f"{before}{begin}\n\n{table}\n\n{end}{after}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the table into README.md, or print it as JSON."""
    options = parser(__doc__)
    options.add_argument("--page", type=Path, default=README, help="the page with the two marks (default README.md)")
    options.add_argument("--figures", type=Path, default=FIGURES, help="the file of figures")
    given = parse(options, arguments)
    kept = json.loads(given.figures.read_text(encoding="utf-8"))
    if given.json:
        print(json.dumps(kept))
        return 0
    given.page.write_text(written_into(given.page.read_text(encoding="utf-8"), rendered(kept)), encoding="utf-8")
    print(f"Wrote the rows of {', '.join(BENCHMARKS)} into {given.page}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
