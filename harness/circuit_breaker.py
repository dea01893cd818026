"""Stops asking a model whose requests are all declined for one and the same reason, such as an empty account."""

import re

from harness.generator import Outcome

MOST_ALIKE = 3
_VARYING = re.compile(r"[\w-]*\d[\w-]*")


class CircuitBreaker:
    """Watches the outcomes of one model; opens after three in a row that are lasting, free and alike.

    Alike are reasons that differ only in words with digits, such as the id of a request or a moment.
    """

    def __init__(self) -> None:
        self._alike: list[str] = []
        self._words = ""

    @property
    def cause(self) -> str | None:
        """Why the model is not asked any more: the last outcome's reason; None while it is asked."""
        return self._alike[-1] if len(self._alike) >= MOST_ALIKE else None

    def watch(self, outcome: Outcome) -> None:
        """Take in the outcome of a request that was sent."""
        reason = outcome.reason or ""
        words = _VARYING.sub("#", reason)
        if not outcome.lasting or words != self._words:
            self._alike.clear()
        if outcome.lasting:
            self._alike.append(reason)
        self._words = words

    def not_sent(self) -> Outcome:
        """Return the outcome of a request that is not sent because the breaker is open; it is free."""
        reason = f"Not sent: {MOST_ALIKE} requests in a row were declined alike: {self.cause}"
        return Outcome(status="failed", reason=reason, cost_usd=0.0, cost_source="estimate", seed_support="none")
