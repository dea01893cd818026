"""From what was handed over to a plan: each file that fits a prompt is a sample.

A contender that names a deployment has the address and the price of that model of the catalogue, and may be routed; any
other is never.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from data.catalogue.library import Catalogue
from data.errors import HalflifeError
from data.serialization import digest
from data.vocabulary import BroughtSource, Machine, Modality, Model, Plan, Request, Settings, Suite
from harness.brought.files import BroughtFileError, read_brought
from harness.brought.generator import with_facts
from harness.brought.items import BroughtItem
from harness.brought.listing import BroughtRow
from harness.generator import Outcome

MOST_TRIED: Final = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class BroughtPlan:
    """A plan of brought media, and the row that each of its requests is read from, by the request's id."""

    plan: Plan
    rows: Mapping[str, BroughtRow]


def identity_of(items: Iterable[BroughtItem], suite: Suite, origin: str) -> str:
    """Return the sha256 (hex) of what is brought: the same files of the same names and origin are the same run."""
    content = [[item.model, item.row.model, item.prompt.id, item.seed, item.content] for item in items]
    given = [[item.row.seconds, item.row.cost_usd, item.row.deployment] for item in items]
    return digest({"suite": suite.digest, "items": content, "given": given, "origin": origin})


def brought_plan(
    items: tuple[BroughtItem, ...],
    suite: Suite,
    source: BroughtSource,
    *,
    folder: Path,
    catalogue: Catalogue,
    machine: Machine,
) -> BroughtPlan:
    """Return the plan of brought media on the live calendar. Raises UnknownNameError for an unknown deployment."""
    by_model: dict[str, list[BroughtItem]] = defaultdict(list)
    for item in items:
        by_model[item.model].append(item)
    models = {name: _model(name, of_model, suite, source, folder, catalogue) for name, of_model in by_model.items()}
    requests = [_request(suite, models[item.model], item) for item in items]
    plan = Plan(
        run_id=f"{source.day:%Y%m%d}-{suite.name}-{identity_of(items, suite, source.origin)[:12]}",
        suite=suite,
        models=tuple(models[name] for name in sorted(models)),
        seeds=tuple(sorted({item.seed for item in items})),
        calendar="live",
        day=source.day,
        machine=machine,
        created_at=dt.datetime.now(dt.UTC).replace(microsecond=0),
        requests=tuple(sorted(requests, key=lambda request: request.model)),
        brought=source,
    )
    return BroughtPlan(plan=plan, rows={request.id: item.row for request, item in zip(requests, items, strict=True)})


def _model(
    name: str, items: list[BroughtItem], suite: Suite, source: BroughtSource, folder: Path, catalogue: Catalogue
) -> Model:
    deployments = {item.row.deployment for item in items}
    if len(deployments) > 1:
        raise HalflifeError(
            f"Expected one deployment of {items[0].row.model!r}, got {', '.join(sorted(map(str, deployments)))}. "
            "Give each deployment's media a model name of their own."
        )
    title, deployment = items[0].row.model, deployments.pop()
    if deployment is None:
        return _unknown_model(name, title, suite, source, _size(folder, items, suite.modality))
    (made_by,) = catalogue.select([catalogue.model(deployment).id], task=suite.task)
    return replace(made_by, id=name, title=f"{made_by.title} (brought)", retired=None, successor=None)


def _unknown_model(name: str, title: str, suite: Suite, source: BroughtSource, size: tuple[int, int]) -> Model:
    return Model(
        id=name,
        title=title,
        family="brought",
        task=suite.task,
        provider="brought",
        source=source,
        settings=Settings(width=size[0], height=size[1]),
        revision="not known",
        revision_pinned=False,
        licence="not known",
        released=source.day,
    )


def _size(folder: Path, items: list[BroughtItem], modality: Modality) -> tuple[int, int]:
    """Return the size of the first file that has one; settings need a size, and no sample is held to it."""
    for item in items[:MOST_TRIED]:
        try:
            data = read_brought(folder, item.row.file)
        except BroughtFileError:
            continue
        facts = with_facts(Outcome(status="ok", data=data), data, modality)
        if facts.width and facts.height:
            return facts.width, facts.height
    return 1, 1


def _request(suite: Suite, model: Model, item: BroughtItem) -> Request:
    made_of = {
        "suite": suite.digest,
        "model": model.id,
        "prompt": {"id": item.prompt.id, "text": item.prompt.text},
        "seed": item.seed,
        "content": item.content,
    }
    return Request(
        id=digest(made_of)[:32],
        model=model.id,
        prompt=item.prompt.id,
        text=item.prompt.text,
        category=item.prompt.category,
        seed=item.seed,
        settings=model.settings,
        inputs=item.prompt.inputs,
    )
