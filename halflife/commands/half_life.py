"""`halflife half-life`: how long a place at the top, a lead and a price last; of our boards or of a file's tenures."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import typer

from data.errors import HalflifeError
from data.home import Home
from data.store.snapshot import current
from halflife.options import DEFAULT_HOME, HomeOption, takes_options
from halflife.output.tables import number, table
from halflife.output.terminal import Terminal
from leaderboard.lifecycle.groups import grouped
from leaderboard.lifecycle.half_life_estimate import Estimate
from leaderboard.lifecycle.interval_observations import spells_of_observations
from leaderboard.reports import external_ratings
from leaderboard.reports.half_lives import half_lives, scope_in_words
from leaderboard.reports.tenure_file import read_tenures


@dataclass(frozen=True, slots=True, kw_only=True)
class HalfLifeOptions:
    """Whose half-lives are estimated, and how a file of tenures is read."""

    from_: Annotated[
        Path | None,
        typer.Option(
            "--from",
            help="tenures as CSV: subject, entered, left, observed_from, observed_until, ended_by; "
            "default: the published boards",
        ),
    ] = None
    suite: Annotated[
        str | None,
        typer.Option(help="of the boards, only this suite's; NAME@VERSION or NAME@DIGEST: an older content of it"),
    ] = None
    source: Annotated[str | None, typer.Option(help="of ratings from outside, this source's")] = None
    gap_days: Annotated[
        float | None, typer.Option(min=0, help="--from: an absence of up to so many days does not end a tenure")
    ] = None
    snapshot_days: Annotated[
        float | None,
        typer.Option(
            min=0, help="--from: days between snapshots, 0 for exact dates; default: estimated from the dates"
        ),
    ] = None
    as_json: Annotated[bool, typer.Option("--json", help="all estimates, for machines")] = False
    home: HomeOption = DEFAULT_HOME


class _Answer(NamedTuple):
    """The answer for machines, and the estimates in it for people."""

    content: dict[str, Any]
    estimates: list[Estimate]


@takes_options
def half_life(options: HalfLifeOptions) -> None:
    """Estimate half-lives: of tenures in a file, or of ranks, leads and prices on the published boards."""
    if options.from_ is not None:
        answer = _of_file(options.from_, options.gap_days, options.snapshot_days)
    elif options.source is not None:
        answer = _of_source(options.home, options.source)
    else:
        answer = _of_boards(options.home, options.suite)
    if options.as_json:
        print(json.dumps(answer.content, indent=2, ensure_ascii=False, allow_nan=False))
        return
    _show(answer.estimates, answer.content.get("dates"))


def _of_file(path: Path, gap_days: float | None, snapshot_days: float | None) -> _Answer:
    tenures = read_tenures(path, gap_days=gap_days)
    spells, dates = spells_of_observations(tenures, spacing_days=snapshot_days)
    exact_spells, _ = spells_of_observations(tenures, spacing_days=0.0)
    estimates, tests = grouped(spells, exact_spells)
    reading = {"reading": dates.reading, "spacing_days": dates.spacing_days, "sentence": dates.sentence}
    content = {"estimates": [estimate.to_json() for estimate in estimates], "comparisons": tests, "dates": reading}
    return _Answer(content, estimates)


def _of_boards(home: Path, suite: str | None) -> _Answer:
    snapshot = current(Home(home))
    if snapshot is None:
        raise HalflifeError(
            f"Expected published standings in {home}, got none. Run `halflife demo` or `halflife run`, "
            "or give tenures with --from."
        )
    with snapshot.connect() as connection:
        estimates = list(half_lives(connection, suite=suite))
    return _Answer({"estimates": [estimate.to_json() for estimate in estimates]}, estimates)


def _of_source(home: Path, source: str) -> _Answer:
    snapshot = current(Home(home))
    if snapshot is None:
        raise HalflifeError(f"Expected ratings from outside in {home}, got none. Run `halflife history import FILE`.")
    with snapshot.connect() as connection:
        estimates = list(external_ratings.half_lives(connection, source=source))
    return _Answer({"source": source, "estimates": [estimate.to_json() for estimate in estimates]}, estimates)


def _show(estimates: Sequence[Estimate], dates: dict[str, Any] | None) -> None:
    console = Terminal()
    several = len({(estimate.kind, str(estimate.scope)) for estimate in estimates}) > 1
    main = [estimate for estimate in estimates if not several or estimate.method in ("exponential", "hedonic")]
    columns = ("of", "scope", "method", "days", "low", "high", "n")
    rows = table("Half-lives in days, with 95 % intervals", columns, numbers=("days", "low", "high", "n"))
    for estimate in main:
        numbers = (number(estimate.half_life_days), number(estimate.low), number(estimate.high), str(estimate.events))
        method = f"{estimate.method}*" if estimate.prior_speaks else estimate.method
        rows.add_row(estimate.kind, scope_in_words(estimate.scope), method, *numbers)
    console.print(rows)
    legend = "n: how many ended by being overtaken (of gaps: were closed; of prices: how many prices)."
    if any(estimate.prior_speaks for estimate in main):
        legend += " * fewer than 8 of them: the estimate rests mostly on the prior of 30 days."
    console.print(legend, style="dim")
    sentences = [estimate.sentence for estimate in estimates if estimate.method == "exponential"][:1]
    for sentence in [*sentences, *([dates["sentence"]] if dates else [])]:
        console.print(sentence, style="dim")
