"""What remote adapters are opened with: the run's budget and request log, what the user allows, the environment."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Self

from data.catalogue.adapters import ADAPTERS, AdapterEntry
from data.media import MediaStore
from data.runs import RunFolder
from data.store.control import Control
from harness.budget import SpendingLedger
from harness.remote.retries import RetryRule
from harness.remote.transport.environment import Environment
from harness.request_log import RequestLog

SUBMITTED_BEFORE = (
    "Submitted before in this run and its picture never kept: it counts as spent and was not sent again. "
    "Resume with unknown requests allowed to send it again, and perhaps pay twice."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SpendingTerms:
    """What the user allows beyond the cap.

    `assumed_usd`: the dollars to reserve for a picture where the catalogue has no price; without it that is refused.
    `submitted`: ids of requests that were announced by an earlier process and never answered.
    `resend_unknown`: send such requests once more, and others that this run submitted before, and perhaps pay twice.
    """

    assumed_usd: float | None = None
    submitted: Collection[str] = ()
    resend_unknown: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteContext:
    """The remote side of one run. `finished` are the ids of the requests whose samples its journals hold.

    `rule` says how often what was declined is sent again; `adapters` are those that a model may name.
    """

    ledger: SpendingLedger
    request_log: RequestLog
    media: MediaStore
    finished: Collection[str] = ()
    rule: RetryRule = field(default_factory=RetryRule)
    terms: SpendingTerms = field(default_factory=SpendingTerms)
    environment: Environment = field(default_factory=Environment)
    adapters: Mapping[str, AdapterEntry] = field(default_factory=lambda: ADAPTERS)

    @classmethod
    def of(
        cls,
        run: RunFolder,
        control: Control,
        *,
        cap_usd: float | None,
        media: MediaStore,
        request_log: RequestLog,
        terms: SpendingTerms | None = None,
        environment: Environment | None = None,
    ) -> Self:
        """Return the context of a run: the run is its own budget, and its journals say what is unanswered.

        Raises SpendingError without a cap.
        """
        ledger = SpendingLedger(control, run=run.run_id, cap_usd=cap_usd)
        finished = frozenset(run.samples())
        terms = terms or SpendingTerms()
        entries = request_log.entries()
        unanswered = {name for name, entry in entries.items() if entry.step != "planned"} - finished
        terms = replace(terms, submitted=frozenset(unanswered).union(terms.submitted))
        return cls(
            ledger=ledger,
            request_log=request_log,
            media=media,
            finished=finished,
            terms=terms,
            environment=environment or Environment(),
        )
