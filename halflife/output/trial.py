"""What `halflife run --trial` prints of each model: where it asked, what came, what it cost and how long it took."""

from collections.abc import Iterable, Iterator

from halflife.output.terminal import Terminal
from halflife.workflows.trial import Trial
from leaderboard import formatting


def show(console: Terminal, trials: Iterable[Trial]) -> None:
    """Print a paragraph for each model, as plain text."""
    for trial in trials:
        console.print(f"{trial.model.id}: {'ok' if trial.good else 'no picture'}")
        for name, value in _lines(trial):
            console.print(f"  {name:<8}{value}", soft_wrap=True)


def _lines(trial: Trial) -> Iterator[tuple[str, str]]:
    yield "asked", trial.url or "nothing: no request was sent"
    if trial.url:
        yield "status", str(trial.status or "no reply")
    if trial.words:
        yield "words", trial.words
    outcome = trial.outcome
    if outcome is not None:
        yield "cost", f"{formatting.dollars(outcome.cost_usd or 0.0)} ({outcome.cost_source})"
        if outcome.width:
            asked = trial.model.settings
            yield "size", f"{outcome.width} × {outcome.height}, asked for {asked.width} × {asked.height}"
    yield "took", formatting.seconds(trial.seconds)
    if trial.picture:
        yield "kept", f"media {trial.picture[:16]}…, in no run and no standings"
    yield "proxy", trial.proxy or "none is named for this address, and none is used"
