"""Rules about models: the state that catalogue, calendar and routes give each, and which successors are due.

A rule never overrules a person: a model that was quarantined stays so until somebody decides otherwise, and a retired
one stays retired.
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from data.lifecycle.states import NEXT, ModelState, StateChange
from data.vocabulary import Model

NOTICE_DAYS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Sunset:
    """A model that goes away on `day`, and its successor, which has not been measured within the notice window."""

    model: str
    day: dt.date
    successor: str | None
    measured: dt.date | None
    sentence: str


def rule_changes(
    models: Iterable[Model],
    states: Mapping[str, StateChange],
    *,
    today: dt.date,
    at: dt.datetime,
    statuses: Mapping[str, str] | None = None,
) -> list[StateChange]:
    """Return what the rules change today: by release and sunset dates, then by the routing table's deployments.

    `statuses` are those of the current table's deployments, if there is one.

    >>> from data.catalogue import load_catalogue
    >>> nano, now = load_catalogue().model("shapes-nano"), dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
    >>> (change,) = rule_changes([nano], {}, today=now.date(), at=now)
    >>> change.state, change.by
    ('announced', 'rule')
    """
    changes = []
    for model in models:
        before = states.get(model.id)
        state, reason = _by_rule(model, (statuses or {}).get(model.id), today)
        if before is None or (before.state != state and _may_change(before, state, today)):
            sunset = model.retired if state == "deprecated" else None
            changes.append(
                StateChange(
                    model=model.id,
                    state=state,
                    day=today,
                    reason=reason,
                    by="rule",
                    at=at,
                    successor=model.successor,
                    until=sunset,
                )
            )
    return changes


def due(
    models: Iterable[Model],
    states: Mapping[str, StateChange],
    measured: Mapping[str, dt.date],
    *,
    today: dt.date,
    notice_days: int = NOTICE_DAYS,
) -> list[Sunset]:
    """Return the models that go away within the notice window and whose successor was not measured inside it.

    Sunsets are the catalogue's retired dates, and days that a person gave (`until`). `measured` holds the last day of a
    live run of each model.

    >>> from dataclasses import replace
    >>> from data.catalogue import load_catalogue
    >>> leaving = replace(load_catalogue().model("shapes-nano"), retired=dt.date(2026, 6, 20), successor="next")
    >>> [(sunset.model, sunset.successor) for sunset in due([leaving], {}, {}, today=dt.date(2026, 6, 1))]
    [('shapes-nano', 'next')]
    >>> due([leaving], {}, {"next": dt.date(2026, 5, 30)}, today=dt.date(2026, 6, 1))
    []
    """
    sunsets = []
    for model in models:
        state = states.get(model.id)
        day = (state.until if state and state.state == "deprecated" else None) or model.retired
        successor = (state.successor if state else None) or model.successor
        window = None if day is None else day - dt.timedelta(days=notice_days)
        if day is None or window is None or not window <= today <= day or (state and state.state == "retired"):
            continue
        last = measured.get(successor) if successor else None
        if successor is None or last is None or last < window:
            sentence = _due_sentence(model.id, day, successor, last)
            sunsets.append(Sunset(model=model.id, day=day, successor=successor, measured=last, sentence=sentence))
    return sunsets


def _by_rule(model: Model, status: str | None, today: dt.date) -> tuple[ModelState, str]:
    if model.retired is not None and model.retired <= today:
        return "retired", f"Its maker retired it on {model.retired}."
    if model.released > today:
        return "announced", f"Its maker announced it for {model.released}."
    if model.retired is not None:
        return "deprecated", f"Its maker retires it on {model.retired}."
    if model.successor is not None:
        return "deprecated", f"Its maker named {model.successor} as its successor."
    if status == "quarantined":
        return "quarantined", "More of its samples fail than the policy allows."
    if status in ("active", "canary"):
        return ("active", "It is in the routing table.") if status == "active" else ("canary", "It is on trial.")
    return "candidate", "It is in the catalogue."


def _may_change(before: StateChange, state: ModelState, today: dt.date) -> bool:
    """Whether a rule may replace a state; one that a person or a drift gave, only because the model is retired."""
    if (before.by != "rule" and state != "retired") or before.day > today:
        return False
    return state in NEXT[before.state]


def _due_sentence(model: str, day: dt.date, successor: str | None, measured: dt.date | None) -> str:
    if successor is None:
        advice = f"Name one: halflife models deprecate {model} --successor …"
        return f"{model} goes away on {day} and has no successor. {advice}"
    when = "never" if measured is None else f"last on {measured}"
    return f"{model} goes away on {day}; its successor {successor} was measured {when}. Run it now: --model {successor}"
