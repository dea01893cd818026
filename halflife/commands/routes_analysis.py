"""`halflife routes explain | simulate | curate`: why the table is as it is, and what other rules would have made."""

import contextlib
import json
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, cast, get_args

import typer

from data.errors import HalflifeError, UnknownNameError
from data.home import Home
from data.store import snapshot as snapshots
from data.vocabulary import Calendar
from halflife.commands.routes import table_file
from halflife.options import DEFAULT_HOME, HomeOption, TableFileOption, TableOption, takes_options
from halflife.output import routes_analysis as output
from halflife.output.terminal import Terminal
from leaderboard.routing.decisions.evidence import Evidence
from leaderboard.routing.decisions.load_evidence import evidence as load_evidence
from leaderboard.routing.policy.file import load_policy, read_policy
from leaderboard.routing.policy.rules import Policy
from leaderboard.routing.serving.published import choose, published, table_ids
from leaderboard.routing.serving.reproduce import deciding_contents, derive, sound_table
from leaderboard.routing.simulation import curate as curation
from leaderboard.routing.simulation.simulate import compare
from leaderboard.routing.table import explain as explaining
from leaderboard.standings.contents import reference_to


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceOptions:
    """Whose scores are used; what is left out is as in the published table."""

    table: TableOption = None
    suite: Annotated[
        str | None, typer.Option(help="a suite, or NAME@VERSION, NAME@DIGEST; default: the published table's content")
    ] = None
    calendar: Annotated[str | None, typer.Option(help="live or replayed; default: the published table's")] = None
    metric: Annotated[str | None, typer.Option(help="another quality metric than the suite's own")] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulateOptions:
    """Which policies are compared, on which past."""

    history: Annotated[bool, typer.Option("--history", help="over a suite's past standings")] = False
    policy: Annotated[
        list[Path] | None,
        typer.Option("--policy", help="a policy's TOML file to compare with the one in use; repeat for more"),
    ] = None
    past: EvidenceOptions
    draws: Annotated[
        int, typer.Option(min=1, max=200, help="how often the prompts are split into two halves at random")
    ] = 10
    by_category: Annotated[bool, typer.Option("--by-category", help="show each route, not only their mean")] = False
    as_json: Annotated[bool, typer.Option("--json", help="all results, for machines")] = False
    home: HomeOption = DEFAULT_HOME


def explain(
    name: Annotated[str, typer.Argument(help="a route (text-to-image.overall) or an alias (image.overall.hero)")],
    table: TableOption = None,
    file: TableFileOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="all details, for machines")] = False,
    home: HomeOption = DEFAULT_HOME,
) -> None:
    """Build a route again from the runs that its table names, and show why each model was chosen."""
    published_table = sound_table(_file_with(name, home, table, file))
    derived = derive(Home(home), published_table)
    explanations = explaining.explain(derived.evidence, derived.policy, name)
    contents = deciding_contents(Home(home).routing, derived.evidence, table=published_table)
    if as_json:
        same = {"same_bytes": derived.same_bytes, "agrees": derived.agrees, "differences": derived.differences}
        details = [explanation.to_json() for explanation in explanations]
        about = {"sentence": derived.sentence, "suite": _about(derived.evidence), "contents": contents}
        print(_json({**same, **about, "explanations": details}))
        return
    console = Terminal()
    for explanation in explanations:
        output.explanation(console, explanation)
    for sentence in contents:
        console.print(sentence)
    console.print(derived.sentence, style=None if derived.agrees else "yellow")


@takes_options
def simulate(options: SimulateOptions) -> None:
    """Replay policies over the past: switches a year, regret and cost, compared with following each day's leader."""
    if not options.history:
        raise HalflifeError(
            "Expected --history, the one past to replay, got none. Run `halflife routes simulate --history`."
        )
    evidence = _evidence(options.home, options.past)
    result = compare(evidence.windows, _policies(options.home, options.policy), draws=options.draws)
    if options.as_json:
        print(_json(_about(evidence) | result.to_json()))
        return
    output.simulation(Terminal(), result, evidence, by_category=options.by_category)


@takes_options
def curate(
    max_models: Annotated[int, typer.Option(min=1, help="the largest number of models")] = 4,
    tolerance: Annotated[
        float, typer.Option(min=0, max=0.999, help="a category is covered within this share of its best")
    ] = 0.1,
    past: EvidenceOptions = EvidenceOptions(),
    draws: Annotated[
        int, typer.Option(min=0, max=2000, help="how often the prompts are resampled for stability; 0 for never")
    ] = 200,
    as_json: Annotated[bool, typer.Option("--json", help="all results, for machines")] = False,
    home: HomeOption = DEFAULT_HOME,
) -> None:
    """Find the fewest models that serve every category nearly as well as the best, and what each adds."""
    evidence = _evidence(home, past)
    with _solver_kept_quiet():
        field = curation.field_of(evidence, tolerance=tolerance)
        subset = curation.curate(field, max_models=max_models, draws=draws)
    if as_json:
        print(_json(_about(evidence) | subset.to_json()))
        return
    output.curation(Terminal(), subset, evidence)


def _file_with(name: str, home: Path, table: str | None, file: Path | None) -> Path:
    """Return the file of the table that has a route or an alias, where the user names none."""
    if table is None and file is None:
        table = published(Home(home).routing).with_name(name).table_id
    return table_file(home, table, file)


@contextlib.contextmanager
def _solver_kept_quiet() -> Iterator[None]:
    """HiGHS 1.12 prints a stray line on the process's standard output whatever its settings (its issue 2783)."""
    sys.stdout.flush()
    stdout, nowhere = os.dup(1), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 1)
        yield
    finally:
        os.dup2(stdout, 1)
        os.close(stdout)
        os.close(nowhere)


def _evidence(home: Path, options: EvidenceOptions) -> Evidence:
    """Return the evidence of a suite from the published snapshot; by default that of the published table."""
    snapshot = snapshots.current(Home(home))
    if snapshot is None:
        raise HalflifeError(f"Expected published standings in {home}, got none. Run `halflife demo` or `halflife run`.")
    suite, calendar = _suite_and_calendar(home, options)
    with snapshot.connect() as connection:
        return load_evidence(
            connection,
            suite=suite,
            calendar=calendar,
            metric=options.metric,
            policy=load_policy(home),
        )


def _suite_and_calendar(home: Path, options: EvidenceOptions) -> tuple[str, Calendar]:
    """Return the suite and the calendar that the options name; what they leave out is that of the published table."""
    table_id = _named_table(table_ids(Home(home).routing), options)
    name, _, calendar = table_id.rpartition(".")
    calendar = options.calendar or calendar
    if calendar not in get_args(Calendar):
        raise UnknownNameError("calendar", calendar, get_args(Calendar))
    return options.suite or _deciding(home, table_id) or name, cast("Calendar", calendar)


def _deciding(home: Path, table_id: str) -> str | None:
    """Return the content of the suite that decided a published table, where it says so."""
    suite = published(Home(home).routing).table(table_id).evidence.suite
    return None if suite is None else reference_to(suite.name, suite.digest)


def _named_table(ids: list[str], options: EvidenceOptions) -> str:
    """Return the id of the table that the options name; the one of a suite without tables would be live."""
    if options.suite is None:
        if options.table is None and not ids:
            raise HalflifeError("Expected --suite, or a published table to take it from, got neither. Give --suite.")
        return choose(ids, options.table)
    if options.table is not None:
        raise HalflifeError(f"Expected --suite or --table, got both: {options.suite} and {options.table}. Give one.")
    suite = options.suite.partition("@")[0]
    of_suite = [name for name in ids if name.rpartition(".")[0] == suite]
    return choose(of_suite, None) if of_suite and options.calendar is None else f"{suite}.live"


def _policies(home: Path, files: list[Path] | None) -> dict[str, Policy]:
    """Return the policy in use and those of files by their names; two of one name by their paths."""
    files = files or []
    stems = [file.stem for file in files]
    return {"in use": load_policy(home)} | {
        (file.stem if stems.count(file.stem) == 1 else str(file)): read_policy(file) for file in dict.fromkeys(files)
    }


def _about(evidence: Evidence) -> dict[str, Any]:
    content = {"suite_version": evidence.suite_version, "suite_digest": evidence.suite_digest}
    return {"suite": evidence.suite, **content, "calendar": evidence.calendar, "metric": evidence.metric}


def _json(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False)
