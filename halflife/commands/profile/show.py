"""`halflife profile` and `halflife profile MODEL`: what calls compute, take and cost."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from data.architectures.shape import ShapeRequest
from data.errors import HalflifeError
from data.flops.flops_model import load_flops_model
from data.flops.profile import Profile
from halflife.output import price, profile
from halflife.output.terminal import Terminal
from halflife.workflows.price import price_call
from harness.profiling.recounting import recounted
from leaderboard.cost_model.target import TargetOptions


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowOptions:
    """A model at a shape on a deployment target, and where measurements and prices are looked up."""

    model: str
    asked: ShapeRequest
    target: TargetOptions
    home: Path
    catalogue: tuple[Path, ...]
    recount: bool


def show(options: ShowOptions, *, as_json: bool) -> None:
    """Print what one call computes, takes and costs. Raises HalflifeError where a recount differs."""
    flops_model = load_flops_model()
    counted = flops_model.profile(options.model, flops_model.shape(options.model, options.asked))
    priced = price_call(
        flops_model,
        counted.model,
        counted.shape,
        options.target,
        home=options.home,
        catalogue=options.catalogue,
    )
    differences = list(_differences(counted)) if options.recount else []
    console = Terminal()
    if as_json:
        recount = {"recounted": not differences} if options.recount else {}
        answer = counted.as_json() | price.price_json(priced) | recount
        console.print_json(json.dumps(answer), indent=2, highlight=False)
    else:
        profile.show(console, counted)
        price.price(console, priced)
        if options.recount and not differences:
            console.print("Counted again with the real classes: every component is equal.")
    if differences:
        raise HalflifeError(
            f"Expected the FLOPs of the committed polynomials, got others: {'; '.join(differences)}. "
            f"Run: halflife profile --rebuild-atlas --only {counted.model}"
        )


def list_all(*, as_json: bool) -> None:
    """Print every architecture at its usual shape."""
    flops_model = load_flops_model()
    profiles = [flops_model.profile(model, flops_model.shape(model)) for model in flops_model.models]
    if as_json:
        Terminal().print_json(json.dumps([counted.as_json() for counted in profiles]), indent=2, highlight=False)
    else:
        profile.show_all(Terminal(), profiles)


def _differences(counted: Profile) -> Iterator[str]:
    status = f"Counting {counted.model} again with the real classes"
    with Terminal(stderr=True).status(status, refresh_per_second=4):
        counts = recounted(counted)
    for name, (expected, actual) in counts.items():
        if expected != actual:
            yield f"{name} has {actual.total:,} FLOP a call where the polynomial says {expected.total:,}"
