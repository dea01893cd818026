"""What the requests of a plan cost before they are sent: at most, and likely; and what they were billed afterwards.

At most is what the ledger reserves. Likely is the price itself where what is asked settles it; where tokens, GPU
seconds or credits are billed, it is the mean of what earlier samples of the model used, at the price of now.
"""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, NamedTuple

from data.pricing import Usage, computed_cost, greatest_cost, output_price
from data.vocabulary import CostSource, Model, Request, Sample
from harness.remote.billing import CLAIM
from harness.remote.usage import read_counts

TOLD_OVER: Final = 1.02
"""A bill over its forecast by more than this factor is told."""


class EarlierSample(NamedTuple):
    """What an earlier sample of a model used and cost."""

    usage: Usage
    provider_timings: Mapping[str, Any]
    cost_usd: float | None
    cost_source: CostSource


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelForecast:
    """Dollars of one request of a model, at most and likely, and the ids of the requests that are to be sent.

    `most_usd` is None without a price, `likely_usd` where nothing tells; `earlier` is how many samples it is a mean of.
    """

    model: str
    requests: Collection[str]
    most_usd: float | None
    likely_usd: float | None
    earlier: int = 0

    @property
    def expected_usd(self) -> float | None:
        """What a bill is compared with: the likely cost of a request, else the greatest."""
        return self.most_usd if self.likely_usd is None else self.likely_usd


@dataclass(frozen=True, slots=True, kw_only=True)
class RunForecast:
    """The forecasts of a run's remote models, its cap, and what the run spent or reserved before."""

    models: Sequence[ModelForecast]
    cap_usd: float | None
    spent_usd: float = 0.0

    @property
    def requests(self) -> int:
        """How many requests are to be sent."""
        return sum(len(row.requests) for row in self.models)

    @property
    def most_usd(self) -> float | None:
        """What all requests cost at most, None where a model has no price."""
        return total(self.models, [row.most_usd for row in self.models])

    @property
    def likely_usd(self) -> float | None:
        """What all requests likely cost, None where it is not known of a model."""
        return total(self.models, [row.likely_usd for row in self.models])

    @property
    def is_held(self) -> bool:
        """Whether the cap holds what all requests cost at most, beside what was spent before."""
        most = self.most_usd
        return most is not None and self.cap_usd is not None and self.spent_usd + most <= self.cap_usd * (1 + 1e-12)


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelBill:
    """What samples of a model were billed, and what was forecast for as many.

    `bounded` of them were made and charged at their bound, for the reply named no usage; of `claimed` the provider
    named a cost that was not believed.
    """

    model: str
    samples: int
    billed_usd: float
    forecast_usd: float | None
    bounded: int
    claimed: int

    @property
    def over(self) -> float | None:
        """By which factor the bill is over its forecast, None where it is not by more than 2 %."""
        if self.forecast_usd is None or self.billed_usd <= TOLD_OVER * self.forecast_usd:
            return None
        return self.billed_usd / self.forecast_usd if self.forecast_usd else math.inf


def total(models: Sequence[ModelForecast], each: Sequence[float | None]) -> float | None:
    """Return the sum over all requests of what one costs, None where that is not known of a model."""
    parts = [None if usd is None else len(row.requests) * usd for row, usd in zip(models, each, strict=True)]
    known = [part for part in parts if part is not None]
    return math.fsum(known) if len(known) == len(parts) else None


def model_forecast(model: Model, requests: Sequence[Request], earlier: Sequence[EarlierSample]) -> ModelForecast:
    """Return what `requests` of a model cost, by its price and by what `earlier` samples of it used."""
    ids = tuple(request.id for request in requests)
    if model.price is None:
        return ModelForecast(model=model.id, requests=ids, most_usd=None, likely_usd=None)
    most = greatest_cost(model)
    if output_price(model) is not None:
        return ModelForecast(model=model.id, requests=ids, most_usd=most, likely_usd=most)
    costs = [usd for usd in (_cost_now(model, sample) for sample in earlier) if usd is not None]
    likely = math.fsum(costs) / len(costs) if costs else None
    return ModelForecast(model=model.id, requests=ids, most_usd=most, likely_usd=likely, earlier=len(costs))


def model_bill(row: ModelForecast, samples: Mapping[str, Sample]) -> ModelBill:
    """Return what the samples of a forecast's requests were billed, as far as they are there."""
    made = [samples[name] for name in row.requests if name in samples]
    expected = row.expected_usd
    return ModelBill(
        model=row.model,
        samples=len(made),
        billed_usd=math.fsum(sample.cost_usd or 0.0 for sample in made),
        forecast_usd=None if expected is None else len(made) * expected,
        bounded=sum(sample.status == "ok" and sample.cost_source == "bound" for sample in made),
        claimed=sum(CLAIM in (sample.provider_timings or {}) for sample in made),
    )


def _cost_now(model: Model, sample: EarlierSample) -> float | None:
    """What an earlier sample would cost at the price of now; None where too little is known of it."""
    cost = computed_cost(model, replace(sample.usage, counts=read_counts(sample.provider_timings)))
    if not cost.bounded:
        return cost.usd
    return sample.cost_usd if sample.cost_source == "reported" else None
