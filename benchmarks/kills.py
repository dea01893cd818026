"""Commands killed at any file-system call, then given again: is the observatory as if they had not been killed?

Each command is forked from a process that has imported everything, counts the calls that change files (open to write,
write, rename, unlink, sync and their like, of Python, SQLite and DuckDB alike) and is killed at the n-th; every other
write it dies in is half done. Then the same command is given once more, and what readers see is compared with a home
where nobody died: samples, scores, standings, states, routes, export, and files that nobody owns. Needs a C compiler.
"""

import contextlib
import ctypes
import datetime as dt
import importlib
import io
import json
import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

from rich.console import Console
from rich.table import Table

from benchmarks import readers_state
from benchmarks.options import Count, parse, parser
from data.home import Home
from data.suites import load_suite, narrowed
from halflife.cli import main as halflife

SOURCE: Final = Path(__file__).with_name("nth_call.c")
SUITE: Final = narrowed(load_suite("shapes"), ("single",), each=1).name
RUN: Final = ("--suite", "shapes", "--category", "single", "--prompts", "1", "--threads", "1", "--device", "cpu")
TODAY: Final = dt.datetime.now(dt.UTC).date()
FIRST: Final = ("run", *RUN, "--model", "shapes-flash", "--day", str(TODAY - dt.timedelta(days=1)))
SECOND: Final = ("run", *RUN, "--model", "shapes-flash", "--model", "shapes-draft", "--day", str(TODAY))
QUARANTINE: Final = ("models", "quarantine", "shapes-flash", "--day", str(TODAY))


class Command(NamedTuple):
    """A command that is killed, and what is done in its home before it."""

    name: str
    before: tuple[tuple[str, ...], ...]
    command: tuple[str, ...]


IMPORTS: Final = (
    *(f"halflife.commands.{name}" for name in ("model_changes", "routes_publish", "run", "store")),
    *("diffusers", "duckdb", "open_clip", "pandas", "pyarrow.parquet", "scipy.stats", "torch", "transformers"),
)
COMMANDS: Final = (
    Command("first run", (), FIRST),
    Command("second run", (FIRST,), SECOND),
    Command("quarantine", (FIRST,), QUARANTINE),
    Command("publish", (FIRST, QUARANTINE), ("routes", "publish", "--suite", SUITE)),
    Command("rebuild", (FIRST,), ("rebuild",)),
    Command("export", (FIRST, ("export", "--out", "{home}/out")), ("export", "--out", "{home}/out")),
)


class Outcome(NamedTuple):
    """Of one command: how many calls it makes, at how many it was killed, and where the state differed afterwards."""

    name: str
    calls: int
    killed: int
    differences: tuple[str, ...]


def import_once() -> None:
    """Import what the commands use, so that the processes that are forked from this one need not."""
    for name in IMPORTS:
        importlib.import_module(name)


def killed_everywhere(command: Command, folder: Path, *, every: int = 1, first: int = 1) -> Outcome:
    """Kill a command at call `first`, `first + every`, … in homes below `folder`, and compare what readers see."""
    start = prepared(folder.parent, command.before)
    whole = _copy(start, folder / "whole")
    calls = _counted(whole, command.command)
    expected = _state(whole)
    differences, killed = [], 0
    for n in range(first, calls + 1, every):
        home = _copy(start, folder / "killed")
        killed += _forked(home, command.command, kill_at=n) == -signal.SIGKILL
        code = _forked(home, command.command)
        state = _state(home)
        if code != 0 or state != expected:
            differences.append(f"call {n}: code {code}, {readers_state.difference(expected, state)}")
        shutil.rmtree(home)
    return Outcome(command.name, calls, killed, tuple(differences))


def prepared(folder: Path, before: tuple[tuple[str, ...], ...]) -> Path:
    """Return a home in which some commands were given, made once for all that begin with them."""
    home = folder / f"after-{len(before)}-{before[-1][0] if before else 'nothing'}"
    if not home.exists() and before:
        _copy(prepared(folder, before[:-1]), home)
        _expect(_forked(home, before[-1]), 0)
    home.mkdir(parents=True, exist_ok=True)
    return home


def _copy(home: Path, to: Path) -> Path:
    return Path(shutil.copytree(home, to, symlinks=True))


def _expect(code: int, wanted: int) -> None:
    if code != wanted:
        raise RuntimeError(f"Expected the command to end with {wanted}, got {code}.")


def _counted(home: Path, arguments: Sequence[str]) -> int:
    """Run a command to its end and return how many calls it made."""
    counted = multiprocessing.RawValue("l", 0)

    def run() -> None:
        code = _call(home, arguments)
        counted.value = _library().calls()
        os._exit(code)

    _expect(_in_fork(lambda: (_library().arm(0), run())), 0)
    return int(counted.value)


def _forked(home: Path, arguments: Sequence[str], *, kill_at: int | None = None) -> int:
    """Run a command in a process of its own and return its exit code, -9 where it was killed."""

    def run() -> None:
        if kill_at is not None:
            _library().arm(kill_at)
        os._exit(_call(home, arguments))

    return _in_fork(run)


def _state(home: Path) -> Any:
    receiving, sending = multiprocessing.Pipe(duplex=False)

    def read() -> None:
        sending.send(json.dumps(readers_state.state(Home(home), home / "out"), sort_keys=True, default=str))
        os._exit(0)

    _expect(_in_fork(read), 0)
    return json.loads(receiving.recv())


def _in_fork(work: Callable[[], object]) -> int:
    pid = os.fork()
    if pid == 0:
        try:
            work()
        finally:
            os._exit(70)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def _call(home: Path, arguments: Sequence[str]) -> int:
    sys.argv = ["halflife", *(argument.format(home=home) for argument in arguments)]
    os.environ |= {"HALFLIFE_HOME": str(home), "NO_COLOR": "1"}
    said, code = io.StringIO(), 0
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        try:
            halflife()
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else int(end.code is not None)
    if code:
        print(said.getvalue(), file=sys.stderr)
    return code


def _library() -> ctypes.CDLL:
    library = ctypes.CDLL(None)
    library.calls.restype = ctypes.c_long
    library.arm.argtypes = [ctypes.c_long]
    return library


@contextlib.contextmanager
def preloaded(folder: Path) -> Iterator[dict[str, str]]:
    """Compile the library that counts and kills, and give the environment in which a process loads it."""
    library = folder / "nth_call.so"
    subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-o", str(library), str(SOURCE), "-ldl"], check=True)
    yield os.environ | {"LD_PRELOAD": str(library)}


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table, or JSON; return the number of commands after which a state differed."""
    made = parser(__doc__, every=Count(1, 250, "kill at each so-many-th call only"))
    made.add_argument("--only", choices=[command.name for command in COMMANDS], action="append", default=[])
    options = parse(made, arguments)
    chosen = options.only or [command.name for command in (COMMANDS[:1] if options.small else COMMANDS)]
    with tempfile.TemporaryDirectory() as folder:
        if "nth_call" not in os.environ.get("LD_PRELOAD", ""):
            with preloaded(Path(folder)) as environment:
                command = [
                    sys.executable,
                    "-m",
                    "benchmarks.kills",
                    *(sys.argv[1:] if arguments is None else arguments),
                ]
                return subprocess.run(command, env=environment, check=False).returncode
        import_once()
        outcomes = [
            killed_everywhere(command, Path(folder) / str(i), every=options.every)
            for i, command in enumerate(COMMANDS)
            if command.name in chosen
        ]
    _print(outcomes, as_json=options.json)
    return sum(bool(outcome.differences) for outcome in outcomes)


def _print(outcomes: Sequence[Outcome], *, as_json: bool) -> None:
    console = Console(soft_wrap=True, highlight=False, markup=False)
    if as_json:
        print(json.dumps({"kills": [outcome._asdict() for outcome in outcomes]}))
        return
    table = Table("command", *("calls", "killed", "states equal"), title="Killed at the n-th file-system call")
    for outcome in outcomes:
        equal = outcome.killed - len(outcome.differences)
        table.add_row(outcome.name, *map(str, (outcome.calls, outcome.killed, equal)))
    console.print(table)
    for outcome in outcomes:
        for difference in outcome.differences:
            console.print(f"{outcome.name}, {difference}")


if __name__ == "__main__":
    sys.exit(main())
