"""Generates the samples of a run in a process of its own, while this one does something else."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path

from data.home import Home
from data.runs import RunFolder
from data.vocabulary import Progress
from halflife.output.progress import Bars
from halflife.output.terminal import Terminal
from halflife.workflows.observe import generate, planned
from halflife.workflows.run_spec import RunSpec
from schedules.clock import Stop, stopped_by_signals

POLL_SECONDS = 0.5


class GeneratingAhead:
    """A process that generates a run's samples; whatever it leaves, `observe` generates."""

    def __init__(self, home: Home, spec: RunSpec) -> None:
        self._run = RunFolder.create(home, planned(spec))
        self._process = get_context("spawn").Process(target=_generate, args=(home.path, spec))
        if not self._run.committed:
            self._process.start()

    @property
    def running(self) -> bool:
        """Whether its process is at work."""
        return self._process.is_alive()

    def wait(self, name: str, progress: Progress, stop: threading.Event) -> None:
        """Show how many samples are there under `name`, until all are or `stop` is set."""
        total, shown = len(self._run.plan.requests), 0
        if self._process.pid is None:
            return
        progress.begin(name, total)
        while not stop.is_set() and self.running:
            self._process.join(POLL_SECONDS)
            done = len(self._run.samples())
            progress.advance(done - shown)
            shown = done
        progress.end()

    def stop(self) -> None:
        """Let it finish its current sample and end."""
        if self._process.pid is not None:
            self._process.terminate()
            self._process.join()


@contextmanager
def generating_ahead(home: Home, spec: RunSpec) -> Iterator[GeneratingAhead]:
    """Generate the samples of a run while the block runs; what is not there at its end is left."""
    ahead = GeneratingAhead(home, spec)
    try:
        yield ahead
    finally:
        ahead.stop()


def _generate(home: Path, spec: RunSpec) -> None:
    stop = Stop()
    with stopped_by_signals(stop), Bars(Terminal(quiet=True)) as nothing:
        generate(Home(home), spec, nothing, stop.event)
