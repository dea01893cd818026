"""From a suite, models and seeds to a plan: every sample that a run wants, each with its id."""

import datetime as dt
import random
from collections.abc import Iterable, Sequence
from typing import TypeVar

from data.errors import HalflifeError
from data.serialization import digest
from data.vocabulary import Calendar, Machine, Model, Plan, Prompt, Request, Suite

LARGEST_SEED = 2**53 - 1

Item = TypeVar("Item")


def expand(
    suite: Suite,
    models: Iterable[Model],
    *,
    seeds: Iterable[int],
    calendar: Calendar,
    day: dt.date,
    machine: Machine,
    created_at: dt.datetime,
) -> Plan:
    """Return the plan of `suite` × `models` × `seeds` on `day`.

    The order of `models` and of `seeds` does not matter: the same choice always gives the same `run_id` and the same
    order of requests. Requests are grouped by model, so that weights load once; the models' order, and the order of
    prompts × seeds within each model, are permutations seeded by the run's identity, so that a drift of the machine
    falls on no prompt in particular. Two requests of one run never share an id; another run of the same samples has
    the same ids.

    Raises HalflifeError where a model or seed is named twice, there is none, a seed is out of range, or a model's
    task is not the suite's.
    """
    contenders = sorted(models, key=lambda model: model.id)
    numbers = sorted(seeds)
    _check(suite, contenders, numbers)
    identity = run_digest(suite, contenders, seeds=numbers, calendar=calendar, day=day)
    requests: list[Request] = []
    for model in _shuffled(contenders, identity):
        wanted = [request(suite, model, prompt, seed=seed) for prompt in suite.prompts for seed in numbers]
        requests.extend(_shuffled(wanted, identity + model.id))
    return Plan(
        run_id=f"{day:%Y%m%d}-{suite.name}-{identity[:12]}",
        suite=suite,
        models=tuple(contenders),
        seeds=tuple(numbers),
        calendar=calendar,
        day=day,
        machine=machine,
        created_at=created_at,
        requests=tuple(requests),
    )


def request(suite: Suite, model: Model, prompt: Prompt, *, seed: int) -> Request:
    """Return the request for one sample; its id is 32 hex digits of the hash of everything that makes the sample.

    That is model and revision, prompt id and text, seed, settings and the suite's digest: changing any of them asks
    for another sample.
    """
    made_of = {
        "model": model.id,
        "revision": model.revision,
        "prompt": {"id": prompt.id, "text": prompt.text},
        "seed": seed,
        "settings": model.settings,
        "suite": suite.digest,
    }
    return Request(
        id=digest(made_of)[:32],
        model=model.id,
        prompt=prompt.id,
        text=prompt.text,
        category=prompt.category,
        seed=seed,
        settings=model.settings,
        inputs=prompt.inputs,
    )


def run_digest(suite: Suite, models: Sequence[Model], *, seeds: Sequence[int], calendar: Calendar, day: dt.date) -> str:
    """Return the sha256 (hex) that identifies a run; machine and time of creation are no part of it."""
    contenders = [{"id": model.id, "revision": model.revision, "settings": model.settings} for model in models]
    return digest(
        {
            "suite": suite.digest,
            "models": sorted(contenders, key=lambda contender: str(contender["id"])),
            "seeds": sorted(seeds),
            "calendar": calendar,
            "day": day,
        }
    )


def _shuffled(items: Sequence[Item], seed: str) -> list[Item]:
    order = list(items)
    random.Random(seed).shuffle(order)
    return order


def _check(suite: Suite, models: Sequence[Model], seeds: Sequence[int]) -> None:
    if not models or not seeds:
        missing = "seed" if models else "model"
        raise HalflifeError(f"Expected at least one {missing} for suite {suite.name!r}, got none. Name one.")
    for kind, names in (("model", [model.id for model in models]), ("seed", [str(seed) for seed in seeds])):
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise HalflifeError(f"Expected each {kind} once, got {', '.join(twice)} more than once. Name each once.")
    for seed in seeds:
        if not 0 <= seed <= LARGEST_SEED:
            raise HalflifeError(f"Expected seeds from 0 to {LARGEST_SEED}, got {seed}. Choose another.")
    for model in models:
        if model.task != suite.task:
            wanted = f"Expected models for {suite.task} (suite {suite.name!r})"
            raise HalflifeError(f"{wanted}, got {model.id!r} for {model.task}. Leave it out.")
