"""Media that were made elsewhere, as a run: matched to prompts, kept, scored, sealed, and published with the others."""

import datetime as dt
import threading
from dataclasses import dataclass
from pathlib import Path

from data.catalogue import load_catalogue, this_machine
from data.errors import HalflifeError
from data.home import Home
from data.media import MediaStore
from data.runs import RunFolder, runs
from data.suites import load_suite
from data.vocabulary import BroughtSource, Progress, Suite
from evaluators.registry import open_evaluators
from halflife.workflows.observe import Observed, finish, owned
from harness.brought.generator import BroughtFiles
from harness.brought.items import BroughtItem, Matched, match_all
from harness.brought.listing import Listing, list_folder
from harness.brought.manifest import read_manifest
from harness.brought.plan import brought_plan, identity_of
from harness.execution import execute


@dataclass(frozen=True, slots=True, kw_only=True)
class BringSpec:
    """What to score: a folder, the suite that its files are of, and what is known about them.

    `model` and `deployment` are of files for which nothing else is said; `origin` says where they come from, in words;
    None: the folder's name. `day`: None is today, or the day on which the same files were brought before.
    """

    folder: Path
    prompts: str
    manifest: Path | None = None
    model: str | None = None
    deployment: str | None = None
    origin: str | None = None
    day: dt.date | None = None
    encoder: Path | None = None
    catalogue: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Brought:
    """What became of a folder: which files fit the suite's prompts, and the run that they are."""

    suite: Suite
    matched: Matched
    observed: Observed
    unread_columns: tuple[str, ...] = ()

    @property
    def routable(self) -> bool:
        """Whether any of its contenders names a deployment."""
        return any(model.location != "brought" for model in self.observed.plan.models)


def bring(home: Home, spec: BringSpec, progress: Progress, stop: threading.Event) -> Brought:
    """Score the media of a folder, or go on where it stopped; the same files again add nothing.

    When `stop` is set the rest is left for another call, and nothing is published. Raises HalflifeError where not one
    file fits a prompt.
    """
    evaluators = open_evaluators(home.cache, card=spec.encoder)
    suite, catalogue, listing = load_suite(spec.prompts), load_catalogue(spec.catalogue), _listing(spec)
    matched = match_all(spec.folder, listing, suite)
    if not matched.items:
        raise HalflifeError(_nothing(spec, matched, suite))
    source = _source(home, spec, matched.items, suite)
    machine = this_machine(catalogue)
    brought = brought_plan(matched.items, suite, source, folder=spec.folder, catalogue=catalogue, machine=machine)
    home.prepare()
    run, media = RunFolder.create(home, brought.plan), MediaStore(home.media)
    files = BroughtFiles(spec.folder, brought.rows, suite.modality)
    with owned(run, stop):
        summary = execute(run, media, lambda model: files, progress, stop=stop)
        published = None if summary.left else finish(home, run, evaluators, progress, encoder=spec.encoder)
    observed = Observed(plan=run.plan, summary=summary, published=published)
    return Brought(suite=suite, matched=matched, observed=observed, unread_columns=listing.unread_columns)


def _listing(spec: BringSpec) -> Listing:
    if spec.manifest is not None:
        if not spec.folder.is_dir():
            raise HalflifeError(f"Expected the folder that the manifest's files are in, got {str(spec.folder)!r}.")
        return read_manifest(spec.manifest, spec.model, spec.deployment)
    if spec.deployment is not None and spec.model is None:
        raise HalflifeError("Expected the name of the model beside its deployment, got none. Give --model.")
    return list_folder(spec.folder, spec.model, spec.deployment)


def _source(home: Home, spec: BringSpec, items: tuple[BroughtItem, ...], suite: Suite) -> BroughtSource:
    """Return origin and day; without a day of its own the day on which the same files were brought before."""
    today = dt.datetime.now(dt.UTC).date()
    if spec.day is not None and spec.day > today:
        raise HalflifeError(f"Expected a day up to {today}, got {spec.day}. Give the day on which they were made.")
    origin = spec.origin or spec.folder.resolve().name
    ending = identity_of(items, suite, origin)[:12]
    before = next((run.plan.day for run in runs(home) if run.run_id.endswith(f"-{suite.name}-{ending}")), None)
    return BroughtSource(origin=origin, day=spec.day or before or today)


def _nothing(spec: BringSpec, matched: Matched, suite: Suite) -> str:
    first = suite.prompts[0].id
    got = "; ".join(f"{place}: {reason}" for place, reason in matched.left_out[:3]) or "no file at all"
    return (
        f"Expected files in {spec.folder} that fit a prompt of {suite.name!r}, got none: {got} "
        f"Name them by prompt and seed ({first}_0.png) or by the prompt's text, or give --manifest FILE."
    )
