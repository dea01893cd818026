"""The board over a million scores: the leaderboard's query against pandas, and its pages in a real Chromium.

The query is `leaderboard.standings.queries.standings` on an open snapshot, with nothing cached. Interleaved with it run
the alternatives on the same rows: pandas over Parquet files and over CSV files, to the same table (mean over prompt
means with its t interval, n, failures, median latency, price). The pages are served by the real server and opened in
headless Chromium: a first page on a warm server, and a category that was not asked for before.
"""

import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.million_scores import SIZES, SMALL, build
from benchmarks.options import Count, parse, parser
from benchmarks.side_by_side import Row
from data.home import Home
from data.store.snapshot import current
from data.vocabulary import ALL_CATEGORIES
from leaderboard.board import server
from leaderboard.standings import queries

LIMITS = {"leaderboard query": 0.150, "first page, warm server": 3.0, "a filter": 1.0}
TIMEOUT_MS = 180_000
CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
ARGUMENTS = ["--no-sandbox", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-sync"]


def measure_queries(home: Home, folder: Path, repetitions: int) -> dict[str, float]:
    """Return median seconds of the standings: ours, pandas over Parquet, pandas over CSV."""
    snapshot = current(home)
    if snapshot is None:
        raise LookupError("Expected the benchmark's snapshot, got none.")
    with snapshot.connect() as cursor:
        for table, columns in (
            ("samples", "model, prompt, status, call, seconds, cost_usd"),
            ("scores", "model, prompt, metric, value"),
        ):
            for file_format in ("parquet", "csv"):
                cursor.execute(f"COPY (SELECT {columns} FROM {table}) TO '{folder / table}.{file_format}'")  # noqa: S608
        board = queries.boards(cursor)[0]
        measure = queries.measures(cursor, board)[0]
        selection = queries.Selection(board=board, category=ALL_CATEGORIES, measure=measure)
        return _medians(
            {
                "leaderboard query": lambda: queries.standings(cursor, selection),
                "pandas over Parquet": lambda: by_pandas(folder, "parquet"),
                "pandas over CSV": lambda: by_pandas(folder, "csv"),
            },
            repetitions,
        )


def by_pandas(folder: Path, file_format: str) -> Any:
    """Return the same table from files, as one would compute it in a notebook."""
    import pandas as pd
    from scipy import stats

    read = pd.read_parquet if file_format == "parquet" else pd.read_csv
    samples, scores = read(folder / f"samples.{file_format}"), read(folder / f"scores.{file_format}")
    means = scores[scores["metric"] == "accuracy"].groupby(["model", "prompt"])["value"].mean()
    table = means.groupby("model").agg(["mean", "sem", "size"])
    table["half"] = stats.t.ppf(0.975, table["size"] - 1) * table["sem"]
    good = samples[(samples["status"] == "ok") & (samples["call"] == "steady")]
    table["p50"] = good.groupby("model")["seconds"].median()
    table["not_ok"] = samples["status"].ne("ok").groupby(samples["model"]).sum()
    table["usd"] = samples.groupby(["model", "prompt"])["cost_usd"].mean().groupby("model").mean()
    return table.sort_values("mean", ascending=False)


def measure_pages(home: Home, repetitions: int, categories: int) -> dict[str, float]:
    """Return median seconds of the pages in Chromium, {} where it is not installed."""
    if not Path(CHROMIUM).exists():
        return {}
    from playwright.sync_api import sync_playwright

    with serving(home) as address, sync_playwright() as running:
        browser = running.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        cold = _first_page(browser, address)
        warm = [_first_page(browser, address) for _ in range(repetitions)]
        filters = _filters(browser, address, min(categories, repetitions))
        browser.close()
    return {
        "first page, just started": cold,
        "first page, warm server": statistics.median(warm),
        "a filter": statistics.median(filters),
    }


def _first_page(browser: Any, address: str) -> float:
    """Return seconds from an empty browser to the table."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page, start = context.new_page(), time.perf_counter()
    page.goto(address, timeout=TIMEOUT_MS)
    page.locator("tbody tr").first.wait_for(timeout=TIMEOUT_MS)
    seconds = time.perf_counter() - start
    context.close()
    return seconds


def _filters(browser: Any, address: str, count: int) -> list[float]:
    """Return seconds from the click on a category to its table, each category for the first time."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.goto(address, timeout=TIMEOUT_MS)
    page.locator("tbody tr").first.wait_for(timeout=TIMEOUT_MS)
    seconds = []
    for number in range(count):
        before = page.locator("tbody").first.inner_text()
        page.get_by_role("combobox", name="Category").click()
        choice = page.get_by_role("option", name=f"Category {number}", exact=True)
        choice.wait_for()
        start = time.perf_counter()
        choice.click()
        while page.locator("tbody").first.inner_text() == before:
            page.wait_for_timeout(10)
        seconds.append(time.perf_counter() - start)
    context.close()
    return seconds


@contextmanager
def serving(home: Home) -> Iterator[str]:
    """Serve a home while the block runs; yields the address."""
    port = server.another_port()
    process = subprocess.Popen(
        server.command(port), env=server.environment(home.path), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    address = f"http://{server.ADDRESS}:{port}"
    try:
        _wait(f"{address}/_stcore/health", process)
        yield address
    finally:
        process.terminate()
        process.wait(timeout=30)


def _wait(address: str, process: "subprocess.Popen[bytes]") -> None:
    while process.poll() is None:
        try:
            with urllib.request.urlopen(address, timeout=5):
                return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"Expected the board to start, got exit code {process.returncode}.")


def _medians(cases: Mapping[str, Callable[[], object]], repetitions: int) -> dict[str, float]:
    """Return the median seconds of each case, repetitions interleaved, one warm-up."""
    seconds: dict[str, list[float]] = {name: [] for name in cases}
    for repetition in range(repetitions + 1):
        for name, run in cases.items():
            start = time.perf_counter()
            run()
            if repetition:
                seconds[name].append(time.perf_counter() - start)
    return {name: statistics.median(values) for name, values in seconds.items()}


def rows(figures: Mapping[str, Any]) -> list[Row]:
    """Return what README shows of the figures."""
    seconds = figures["board"]
    query, pandas = seconds["leaderboard query"], seconds["pandas over Parquet"]
    page, category = seconds["first page, warm server"], seconds["a filter"]
    return [
        Row("the leaderboard's query at a million scores", "pandas over Parquet", f"{query:.3f} s, {pandas:.3f} s"),
        Row("the first page at a million scores; a filter", "", f"{page:.1f} s; {category:.2f} s"),
    ]


def measure(repetitions: int, sizes: Mapping[str, int]) -> dict[str, float]:
    """Return the median seconds of queries and pages over an observatory of these sizes."""
    with tempfile.TemporaryDirectory() as folder:
        home = build(Path(folder) / "observatory", sizes)
        queries_alone = measure_queries(home, Path(folder), repetitions)
        return queries_alone | measure_pages(home, repetitions, sizes["categories"])


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the medians as a table, or as JSON."""
    options = parse(parser(__doc__, repetitions=Count(7, 1, "repetitions of each case")), arguments)
    medians = measure(options.repetitions, SMALL if options.small else SIZES)
    if options.json:
        print(json.dumps({"board": medians}))
        return 0
    table = Table(title=f"The board at a million scores (median of {options.repetitions})", title_justify="left")
    for name in ("case", "seconds", "limit"):
        table.add_column(name, justify="left" if name == "case" else "right")
    for name, value in medians.items():
        table.add_row(name, f"{value:.3f}", f"< {LIMITS[name]:g}" if name in LIMITS else "")
    Console().print(table)
    return 0


if __name__ == "__main__":
    sys.exit(main())
