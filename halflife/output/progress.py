"""How the command line draws long work: one bar a phase, with what is running and how long it will take."""

from types import TracebackType

from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeRemainingColumn

from halflife.output.terminal import Terminal


class Bars:
    """A `data.vocabulary.Progress` on a terminal; on a pipe each phase prints one line when it ends."""

    def __init__(self, console: Terminal) -> None:
        columns = (
            SpinnerColumn(),
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=28),
            MofNCompleteColumn(),
            TimeRemainingColumn(compact=True, elapsed_when_finished=True),
        )
        self._bars = Progress(*columns, console=console, disable=not console.is_terminal)
        self._console = console
        self._name, self._total, self._done = "", 0, 0
        self._task = self._bars.add_task("", total=0, visible=False)

    def __enter__(self) -> "Bars":
        self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bars.stop()

    def begin(self, name: str, total: int) -> None:
        """A phase of `total` steps begins on a bar of its own."""
        self._name, self._total, self._done = name, total, 0
        self._task = self._bars.add_task(name, total=total)

    def advance(self, steps: int = 1) -> None:
        """`steps` more steps of the phase are done."""
        self._done += steps
        self._bars.advance(self._task, steps)

    def end(self) -> None:
        """The phase is over; where there is no terminal, say so in a line."""
        if not self._console.is_terminal and self._total:
            self._console.print(f"{self._name}: {self._done} of {self._total}")
