"""`halflife half-life`: how long a place at the top, a lead and a price last; of our boards or of a file's tenures."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from halflife.options import DEFAULT_HOME, HomeOption

if TYPE_CHECKING:
    from leaderboard.lifecycle.half_life_estimate import Estimate


def half_life(
    from_: Annotated[
        Path | None,
        typer.Option(
            "--from",
            help="tenures as CSV: subject, entered, left, observed_from, observed_until, ended_by; "
            "the published boards without",
        ),
    ] = None,
    suite: Annotated[str | None, typer.Option(help="of the boards, this suite's alone")] = None,
    source: Annotated[str | None, typer.Option(help="of ratings from outside, this source's")] = None,
    gap_days: Annotated[
        float | None, typer.Option(min=0, help="--from: back within so many days counts as never left")
    ] = None,
    snapshot_days: Annotated[
        float | None, typer.Option(min=0, help="--from: days between snapshots, 0 for exact dates; else told by them")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="all that is known, for machines")] = False,
    home: HomeOption = DEFAULT_HOME,
) -> None:
    """Estimate half-lives: of tenures in a file, or of ranks, leads and prices on the published boards."""
    if from_ is not None:
        answer, found = _of_file(from_, gap_days, snapshot_days)
    elif source is not None:
        answer, found = _of_source(home, source)
    else:
        answer, found = _of_boards(home, suite)
    if as_json:
        print(json.dumps(answer, indent=2, ensure_ascii=False, allow_nan=False))
        return
    _show(found, answer.get("dates"))


def _of_file(
    path: Path, gap_days: float | None, snapshot_days: float | None
) -> "tuple[dict[str, Any], list[Estimate]]":
    from leaderboard.lifecycle.groups import grouped
    from leaderboard.lifecycle.interval_observations import spells_of_observations
    from leaderboard.reports.tenure_file import read_tenures

    seen = read_tenures(path, gap_days=gap_days)
    stays, dates = spells_of_observations(seen, spacing_days=snapshot_days)
    plain, _ = spells_of_observations(seen, spacing_days=0.0)
    found, tests = grouped(stays, plain)
    reading = {"reading": dates.reading, "spacing_days": dates.spacing_days, "sentence": dates.sentence}
    return {"estimates": [one.to_json() for one in found], "comparisons": tests, "dates": reading}, found


def _of_boards(home: Path, suite: str | None) -> "tuple[dict[str, Any], list[Estimate]]":
    from data.errors import HalflifeError, UnknownNameError
    from data.home import Home
    from data.store.snapshot import current
    from leaderboard.reports.half_lives import half_lives
    from leaderboard.standings import queries

    snapshot = current(Home(home))
    if snapshot is None:
        raise HalflifeError(
            f"Expected published standings in {home}, got none. Run `halflife demo` or `halflife run`, "
            "or give tenures with --from."
        )
    with snapshot.connect() as connection:
        known = [board.suite for board in queries.boards(connection)]
        if suite is not None and suite not in known:
            raise UnknownNameError("suite with standings", suite, known)
        found = list(half_lives(connection, suite=suite))
    return {"estimates": [one.to_json() for one in found]}, found


def _of_source(home: Path, source: str) -> "tuple[dict[str, Any], list[Estimate]]":
    from data.errors import HalflifeError
    from data.home import Home
    from data.store.snapshot import current
    from leaderboard.reports.external_ratings import half_lives

    snapshot = current(Home(home))
    if snapshot is None:
        raise HalflifeError(f"Expected ratings from outside in {home}, got none. Run `halflife history import FILE`.")
    with snapshot.connect() as connection:
        found = list(half_lives(connection, source=source))
    return {"source": source, "estimates": [one.to_json() for one in found]}, found


def _show(found: "Sequence[Estimate]", dates: dict[str, Any] | None) -> None:
    from halflife.output.standings import listing
    from leaderboard.reports.half_lives import scope_in_words

    console = Console()
    several = len({(one.kind, str(one.scope)) for one in found}) > 1
    shown = [one for one in found if not several or one.method in ("exponential", "hedonic")]
    table = listing("Half-lives in days, with 95 % intervals", ("of", "scope", "method", "days", "low", "high", "n"))
    for one in shown:
        numbers = (_days(one.half_life_days), _days(one.low), _days(one.high), str(one.events))
        method = f"{one.method}*" if one.prior_speaks else one.method
        table.add_row(one.kind, scope_in_words(one.scope), method, *numbers)
    console.print(table)
    legend = "n: how many ended by being overtaken (gap: closed; price: prices)."
    starred = " * fewer than 8 of them: the prior of 30 days speaks." if any(one.prior_speaks for one in shown) else ""
    console.print(legend + starred, style="dim", highlight=False)
    words = [one.sentence for one in found if one.method == "exponential"][:1]
    for sentence in [*words, *([dates["sentence"]] if dates else [])]:
        console.print(sentence, style="dim", highlight=False)


def _days(value: float | None) -> str:
    return "–" if value is None else f"{value:.3g}"
