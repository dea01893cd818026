"""What a run made, and what was left out of the standings."""

from collections.abc import Sequence
from typing import Final

from data.errors import HalflifeError
from halflife.output.terminal import Terminal
from halflife.workflows.observe import Observed
from harness.execution import ExecutionSummary

MOST_REASONS: Final = 5


def summary(console: Terminal, observed: Observed) -> None:
    """Print how many samples a run made, by status, and how many it found already made."""
    executed = observed.summary
    if executed is None and observed.published is None:
        return
    if executed is None:
        console.print(f"Run {observed.plan.run_id} is committed already: nothing was left to do.")
    else:
        _made(console, executed)
    for reason in (*observed.failures[:MOST_REASONS], *observed.unscored[:MOST_REASONS]):
        _say(console, f"{reason.name}: {reason.samples} {reason.state}: {reason.words}")
    more = len(observed.failures) - MOST_REASONS
    if more > 0:
        _say(console, f"{more} more reasons: see the samples of the run (`halflife export`).")


def _made(console: Terminal, executed: ExecutionSummary) -> None:
    parts = [f"{count} {status}" for status, count in sorted(executed.made.items(), key=lambda item: -item[1])]
    before = f", {executed.before} made before" if executed.before else ""
    left = f", {executed.left} left" if executed.left else ""
    console.print(f"Run {executed.run_id}: {', '.join(parts) or 'nothing made'}{before}{left}.")
    for model, cause in executed.declined.items():
        _say(
            console, f"Stopped asking {model}: {cause} Nothing was charged; mend this, and repeat with --retry-failed."
        )
    for model, reason in executed.postponed.items():
        _say(console, f"Left {model}: {reason}")


def no_standings(observed: Observed) -> HalflifeError:
    """Return the error of a run that is finished and has no place in any standings, with what to do about it."""
    metric = observed.plan.suite.primary_metric
    if observed.unscored:
        return HalflifeError(
            f"No standings of suite {observed.plan.suite.name!r}: no sample has a score of {metric}. "
            "Score with an encoder that knows the prompts (--encoder CARD)."
        )
    return HalflifeError(
        f"No standings of suite {observed.plan.suite.name!r}: no sample is ok. Mend what is said above, and repeat "
        "with --retry-failed; `halflife run --trial` shows what a server answers."
    )


def _say(console: Terminal, sentence: str) -> None:
    console.print(sentence, soft_wrap=True)


def left_out(errors: Sequence[HalflifeError]) -> None:
    """Print on standard error what was left out, and why; the rest is shown without it."""
    console = Terminal(stderr=True, soft_wrap=True)
    for error in errors:
        console.print(f"Left out: {error}")
