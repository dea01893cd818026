"""How a run goes on under the catalogue of now: what reaches a model may be mended, what a sample is may not change.

A model's id, revision and settings identify its samples, and so the run (`harness.plan`). Its address, key variable,
limits and price merely reach it: `plan.json` keeps what the run began with, and each continuation that found something
else in the catalogue adds a line to the journal `catalogue`.
"""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any

from data.errors import HalflifeError
from data.serialization import to_json
from data.vocabulary import BroughtSource, Model, Plan, RemoteSource


@dataclass(frozen=True, slots=True, kw_only=True)
class Continuation:
    """The models as the catalogue of a later moment had them, and the declared price of the run's machine then."""

    at: dt.datetime
    models: tuple[Model, ...]
    usd_per_hour: float
    price_source: str


def continuation(before: Plan, now: Plan) -> Continuation | None:
    """Return what reaches the models of a run `now`, None where it is as it was `before`.

    The price of another machine is not the run's: it counts only where both plans name the same one.
    """
    machine = now.machine if now.machine.name == before.machine.name else before.machine
    changed = Continuation(
        at=now.created_at,
        models=now.models,
        usd_per_hour=machine.usd_per_hour,
        price_source=machine.price_source,
    )
    return None if continued(before, changed) == before else changed


def continued(plan: Plan, last: Continuation) -> Plan:
    """Return the plan with its models and its machine's price as its last continuation had them."""
    machine = replace(plan.machine, usd_per_hour=last.usd_per_hour, price_source=last.price_source)
    return replace(plan, models=last.models, machine=machine)


def check_continuation(before: Plan, last: Continuation, made: Collection[str]) -> None:
    """Raise HalflifeError where a model is another one now although samples of it, by id in `made`, are there."""
    models = {model.id: model for model in before.models}
    for model in last.models:
        was, now = _identity(models[model.id]), _identity(model)
        changed = [name for name in was if was[name] != now.get(name)] or [name for name in now if name not in was]
        if changed and model.id in made:
            raise HalflifeError(
                f"Expected model {model.id!r} as its samples of this run were made ({_listed(was, changed)}), got "
                f"{_listed(now, changed)}. Give it another revision, or leave it as it was."
            )


def _identity(model: Model) -> dict[str, Any]:
    """What of a model's source makes it another model; a folder's place and a server's address do not."""
    source = model.source
    if isinstance(source, BroughtSource):
        return to_json(source)
    if isinstance(source, RemoteSource):
        return {"model": source.model, "seed_support": source.seed_support}
    place = {} if source.kind == "directory" else {"repository": source.repository}
    return {"pipeline": source.pipeline, "variant": source.variant, "dtype": source.dtype, **place}


def _listed(identity: dict[str, Any], names: list[str]) -> str:
    return ", ".join(f"{name} = {identity.get(name)!r}" for name in names)
