"""What a run made, and what was left out of the standings."""

from collections.abc import Sequence

from rich.console import Console

from data.errors import HalflifeError
from halflife.workflows.observe import Observed


def summary(console: Console, observed: Observed) -> None:
    """Print how many samples a run made, by status, and how many it found already made."""
    executed = observed.summary
    if executed is None and observed.published is None:
        return
    if executed is None:
        console.print(f"Run {observed.plan.run_id} is committed already: nothing was left to do.", highlight=False)
        return
    parts = [f"{count} {status}" for status, count in sorted(executed.made.items(), key=lambda item: -item[1])]
    before = f", {executed.before} made before" if executed.before else ""
    left = f", {executed.left} left" if executed.left else ""
    console.print(f"Run {executed.run_id}: {', '.join(parts) or 'nothing made'}{before}{left}.", highlight=False)
    for model, cause in executed.declined.items():
        sentence = f"Stopped asking {model}: {cause} Nothing was charged; mend this, and repeat with --retry-failed."
        console.print(sentence, highlight=False, markup=False, soft_wrap=True)
    for model, reason in executed.postponed.items():
        console.print(f"Left {model}: {reason}", highlight=False, markup=False, soft_wrap=True)


def left_out(errors: Sequence[HalflifeError]) -> None:
    """Print on standard error what was left out, and why; the rest is shown without it."""
    console = Console(stderr=True, soft_wrap=True, highlight=False, markup=False)
    for error in errors:
        console.print(f"Left out: {error}")
