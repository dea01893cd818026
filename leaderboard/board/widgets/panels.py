"""The lifecycle page's parts: headline figures, survival curves, states, silent changes, ratings from outside."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import streamlit as st

from data.flops.profile import Profile
from data.home import Home
from data.vocabulary import ALL_CATEGORIES
from leaderboard import formatting
from leaderboard.board import gallery
from leaderboard.board.charts.survival import survival_curve
from leaderboard.board.connection import Observatory
from leaderboard.board.tables import cost_model, routes
from leaderboard.board.tables import lifecycle as lifecycle_tables
from leaderboard.board.widgets import components, controls
from leaderboard.board.widgets.notices import inert
from leaderboard.cost_model.estimate import CostEstimate
from leaderboard.reports import page_data
from leaderboard.reports.page_data import Lifecycle
from leaderboard.routing import view as routing_view
from leaderboard.routing.view import RoutingView
from leaderboard.standings import queries
from leaderboard.standings.queries import Board

if TYPE_CHECKING:
    import datetime as dt

    import pandas as pd


def lifecycle(
    life: Lifecycle, table: RoutingView | None, category: str, titles: Mapping[str, str], board: Board
) -> None:
    """Show the half-life with its interval, what it rests on, and who is routed now."""
    half = life.half_life
    hero, workhorse = (table.incumbent(category, tier) if table else None for tier in ("hero", "workhorse"))
    still = sum(one.ended_by == "censored" for one in life.tenures)
    low, high = (formatting.DASH if end is None else f"{end:.0f}" for end in (half.low, half.high))
    with st.grid(4, min_column_width=170):
        _metric(f"Half-life in the top {board.k}", formatting.days(half.half_life_days), f"{low} to {high} days, 95 %")
        _metric("Tenures seen", f"{len(life.tenures)}", f"{half.events} overtaken, {still} still there")
        _metric("Hero", titles.get(hero, hero) if hero else formatting.DASH, _since(table, hero))
        _metric(
            "Workhorse", titles.get(workhorse, workhorse) if workhorse else formatting.DASH, _since(table, workhorse)
        )
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if half.prior_speaks:
            st.badge("the prior speaks", color="orange")
        st.caption(inert(half.sentence), width="content")


def _metric(label: str, value: str, below: str) -> None:
    st.metric(label, inert(value), delta=inert(below), delta_color="off", delta_arrow="off")


def _since(table: RoutingView | None, model: str | None) -> str:
    held = [one for one in table.tiers if one.model == model] if table else []
    return f"routed, table {table.serial}" if table and held else "not routed"


def table(view: RoutingView, now: "dt.datetime") -> None:
    """Show a routing table's serial, its age, and how much of it is fresh."""
    states = [one.state(now) for one in view.tiers]
    first = min((one.expires_at for one in view.tiers if one.expires_at), default=None)
    with st.grid(4, min_column_width=170):
        _metric("Table", f"serial {view.serial}", view.table_id)
        _metric("Published", formatting.date(view.generated_at), _age(view, now))
        _metric("Aliases", f"{len(states)}", f"{states.count('fresh')} fresh, {states.count('stale')} stale")
        _metric("First to expire", formatting.date(first), f"{states.count('expired')} expired")


def _age(view: RoutingView, now: "dt.datetime") -> str:
    days = None if view.generated_at is None else (now - view.generated_at).days
    return "time unknown" if days is None else "today" if days == 0 else f"{formatting.days(days)} ago"


def since_before(home: Home, titles: Mapping[str, str]) -> None:
    """Show what the current table says that the one before did not."""
    found = routing_view.since_before(home)
    if found is None:
        st.caption("This is the first table.")
    elif not found:
        st.caption("Nobody is served by another; scores and dates are newer.")
    else:
        components.ledger(routes.differences(found, titles), key="differences")


def profile(found: Profile, answer: CostEstimate) -> None:
    """Show a profile's headline figures: FLOPs, parameters, tokens, predicted seconds, price of an image or clip."""
    over = (
        f"attention overtakes at {found.crossover_tokens:,}" if found.crossover_tokens else "attention never overtakes"
    )
    each = answer.cost.usd_a_video_second if answer.cost else None
    unit = "an image" if answer.video_seconds is None else f"{formatting.dollars(each)} a second of video"
    billions = sum(found.parameters.values()) / 1e9
    with st.grid(5, min_column_width=170):
        _metric("FLOPs", f"{formatting.plain(found.total.total / 1e12)} TFLOP", answer.words)
        _metric("Parameters", f"{formatting.plain(billions)} billion", f"{found.forwards} forwards of the denoiser")
        _metric("Tokens", f"{found.tokens:,}", over)
        _metric("Predicted", formatting.seconds(answer.seconds), cost_model.below(answer))
        _metric("Costs", formatting.dollars(answer.usd), unit)
    st.caption(inert(f"{answer.basis[:1].upper()}{answer.basis[1:]}."))


def survival(life: Lifecycle, board: Board) -> None:
    """Show the curve, or say why there is none."""
    if life.survival.empty or life.half_life.half_life_days is None:
        st.caption(f"No tenure was at risk yet: the whole field fitted into the top {board.k}.")
        return
    until = max(float(life.survival["age_days"].max()) * 1.1, life.half_life.half_life_days * 1.25)
    chart = survival_curve(life.survival, life.half_life.half_life_days, until=until, k=board.k)
    st.altair_chart(chart, width="stretch", alt="Share of tenures still in the top, by age in days")
    st.caption("Band: 95 % of the curve. Dotted: the half-life, where half of the places are lost.")


def decided(states: "pd.DataFrame", titles: Mapping[str, str]) -> None:
    """Show what each of the models is now, and why; nothing where nothing was decided."""
    held = states[states["model"].isin(list(titles))]
    if held.empty:
        return
    st.subheader("States", anchor=False)
    components.ledger(lifecycle_tables.states(held, titles), key="states")
    st.caption("Changed by rules each night, or by hand: `halflife models retire MODEL --successor OTHER`.")


def changed(observatory: Observatory, board: Board, marks: "pd.DataFrame", titles: Mapping[str, str]) -> None:
    """Show the board's silent changes, and of one of them what the sentinel prompts gave before and since."""
    held = marks[(marks["suite"] == board.suite) & marks["model"].isin(list(titles))]
    if held.empty or board.replayed:
        return
    st.subheader("Silent changes", anchor=False)
    components.ledger(lifecycle_tables.changes(held, titles), key="changes")
    days = held[["model", "day"]].drop_duplicates().sort_values("day", ascending=False)
    named = {f"{row['model']}@{row['day']:%Y-%m-%d}": (row["model"], row["day"].date()) for row in _records(days)}
    labels = {key: f"{titles[model]}, {formatting.date(day)}" for key, (model, day) in named.items()}
    model, day = named[controls.choose("Before and since", labels, key="change")]
    pairs = observatory.ask(page_data.revision, board, model, day)
    prompts = observatory.ask(queries.prompts, board, ALL_CATEGORIES)
    texts = dict(zip(prompts["prompt"], prompts["text"], strict=True))
    same = formatting.count(int(pairs["same"].sum()), "file")
    about = f"{same} of {len(pairs)} the same as before {formatting.date(day)}"
    components.wall(gallery.before_and_after(pairs, texts, about=about), key="before_and_after")


def from_outside(observatory: Observatory, sources: "pd.DataFrame") -> None:
    """Show the half-lives of one source of ratings that a user brought; nothing where there is none."""
    if sources.empty:
        return
    st.subheader("Ratings from outside", anchor=False)
    rows = {f"{row['source']} {row['task']}": row for row in _records(sources)}
    labels = {key: f"{row['source']}, {formatting.label(row['task']).lower()}" for key, row in rows.items()}
    chosen = rows[controls.choose("Source", labels, key="source")]
    found = observatory.ask(page_data.outside, chosen["source"], chosen["task"])
    components.ledger(lifecycle_tables.half_lives(found.estimates), key="outside")
    _outside_curve(found)
    st.caption(
        f"{chosen['ratings']:,} ratings of {chosen['models']:,} models in {chosen['snapshots']:,} snapshots, "
        f"{formatting.date(chosen['first_day'])} to {formatting.date(chosen['last_day'])}. A source's curve is its "
        "own: never mixed with what was measured here, nor with another's."
    )


def _outside_curve(found: page_data.ExternalRatings) -> None:
    first = found.estimates[0].half_life_days if found.estimates else None
    if found.survival.empty or first is None:
        st.caption("No stay in its top 3 was at risk yet.")
        return
    until = max(float(found.survival["age_days"].max()) * 1.1, first * 1.25)
    chart = survival_curve(found.survival, first, until=until, k=3)
    st.altair_chart(chart, width="stretch", alt="Share of stays still in the source's top, by age in days")


def _records(frame: "pd.DataFrame") -> list[dict[str, Any]]:
    return [{str(name): value for name, value in row.items()} for row in frame.to_dict("records")]
