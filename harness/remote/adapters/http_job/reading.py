"""What a provider's reply says by its spec: the job, how far it is, the media, money; hostile input all of it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from data.catalogue.json_path import first_text, value_at
from data.catalogue.provider_spec import Mark, ProviderSpec, StatusWords
from harness.generator import JobProgress, JobState, RequestError, RequestErrorKind
from harness.remote.billing import number_of
from harness.remote.error_causes import cause_of
from harness.remote.error_reply import read_error
from harness.remote.reply import LONGEST_PROMPT, HTTPReply, read_value, storable
from harness.remote.retries import error_words
from harness.remote.usage import KEPT, UNITS

LONGEST_ID = 200
LONGEST_STATUS = 60
MEANINGS: tuple[JobProgress, ...] = ("completed", "refused", "failed", "cancelled", "queued", "running")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """A provider's reply: its JSON, None where it is none, and its headers by lower-case name."""

    content: Any = field(repr=False)
    body: bytes = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)

    @classmethod
    def of(cls, http: HTTPReply) -> "Reply":
        """Return what a reply over HTTP is."""
        return cls(content=read_value(http.body), body=http.body, headers=http.headers)

    def text(self, paths: Iterable[str]) -> str | None:
        """Return the first text at one of `paths`."""
        return first_text(paths, self.content, self.headers)

    def number(self, paths: Iterable[str]) -> float | None:
        """Return the first number at one of `paths`."""
        numbers = (number_of(value_at(path, self.content, self.headers)) for path in paths)
        return next((number for number in numbers if number is not None and 0 <= number <= 1e12), None)


def words_of(spec: ProviderSpec, reply: Reply) -> str | None:
    """Return the words in which a reply says what is wrong, None where it says nothing."""
    named = reply.text(spec.reply.error)
    general = error_words(read_error(reply.body))
    return next(filter(None, (named, general)), None)


def marked(marks: Iterable[Mark], reply: Reply) -> str | None:
    """Return the value by which a reply carries one of `marks`, None where it carries none."""
    for mark in marks:
        value = value_at(mark.at, reply.content, reply.headers)
        if value is None or isinstance(value, dict | list):
            continue
        word = str(value).lower()
        is_one = word in map(str.lower, mark.words) if mark.words else word not in map(str.lower, mark.other_than)
        if is_one or any(entry.endswith("*") and word.startswith(entry[:-1].lower()) for entry in mark.words):
            return str(value)[:LONGEST_STATUS]
    return None


def declined(spec: ProviderSpec, reply: Reply) -> RequestError | None:
    """Return what a reply with a status below 300 declines: refused, a full queue or failed; None where nothing."""
    words = words_of(spec, reply)
    refused = marked(spec.reply.refused, reply)
    if refused is not None:
        return RequestError(kind="refused", reason=_joined("Refused", refused, words))
    busy = marked(spec.reply.busy, reply)
    if busy is not None:
        return RequestError(kind="busy", reason=_joined("Still busy", busy, words), free=True)
    failed = marked(spec.reply.failed, reply)
    if failed is None:
        return None
    kind: RequestErrorKind = "refused" if cause_of(400, read_error(reply.body)) == "refused" else "failed"
    return RequestError(kind=kind, reason=_joined("Refused" if kind == "refused" else "Failed", failed, words))


def progress_of(spec: ProviderSpec, reply: Reply) -> JobState:
    """Return how far a job is; a status that the spec does not know is told, and the job goes on."""
    if spec.status is None:
        raise ValueError(f"Expected a provider with a status, got {spec.name!r}.")
    status = reply.text([spec.status.at])
    error = declined(spec, reply)
    if status is None:
        if error is not None and error.kind != "busy":
            return JobState(progress="refused" if error.kind == "refused" else "failed", reason=error.reason)
        return JobState(
            progress="unreachable", reason=f"a reply without a status: {words_of(spec, reply) or 'no words'}"
        )
    progress = _meaning(spec.status.words, status)
    if progress is None:
        return JobState(progress="running", reason=f"the status {status[:LONGEST_STATUS]!r}, which is not known")
    if progress in ("queued", "running"):
        return JobState(progress=progress)
    if progress == "cancelled":
        return JobState(progress="cancelled", reason=_joined("Cancelled", status, words_of(spec, reply)))
    if error is not None and error.kind in ("refused", "failed"):
        return JobState(progress="refused" if error.kind == "refused" else "failed", reason=error.reason)
    if progress == "completed":
        return JobState(progress="completed")
    if progress == "failed" and cause_of(400, read_error(reply.body)) == "refused":
        progress = "refused"
    verb = "Refused" if progress == "refused" else "The job failed"
    return JobState(progress=progress, reason=_joined(verb, status, words_of(spec, reply)))


def kept_facts(spec: ProviderSpec, replies: Iterable[Reply]) -> dict[str, Any]:
    """Return what is kept verbatim of the replies to one job: timings by their names, usage, and what is billed."""
    facts: dict[str, Any] = {}
    for reply in replies:
        whole = reply.content if isinstance(reply.content, dict) else {}
        facts |= {name: storable(whole[name]) for name in KEPT if whole.get(name) is not None and name != "cost"}
        named = {name: value_at(path, whole, reply.headers) for name, path in spec.reply.timings.items()}
        facts |= {name: storable(value) for name, value in named.items() if value is not None}
        credits, units = reply.number(spec.bill.credits), reply.number(spec.bill.units)
        facts |= {} if credits is None else {"credits": credits}
        facts |= {} if units is None else {UNITS: units}
    return facts


def cost_of(spec: ProviderSpec, reply: Reply) -> float | None:
    """Return the dollars that a reply reports, None where it reports none."""
    amount = reply.number(spec.bill.usd)
    return None if amount is None else amount * spec.bill.usd_each


def seed_of(spec: ProviderSpec, replies: Iterable[Reply]) -> int | None:
    """Return the seed that the replies name."""
    texts = (reply.text(spec.reply.seed) for reply in replies)
    return next((int(text) for text in texts if text is not None and text.isdecimal() and len(text) < 20), None)


def prompt_of(spec: ProviderSpec, reply: Reply) -> str | None:
    """Return the prompt that the provider says it used."""
    text = reply.text(spec.reply.prompt)
    return None if text is None else text[:LONGEST_PROMPT]


def _meaning(words: StatusWords, status: str) -> JobProgress | None:
    lower = status.lower()
    return next((name for name in MEANINGS if lower in map(str.lower, getattr(words, name))), None)


def _joined(verb: str, value: str, words: str | None) -> str:
    return f"{verb} ({value}): {words}" if words and words != value else f"{verb}: {value}."
