"""The models that stand on a day, with the prompt means of their runs: what a gate compares."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple, cast

import numpy as np

from data.vocabulary import Calendar
from leaderboard.standings.prompt_means import SuiteScores, field_scores, read_suite_scores
from leaderboard.standings.queries import Board
from leaderboard.standings.spans import StandingSpan, spans

if TYPE_CHECKING:
    import duckdb


class PromptMeans(NamedTuple):
    """A model's mean at each prompt, and the evaluator's version and instrument that made them."""

    means: Mapping[str, float]
    instrument: tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class DayField:
    """The field of one day: a suite's results, all its spans of days, and the span that the day is in."""

    scores: SuiteScores
    spans: tuple[StandingSpan, ...]
    span: StandingSpan

    @property
    def members(self) -> Mapping[str, str]:
        """The run of each model that stands."""
        return self.span.members

    @property
    def days(self) -> tuple[dt.date, dt.date]:
        """The first and the last day on which models stand."""
        return self.spans[0].first, self.spans[-1].last

    def on(self, day: dt.date) -> "DayField | None":
        """Return the field of another day, None where nobody stood."""
        there = (span for span in self.spans if span.first <= day <= span.last)
        return next((replace(self, span=span) for span in there), None)

    def prompt_means(self, model: str, metric: str, category: str) -> PromptMeans | None:
        """Return a model's prompt means by a metric in a category; None where it has no number."""
        only = replace(self.scores, means=self.scores.means[self.scores.means["metric"] == metric])
        for scores in field_scores(only, self.span):
            if model in scores.models:
                prompts = scores.of(category)
                column = prompts.means[:, scores.models.index(model)].tolist()
                known = {name: mean for name, mean in zip(prompts.prompts, column, strict=True) if not np.isnan(mean)}
                return PromptMeans(known, (scores.version, scores.fingerprint)) if known else None
        return None


def newest_field(cursor: "duckdb.DuckDBPyConnection", board: Board) -> DayField:
    """Return the field of a board's newest day."""
    calendar = cast(Calendar, board.calendar)
    scores = read_suite_scores(cursor, calendar, suite=board.suite, suite_digest=board.suite_digest)
    all_spans = spans(scores.entries, calendar)
    return DayField(scores=scores, spans=all_spans, span=all_spans[-1])
