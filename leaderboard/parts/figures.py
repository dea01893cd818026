"""The lifecycle page's headline figures and its survival curve, with what has to be said beside them."""

from collections.abc import Mapping

import streamlit as st

from leaderboard import notation
from leaderboard.charts.survival import survival_curve
from leaderboard.parts.notices import inert
from leaderboard.queries import Board
from leaderboard.readings import Lifecycle
from leaderboard.routed import RoutingView


def lifecycle(
    life: Lifecycle, table: RoutingView | None, category: str, titles: Mapping[str, str], board: Board
) -> None:
    """Show the half-life with its interval, what it rests on, and who is routed now."""
    half = life.half_life
    hero, workhorse = (table.holder(category, tier) if table else None for tier in ("hero", "workhorse"))
    still = sum(one.ended_by == "censored" for one in life.tenures)
    low, high = (notation.DASH if end is None else f"{end:.0f}" for end in (half.low, half.high))
    with st.grid(4, min_column_width=170):
        _metric(f"Half-life in the top {board.k}", notation.days(half.days), f"{low} to {high} days, 95 %")
        _metric("Tenures seen", f"{len(life.tenures)}", f"{half.events} overtaken, {still} still there")
        _metric("Hero", titles.get(hero, hero) if hero else notation.DASH, _since(table, hero))
        _metric("Workhorse", titles.get(workhorse, workhorse) if workhorse else notation.DASH, _since(table, workhorse))
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if half.prior_speaks:
            st.badge("the prior speaks", color="orange")
        st.caption(inert(half.sentence), width="content")


def _metric(label: str, value: str, below: str) -> None:
    st.metric(label, inert(value), delta=inert(below), delta_color="off", delta_arrow="off")


def _since(table: RoutingView | None, model: str | None) -> str:
    held = [one for one in table.tiers if one.model == model] if table else []
    return f"routed, table {table.serial}" if table and held else "not routed"


def survival(life: Lifecycle, board: Board) -> None:
    """Show the curve, or say why there is none."""
    if life.survival.empty or life.half_life.days is None:
        st.caption(f"No tenure was at risk yet: the whole field fitted into the top {board.k}.")
        return
    until = max(float(life.survival["age_days"].max()) * 1.1, life.half_life.days * 1.25)
    chart = survival_curve(life.survival, life.half_life.days, until=until, k=board.k)
    st.altair_chart(chart, width="stretch", alt="Share of tenures still in the top, by age in days")
    st.caption("Band: 95 % of the curve. Dotted: the half-life, where half of the places are lost.")
