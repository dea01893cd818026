"""A provider as a TOML file: how its jobs are submitted, asked about, fetched and cancelled, and no code.

The engine that speaks a spec is `harness.remote.adapters.http_job`. The shipped ones are in `providers/`, each with the
document that it was written from; a catalogue folder of the user's own may hold more.
"""

import datetime as dt
import re
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, Field, field_validator, model_validator

from data.catalogue.body_template import check_template
from data.catalogue.endpoint import OWN_HEADERS, SECRET_NAME, check_base_url, check_key_header
from data.catalogue.json_path import JSONPath
from data.formats.toml import Declared
from data.vocabulary import SeedSupport, check_identifier

VARIABLE: Final = re.compile(r"[A-Z][A-Z0-9]*_[A-Z0-9_]+")
HOST: Final = re.compile(r"(\*\.)?[a-z0-9-]+(\.[a-z0-9-]+)+")
RATIO: Final = re.compile(r"([1-9]\d{0,4})[:x]([1-9]\d{0,4})")
HEADER_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,63}")
URL_FIELD: Final = re.compile(r"\{([a-z_]*)\}")


def _check_variable(name: str) -> str:
    if not VARIABLE.fullmatch(name):
        raise ValueError("Expected the name of an environment variable such as STUDIO_API_KEY; what came is not shown.")
    return name


def _check_host(host: str) -> str:
    if not HOST.fullmatch(host):
        raise ValueError(f"Expected a host such as api.example.com or *.example.com, got {host!r:.80}.")
    return host


def _check_url_path(path: str) -> str:
    unknown = sorted(set(URL_FIELD.findall(path)) - {"id", "model"})
    if not path.startswith("/") or path.startswith("//") or unknown:
        raise ValueError(f"Expected a path such as /v1/jobs/{{id}} with {{id}} and {{model}} alone, got {path!r:.80}.")
    return path


Variable = Annotated[str, AfterValidator(_check_variable)]
URLPath = Annotated[str, AfterValidator(_check_url_path)]
Words = list[Annotated[str, Field(min_length=1, max_length=200)]]


class KeyTable(Declared):
    """The key's environment variable, the header that it goes in, and what stands before it there.

    With `issuer` the variable holds a secret that signs a token (JWT, RFC 7519, HS256) of half an hour, and `issuer`
    names the variable of the access key.
    """

    environment: Variable
    header: Annotated[str, AfterValidator(check_key_header)] = "authorization"
    prefix: str = Field(default="Bearer ", max_length=20)
    issuer: Variable | None = None


class SubmitTable(Declared):
    """The POST that makes a job: its body, and where the reply names the job's id and URLs.

    `extra` is the key of the body under which the settings' `extra` goes, None for the body itself.
    """

    path: URLPath
    form: Literal["json", "multipart"] = "json"
    body: Annotated[dict[str, Any], AfterValidator(check_template)]
    extra: str | None = None
    headers: dict[str, str] = Field(default_factory=dict)
    idempotency_header: str | None = None
    id: list[JSONPath] = Field(default_factory=list)
    status_url: JSONPath | None = None
    result_url: JSONPath | None = None
    cancel_url: JSONPath | None = None

    @field_validator("headers")
    @classmethod
    def _are_no_secrets(cls, headers: dict[str, str]) -> dict[str, str]:
        for name, value in headers.items():
            own = name.lower() in OWN_HEADERS - {"accept"}
            if own or not HEADER_NAME.fullmatch(name) or SECRET_NAME.search(name) or not value.isprintable():
                raise ValueError(f"Expected a header of the provider's own, and no key, got {name!r:.80}.")
        return headers


class StatusWords(Declared):
    """The provider's words for how far a job is."""

    completed: Words = Field(min_length=1)
    queued: Words = Field(default_factory=list)
    running: Words = Field(default_factory=list)
    refused: Words = Field(default_factory=list)
    failed: Words = Field(default_factory=list)
    cancelled: Words = Field(default_factory=list)

    @model_validator(mode="after")
    def _each_has_one_meaning(self) -> "StatusWords":
        seen: dict[str, str] = {}
        for meaning, words in self.model_dump().items():
            for word in words:
                if seen.setdefault(word.lower(), meaning) != meaning:
                    raise ValueError(f"Expected one meaning of {word!r}, got {seen[word.lower()]} and {meaning}.")
        return self


class StatusTable(Declared):
    """The GET that asks how far a job is, and how often: waits double from the first to the longest, in seconds.

    Without `path` the URL is the one that the reply to the submission named.
    """

    path: URLPath | None = None
    at: JSONPath
    words: StatusWords
    first_wait_s: float = Field(default=1.0, gt=0, le=60)
    longest_wait_s: float = Field(default=10.0, gt=0, le=600)
    limit_s: float = Field(default=1800.0, gt=0, le=86_400)


class ResultTable(Declared):
    """Where the media are: the URL to fetch them from, or their base64.

    They stand in the last reply; with `path`, or a `submit.result_url`, in the reply to one more GET. `lifetime_s` is
    how long a URL lives.
    """

    path: URLPath | None = None
    url: list[JSONPath] = Field(default_factory=list)
    base64: list[JSONPath] = Field(default_factory=list)
    lifetime_s: float | None = Field(default=None, gt=0)

    @model_validator(mode="after")
    def _are_somewhere(self) -> "ResultTable":
        if not self.url and not self.base64:
            raise ValueError("Expected 'url' or 'base64' of the result, got neither. Say where the media are.")
        return self


class Mark(Declared):
    """A value of a reply that means something: one of `words` (`safety*` for all that begin so), capitals alike.

    With `other_than` any value but those means it.
    """

    at: JSONPath
    words: Words = Field(default_factory=list)
    other_than: Words = Field(default_factory=list)

    @model_validator(mode="after")
    def _says_which(self) -> "Mark":
        if bool(self.words) == bool(self.other_than):
            raise ValueError("Expected 'words' or 'other_than', got both or none. Keep one.")
        return self


class ReplyTable(Declared):
    """What any reply may say: marks of a refusal, of an error and of a full queue, the error's words, the seed."""

    refused: list[Mark] = Field(default_factory=list)
    failed: list[Mark] = Field(default_factory=list)
    busy: list[Mark] = Field(default_factory=list)
    error: list[JSONPath] = Field(default_factory=list)
    seed: list[JSONPath] = Field(default_factory=list)
    prompt: list[JSONPath] = Field(default_factory=list)
    timings: dict[str, JSONPath] = Field(default_factory=dict)


class BillTable(Declared):
    """What a reply says about money: an amount times `usd_each` dollars, credits, or units of the model's price."""

    usd: list[JSONPath] = Field(default_factory=list)
    usd_each: float = Field(default=1.0, gt=0)
    credits: list[JSONPath] = Field(default_factory=list)
    units: list[JSONPath] = Field(default_factory=list)


class CancelTable(Declared):
    """How a job is given up. Without `path` the URL is the one that the reply to the submission named."""

    method: Literal["POST", "PUT", "DELETE"]
    path: URLPath | None = None


class ProviderSpec(Declared):
    """One provider. `base_url` and the key are what its models have that name none of their own.

    `hosts` are those, beside the base's, to which a URL that the provider names may take the key. `source` is the
    document, read on `as_of`. Without `status` the reply to the submission has the media.
    """

    name: str
    title: str = Field(min_length=1)
    tasks: list[Literal["text-to-image", "text-to-video"]] = Field(min_length=1)
    base_url: Annotated[str, AfterValidator(check_base_url)]
    source: str = Field(min_length=1)
    as_of: dt.date
    submit: SubmitTable
    result: ResultTable
    key: KeyTable | None = None
    status: StatusTable | None = None
    cancel: CancelTable | None = None
    reply: ReplyTable = Field(default_factory=ReplyTable)
    bill: BillTable = Field(default_factory=BillTable)
    hosts: list[Annotated[str, AfterValidator(_check_host)]] = Field(default_factory=list)
    aspect_ratios: list[str] = Field(default_factory=list)
    seed_support: SeedSupport = "none"
    timeout_s: float = Field(default=120.0, gt=0)

    @field_validator("name")
    @classmethod
    def _is_identifier(cls, value: str) -> str:
        return check_identifier("provider name", value)

    @field_validator("aspect_ratios")
    @classmethod
    def _are_ratios(cls, values: list[str]) -> list[str]:
        for value in values:
            if not RATIO.fullmatch(value):
                raise ValueError(f"Expected ratios such as 16:9 or 16x9, got {value!r:.80}.")
        return values

    @model_validator(mode="after")
    def _holds_together(self) -> "ProviderSpec":
        if self.status is None:
            return self
        if not self.submit.id:
            raise ValueError("Expected submit.id with a status, got none. Say where the reply names the job's id.")
        if self.status.path is None and self.submit.status_url is None:
            raise ValueError("Expected status.path or submit.status_url, got neither. Say where a job is asked about.")
        if self.cancel is not None and self.cancel.path is None and self.submit.cancel_url is None:
            raise ValueError("Expected cancel.path or submit.cancel_url, got neither. Say where a job is cancelled.")
        return self

    def remote_defaults(self) -> dict[str, Any]:
        """Return what a model's `remote` table has where it does not say otherwise."""
        key = {"credential_env": self.key.environment, "key_header": self.key.header} if self.key else {}
        shared = {"base_url": self.base_url, "seed_support": self.seed_support, "timeout_s": self.timeout_s}
        return {**shared, **key}
