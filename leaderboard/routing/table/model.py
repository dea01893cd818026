"""The routing table, version 1, as frozen typed values: what a reader may rely on, and what no table may hold.

A table is parsed once, where its file is read or where it is built (see `parsing`); everything else takes these values.
Key for key they are the committed JSON Schema, which a test holds them equal to: a key that is not named here is
refused, a number is never made of a text, and a key that may be absent is never null. Times and dates stay the text
that was published, and whole numbers stay whole, so that a table read and written again has the same bytes.
"""

import functools
from collections.abc import Iterator
from typing import Annotated, Any, Final, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from data.serialization import LARGEST_EXACT_INTEGER
from data.vocabulary import Calendar, Location, PriceUnit, Task
from leaderboard.routing.vocabulary import Action, Objective
from leaderboard.standings.contents import SHORT

SCHEMA_ID: Final = "https://halflife.invalid/schema/routing-table.v1.json"
DEFINITION: Final = "x-definition"
"""In the generated schema: the name under which a type stands in `$defs`."""

TierName = Literal["workhorse", "hero"]
Strategy = Literal["weighted", "priority"]
DeploymentStatus = Literal["active", "canary", "deprecated", "quarantined", "retired"]
OnExpiry = Literal["hold-last-known-good", "use-default-only", "fail-closed"]

T = TypeVar("T")


def _whole(value: Any) -> Any:
    """JSON has one kind of number: 2.0 is the integer 2."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _not_null(value: Any) -> Any:
    if value is None:
        raise ValueError("Expected a value, or no such key, got null. Remove the key.")
    return value


def _distinct(values: tuple[T, ...]) -> tuple[T, ...]:
    if len(set(values)) < len(values):
        raise ValueError("Expected different items, got one of them twice. Remove one.")
    return values


def _both_tiers(tiers: dict[TierName, T]) -> dict[TierName, T]:
    if len(tiers) < 2:
        raise ValueError("Expected the tiers 'workhorse' and 'hero', got one of them or none. Add the other.")
    return tiers


Absent = Annotated[T | None, BeforeValidator(_not_null)]
"""A key that may be left out; None where it is."""
Items = Annotated[tuple[T, ...], Field(strict=False)]
Distinct = Annotated[
    tuple[T, ...], Field(strict=False, json_schema_extra={"uniqueItems": True}), AfterValidator(_distinct)
]
SomeDistinct = Annotated[
    tuple[T, ...],
    Field(strict=False, min_length=1, json_schema_extra={"uniqueItems": True}),
    AfterValidator(_distinct),
]

Id = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9.-]{0,62}$", json_schema_extra={DEFINITION: "id"})]
Time = Annotated[
    str,
    Field(
        pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?Z$",
        json_schema_extra={DEFINITION: "time"},
    ),
]
Date = Annotated[str, Field(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$", json_schema_extra={DEFINITION: "date"})]
Revision = Annotated[str, Field(pattern=r"^sha256:[0-9a-f]{64}$", json_schema_extra={DEFINITION: "revision"})]
Url = Annotated[
    str,
    Field(
        pattern=r"^https?://[^@?#\s]+$",
        max_length=300,
        json_schema_extra={
            DEFINITION: "url",
            "$comment": "No user, no query, no fragment: a signed URL or a token does not fit in.",
        },
    ),
]
Text = Annotated[str, Field(min_length=1, max_length=500)]
PixelSize = Annotated[str, Field(pattern=r"^[1-9][0-9]{0,4}x[1-9][0-9]{0,4}$")]

Count = Annotated[int, Field(ge=0), BeforeValidator(_whole)]
Positive = Annotated[int, Field(ge=1), BeforeValidator(_whole)]
Number = int | float
NotNegative = Annotated[int, Field(ge=0)] | Annotated[float, Field(ge=0)]
AboveZero = Annotated[int, Field(gt=0)] | Annotated[float, Field(gt=0)]
Share = Annotated[int, Field(ge=0, le=1)] | Annotated[float, Field(ge=0, le=1)]
ShareAboveZero = Annotated[int, Field(gt=0, le=1)] | Annotated[float, Field(gt=0, le=1)]
JsonInterval = Annotated[
    tuple[Number | None, Number | None] | None, Field(strict=False, json_schema_extra={DEFINITION: "pair"})
]
"""The low and the high end of a 95 % interval."""


class TablePart(BaseModel):
    """An object of the table: unknown keys are refused, nothing is converted, values are frozen."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON values; a key that was absent stays absent."""
        return self.model_dump(mode="json", by_alias=True, exclude_unset=True)


class CalendarWindow(TablePart):
    """The days that the evidence covers, both included."""

    calendar: Calendar
    start: Date = Field(alias="from")
    end: Date = Field(alias="to")


class DecidingSuite(TablePart):
    """The content of a suite whose results decide the table: what it calls itself, and the sha256 of what it holds."""

    model_config = ConfigDict(
        json_schema_extra={
            "$comment": "Since 1.2: a suite may change under its name; routes of two contents are not the same promise."
        }
    )

    name: Text
    version: Text
    digest: Text

    @property
    def sentence(self) -> str:
        """It in words, such as `shapes, version 2 (0123456789ab)`."""
        return f"{self.name}, version {self.version} ({self.digest[:SHORT]})"


class TableEvidence(TablePart):
    """What the table was derived from: the suite's content, the sealed runs, and a digest of them."""

    runs: SomeDistinct[Text]
    window: CalendarWindow
    digest: Revision
    suite: Absent[DecidingSuite] = None


class TableTierRule(TablePart):
    """What the policy asks of a tier; see `policy.rules.TierRule`."""

    model_config = ConfigDict(json_schema_extra={DEFINITION: "rule"})

    objective: Objective
    quality_share: ShareAboveZero
    max_cost_usd: Absent[NotNegative] = None
    max_latency_p95_s: Absent[AboveZero] = None
    min_quality: Absent[Number] = None
    resolution: Absent[PixelSize] = None
    seconds: Absent[AboveZero] = None
    allow_cost_escalation: Absent[bool] = None


class TableTierRules(TablePart):
    """The rules of the two tiers."""

    model_config = ConfigDict(json_schema_extra={DEFINITION: "rules"})

    hero: Absent[TableTierRule] = None
    workhorse: Absent[TableTierRule] = None


class TablePolicy(TablePart):
    """The policy that the table was decided by; see `policy.rules.Policy`. Absent keys mean what version 1.0 did."""

    k: Positive
    gap_days: Absent[Count] = None
    confidence: Share
    switch_margin: NotNegative
    min_dwell_days: Count
    prior_half_life_days: AboveZero
    workhorse_quality_share: Absent[Share] = None
    max_failure_share: Absent[Share] = None
    canary_days: Absent[Count] = None
    canary_weight: Absent[Annotated[int, Field(ge=1, le=99), BeforeValidator(_whole)]] = None
    budget_headroom: Absent[Annotated[int, Field(ge=1)] | Annotated[float, Field(ge=1)]] = None
    poll_interval_s: Absent[Positive] = None
    significance: Absent[ShareAboveZero] = Field(
        default=None,
        json_schema_extra={
            "$comment": "Since 1.1, as are categories, tiers and overrides: absent, they mean what 1.0 did."
        },
    )
    max_unsound_share: Absent[Share] = Field(
        default=None, json_schema_extra={"$comment": "Since 1.2; absent, it is the 0.1 of the shipped policy."}
    )
    categories: Absent[Annotated[Items[Text], Field(min_length=1)]] = None
    tiers: Absent[TableTierRules] = None
    overrides: Absent[dict[str, TableTierRules]] = None


class Endpoint(TablePart):
    """Where a remote deployment is called, and the name of the environment variable that holds its key."""

    base_url: Url
    credential_env: (
        Annotated[
            str,
            Field(
                pattern=r"^[A-Z][A-Z0-9_]*$",
                max_length=100,
                json_schema_extra={"$comment": "The name of an environment variable, never its value."},
            ),
        ]
        | None
    )

    @property
    def root(self) -> str:
        """The address without a slash at its end."""
        return self.base_url.rstrip("/")


class Capabilities(TablePart):
    """What a deployment was measured to make: sizes as `1024x1024`, the longest video in seconds."""

    sizes: Annotated[Items[PixelSize], Field(min_length=1)]
    max_n: Positive
    max_seconds: NotNegative | None
    seed: bool
    negative_prompt: bool


class DeploymentPrice(TablePart):
    """US dollars for a unit of what is made, as read or measured on a day."""

    unit: PriceUnit
    usd: NotNegative
    as_of: Date


class CallLatency(TablePart):
    """Seconds of a steady call: the median, and the 95th percentile (None below 20 calls), over `n` calls."""

    p50: NotNegative
    p95: NotNegative | None
    n: Positive
    as_of: Date


class LiteLLMAdapter(TablePart):
    """What LiteLLM calls a deployment, with its prefix."""

    model: Text
    api_base: Absent[Url] = None


class PortkeyAdapter(TablePart):
    """What Portkey calls a deployment."""

    provider: Text
    model: Text
    custom_host: Absent[Url] = None


class RoutingServiceAdapter(TablePart):
    """What a routing service (OpenRouter, Vercel) calls a deployment, and which provider it is to take."""

    model: Text
    provider: Absent[Text] = None


class Adapters(TablePart):
    """A deployment's names at gateways, where the table says them."""

    model_config = ConfigDict(json_schema_extra={"required": []})

    litellm: Absent[LiteLLMAdapter] = None
    portkey: Absent[PortkeyAdapter] = None
    openrouter: Absent[RoutingServiceAdapter] = None
    vercel: Absent[RoutingServiceAdapter] = None


class Deployment(TablePart):
    """A model where it can be called: who makes it, how it is called, what it costs and takes."""

    model_config = ConfigDict(json_schema_extra={DEFINITION: "deployment"})

    model: Text
    model_revision: Text
    revision_pinned: bool
    provider: Text
    location: Location
    api: Id
    endpoint: Endpoint | None
    tasks: SomeDistinct[Task]
    capabilities: Capabilities
    price: DeploymentPrice | None
    latency_s: CallLatency | None
    license: Text
    status: DeploymentStatus
    retires_at: Time | None
    adapters: Adapters

    def call_usd(self, seconds: float | None = None) -> float | None:
        """Return the price of one call in US dollars; a video's of `seconds`, or of the longest that is made.

        None where no price is known, or no length of a video that is paid by the second.
        """
        if self.price is None:
            return None
        if self.price.unit != "second-of-video":
            return float(self.price.usd)
        length = seconds if seconds is not None else self.capabilities.max_seconds
        return None if length is None else float(self.price.usd * length)


class ShapeLatency(TablePart):
    """Seconds of a call at another shape than that of the runs."""

    p50: NotNegative
    p95: NotNegative | None


class AtShape(TablePart):
    """What a local model takes and costs at the shape that its tier asks for; quality was measured at `scored_at`."""

    model_config = ConfigDict(
        json_schema_extra={
            DEFINITION: "at_shape",
            "$comment": "Since 1.1: what a local model takes and costs at the shape that the tier asks for, where its"
            " runs were made at another. Quality was measured at scored_at.",
        }
    )

    size: Annotated[str, Field(pattern=r"^[1-9][0-9]*x[1-9][0-9]*$")]
    seconds: AboveZero | None
    latency_s: ShapeLatency
    cost_usd: NotNegative
    basis: Literal["measured", "predicted"]
    said: Text
    scored_at: Text


class TierCandidate(TablePart):
    """A deployment of a tier: its share of the calls, its place and score with 95 % intervals, over `n` prompts."""

    model_config = ConfigDict(json_schema_extra={DEFINITION: "candidate"})

    deployment: Id
    rank: Positive | None
    weight: Annotated[int, Field(ge=0, le=1_000_000), BeforeValidator(_whole)]
    score: Number | None
    score_ci: JsonInterval
    rank_ci: JsonInterval
    p_top_k: Share | None
    n: Count
    at_shape: Absent[AtShape] = None


class TierBudget(TablePart):
    """What a call of a tier may cost (US dollars) and take (seconds), and how good it must be; None asks nothing."""

    max_cost_usd: NotNegative | None
    max_latency_p95_s: NotNegative | None
    min_quality: Number | None
    timeout_s: AboveZero


class Fallback(TablePart):
    """The aliases to try after a tier, on which HTTP status codes, and how many attempts there are in all."""

    chain: Distinct[Id]
    on_status_codes: Distinct[Annotated[int, Field(ge=400, le=599), BeforeValidator(_whole)]]
    max_attempts: Annotated[int, Field(ge=1, le=10), BeforeValidator(_whole)]
    allow_cost_escalation: Absent[bool] = None


class TierDecision(TablePart):
    """The last decision about a tier; `margin` is the challenger's lead in standard errors."""

    action: Action
    challenger: Id | None
    margin: Number | None
    reason: Text


class TierHalfLife(TablePart):
    """How many days a place at the top lasts at the median, with its interval and what it was estimated from."""

    days: AboveZero | None
    ci: JsonInterval
    method: Text
    subjects: Count
    events: Count
    scope: Text


class RouteTier(TablePart):
    """One alias: who serves it with which weight, at what budget, since when, why and until when."""

    model_config = ConfigDict(json_schema_extra={DEFINITION: "tier"})

    alias: Id
    strategy: Strategy
    candidates: Annotated[Items[TierCandidate], Field(min_length=1)]
    budget: TierBudget
    fallback: Fallback
    decision: TierDecision
    incumbent_since: Time
    half_life: TierHalfLife
    stale_after: Time
    expires_at: Time


class Route(TablePart):
    """What serves one task in one category: a workhorse and a hero, in the order that the table has them."""

    model_config = ConfigDict(json_schema_extra={DEFINITION: "route"})

    id: Id
    task: Task
    category: Id
    default_tier: TierName
    tiers: Annotated[dict[TierName, RouteTier], AfterValidator(_both_tiers)]

    @property
    def default(self) -> RouteTier:
        """The tier that serves calls which name none."""
        return self.tiers[self.default_tier]


class Tombstone(TablePart):
    """A deployment that was removed: when, why, and what replaces it."""

    model_config = ConfigDict(json_schema_extra={DEFINITION: "tombstone"})

    deployment: Id
    removed_at: Time
    reason: Text
    replacement: Id | None


class TableSignature(TablePart):
    """A signature inside the table, which its revision does not cover."""

    keyid: Text
    sig: Annotated[str, Field(pattern=r"^[A-Za-z0-9+/=_-]{1,2000}$")]


class RoutingTable(TablePart):
    """Which deployment serves which alias, why, and until when. Neither a key nor a token has a place in it."""

    schema_id: Literal["https://halflife.invalid/schema/routing-table.v1.json"] = Field(alias="$schema")
    schema_version: Annotated[str, Field(pattern=r"^1\.[0-9]+$")]
    kind: Literal["routing-table"]
    table_id: Id
    serial: Annotated[int, Field(ge=1, le=LARGEST_EXACT_INTEGER), BeforeValidator(_whole)]
    revision: Revision
    previous_revision: Revision | None
    generated_at: Time
    not_before: Time
    stale_after: Time
    expires_at: Time
    poll_interval_s: Positive
    on_expiry: OnExpiry
    generator: Text
    evidence: TableEvidence
    policy: TablePolicy
    deployments: Annotated[dict[Id, Deployment], Field(min_length=1)]
    routes: Annotated[Items[Route], Field(min_length=1)]
    tombstones: Items[Tombstone]
    signatures: Absent[Items[TableSignature]] = None

    def tiers(self) -> Iterator[tuple[Route, TierName, RouteTier]]:
        """Yield every tier with its route and its name, in the table's order."""
        for route in self.routes:
            for name, tier in route.tiers.items():
                yield route, name, tier

    @functools.cached_property
    def by_alias(self) -> dict[str, RouteTier]:
        """Every tier by its alias."""
        return {tier.alias: tier for _, _, tier in self.tiers()}
