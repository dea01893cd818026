"""The panels of the lifecycle page: headline figures, timeline, survival curve, states, silent changes, ratings."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import streamlit as st

from data.vocabulary import ALL_CATEGORIES
from leaderboard import formatting
from leaderboard.board import gallery
from leaderboard.board.charts import page_frames
from leaderboard.board.charts.survival import survival_curve
from leaderboard.board.charts.timeline import timeline
from leaderboard.board.connection import Observatory
from leaderboard.board.tables import lifecycle as tables
from leaderboard.board.widgets import components, controls
from leaderboard.board.widgets.headline import headline
from leaderboard.board.widgets.notices import inert
from leaderboard.reports import page_data
from leaderboard.reports.page_data import Lifecycle
from leaderboard.routing.policy.rules import Policy
from leaderboard.routing.view import RoutingView
from leaderboard.standings import queries
from leaderboard.standings.queries import Board

if TYPE_CHECKING:
    import pandas as pd

HALF_LIVES = (
    "Estimated with an exponential model that allows for censoring, with 95 % intervals. `halflife half-life` prints "
    "other estimators beside it."
)
SURVIVAL = "Band: 95 % interval of the curve. Dotted: the half-life, the age by which half of the places are lost."
STATES = "Changed by rules every night, or by hand: `halflife models retire MODEL --successor OTHER`."
EXTERNAL_TOP = 3
"""External ratings are followed in the top so many."""


def figures(life: Lifecycle, table: RoutingView | None, category: str, titles: Mapping[str, str], board: Board) -> None:
    """Show the half-life with its interval and what it is estimated from, and who is routed now."""
    half_life = life.half_life
    ongoing = sum(tenure.ended_by == "censored" for tenure in life.tenures)
    low, high = (formatting.DASH if end is None else f"{end:.0f}" for end in (half_life.low, half_life.high))
    with st.grid(4, min_column_width=170):
        headline(
            f"Half-life in the top {board.k}",
            formatting.days(half_life.half_life_days),
            f"95 %: {low} to {high} days",
            help="Days until half of the models in the top have lost their place, with the 95 % interval.",
        )
        headline("Tenures observed", f"{len(life.tenures)}", f"{half_life.events} overtaken, {ongoing} still there")
        for tier in ("hero", "workhorse"):
            model = table.incumbent(category, tier) if table else None
            routed = f"routed by table {table.serial}" if table and model else "not routed"
            headline(tier.capitalize(), titles.get(model, model) if model else formatting.DASH, routed)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if half_life.prior_speaks:
            st.badge("few events", color="orange", help=tables.FEW_EVENTS_HELP)
        st.caption(inert(half_life.sentence), width="content")


def tenures(life: Lifecycle, models: "pd.DataFrame", events: "pd.DataFrame", board: Board) -> None:
    """Show who was in the top and when, with states and silent changes of a live calendar (`events`)."""
    st.subheader(f"Tenures in the top {board.k}", anchor=False)
    bars, releases, order = page_frames.timeline(life.tenures, models)
    chart = timeline(bars, releases, events, order=order)
    st.altair_chart(chart, width="stretch", alt=f"Who was in the top {board.k}, and when")


def survival(life: Lifecycle, board: Board) -> None:
    """Show the survival curve, or say why there is none."""
    st.subheader("Survival at the top", anchor=False)
    if life.survival.empty or life.half_life.half_life_days is None:
        st.caption(f"Not available yet: there were never more models than the {board.k} places at the top.")
        return
    _survival_chart(life.survival, life.half_life.half_life_days, k=board.k)
    st.caption(SURVIVAL)


def _survival_chart(curve: "pd.DataFrame", half_life_days: float, *, k: int) -> None:
    until = max(float(curve["age_days"].max()) * 1.1, half_life_days * 1.25)
    chart = survival_curve(curve, half_life_days, until=until, k=k)
    st.altair_chart(chart, width="stretch", alt=f"Share of tenures still in the top {k}, by age in days")


def half_lives(observatory: Observatory, board: Board, policy: Policy) -> None:
    """Show the half-lives of places, leads and prices, by category and tier."""
    st.subheader("Half-lives of rank, lead and price", anchor=False)
    estimates = observatory.ask(page_data.half_lives, board, policy)
    components.show_table(tables.half_lives(estimates, k=board.k), key="half_lives")
    st.caption(f"{HALF_LIVES} {tables.without_price(estimates)}")


def states(history: "pd.DataFrame", titles: Mapping[str, str]) -> None:
    """Show what state each of the models is in and why; nothing where no state was decided."""
    of_models = history[history["model"].isin(list(titles))]
    if of_models.empty:
        return
    st.subheader("States", anchor=False)
    components.show_table(tables.states(of_models, titles), key="states")
    st.caption(STATES)


def silent_changes(observatory: Observatory, board: Board, marks: "pd.DataFrame", titles: Mapping[str, str]) -> None:
    """Show the board's silent changes, and for one of them what the sentinel prompts gave before and after."""
    content = (marks["suite_digest"] == board.suite_digest) | marks["suite_digest"].isna()
    of_board = marks[(marks["suite"] == board.suite) & content & marks["model"].isin(list(titles))]
    if of_board.empty or board.replayed:
        return
    st.subheader("Silent changes", anchor=False)
    components.show_table(tables.changes(of_board, titles), key="changes")
    days = of_board[["model", "day"]].drop_duplicates().sort_values("day", ascending=False)
    changes = {f"{row['model']}@{row['day']:%Y-%m-%d}": (row["model"], row["day"].date()) for row in _records(days)}
    labels = {key: f"{titles[model]}, {formatting.date(day)}" for key, (model, day) in changes.items()}
    model, day = changes[controls.choose("Before and after the change of", labels, key="change")]
    pairs = observatory.ask(page_data.revision, board, model, day)
    prompts = observatory.ask(queries.prompts, board, ALL_CATEGORIES)
    texts = dict(zip(prompts["prompt"], prompts["text"], strict=True))
    same = formatting.count(int(pairs["same"].sum()), "file")
    about = f"{same} of {len(pairs)} the same as before {formatting.date(day)}"
    components.show_gallery(gallery.before_and_after(pairs, texts, about=about), key="before_and_after")


def external_ratings(observatory: Observatory, sources: "pd.DataFrame") -> None:
    """Show the half-lives of one source of ratings that a user imported; nothing where there is none."""
    if sources.empty:
        return
    st.subheader("External ratings", anchor=False)
    rows = {f"{row['source']} {row['task']}": row for row in _records(sources)}
    labels = {key: f"{row['source']}, {formatting.label(row['task']).lower()}" for key, row in rows.items()}
    source = rows[controls.choose("Source", labels, key="source")]
    ratings = observatory.ask(page_data.outside, source["source"], source["task"])
    components.show_table(tables.half_lives(ratings.estimates), key="outside")
    half_life = ratings.estimates[0].half_life_days if ratings.estimates else None
    if ratings.survival.empty or half_life is None:
        st.caption(f"No curve yet: there were never more models than the {EXTERNAL_TOP} places at the top.")
    else:
        _survival_chart(ratings.survival, half_life, k=EXTERNAL_TOP)
    st.caption(
        f"{source['ratings']:,} ratings of {source['models']:,} models in {source['snapshots']:,} snapshots, "
        f"{formatting.date(source['first_day'])} to {formatting.date(source['last_day'])}. Each source is estimated on "
        "its own, never together with the measurements of this observatory or with another source."
    )


def _records(frame: "pd.DataFrame") -> list[dict[str, Any]]:
    return [{str(name): value for name, value in row.items()} for row in frame.to_dict("records")]
