"""Cost surface: what models compute, take and cost at any resolution, duration and step count."""

import datetime as dt

import streamlit as st

from leaderboard.board.charts import compute
from leaderboard.board.connection import home_directory
from leaderboard.board.tables import cost_model, list_prices
from leaderboard.board.widgets import components, controls, cost_controls
from leaderboard.board.widgets.notices import catalogue_in_use, inert
from leaderboard.cost_model import surface_tables as cost_surface
from leaderboard.cost_model.list_prices import market
from leaderboard.cost_model.surface import Surface

st.header("Cost surface", anchor=False)
surface: Surface = cost_model.surface(home_directory())
titles, known = cost_model.titles(surface), catalogue_in_use()
models = cost_controls.choose_models(titles, default=("sdxl", "flux.1-dev", "z-image", "wan2.1-14b", "ltx-video-13b"))
wish = cost_controls.choose_wish(surface, known)
controls.unknown_parameters()

answers = [surface.answer(one, wish) for one in models]
components.ledger(cost_model.answers(answers, wish), key="answers")
today = dt.datetime.now(dt.UTC).date()
markets = [market(known, video=video, today=today) for video in sorted({surface.is_video(one) for one in models})]
if beside := list_prices.same_models(markets, answers):
    st.caption(inert(beside))
st.caption(cost_model.about(wish))

shown = st.segmented_control(
    "Draw",
    list(cost_model.QUANTITIES),
    default="flops",
    format_func=lambda key: cost_model.QUANTITIES[key].title,
    key="draw",
    required=True,
)
quantity = cost_model.QUANTITIES[shown or "flops"]
lines = {by: cost_surface.curves(surface, models, wish, by=by) for by in cost_model.AXES}
drawn = [by for by, frame in lines.items() if not frame.empty][:2]
for column, by in zip(st.columns(2, gap="medium"), drawn, strict=False):
    axis, marks = cost_model.AXES[by], cost_model.marks(surface, models, wish, by=by)
    with column:
        st.subheader(axis.heading, anchor=False)
        chart = compute.curves(
            lines[by], marks, x=axis.scale, y=quantity.scale, order=[titles[name] for name in models]
        )
        st.altair_chart(chart, width="stretch", alt=f"{quantity.title} {axis.heading.lower()}")
st.caption("● this shape · ✚ attention overtakes the rest · ◆ measured")

one = controls.choose("Map of", {name: titles[name] for name in models}, key="map", default="wan2.1-14b")
st.subheader(f"{titles[one]}, by resolution and {cost_model.across(surface, one).lower()}", anchor=False)
st.caption(f"In each cell: {quantity.scale.title.removesuffix(' (log)')}.")
held = cost_model.told(cost_surface.heat(surface, one, wish), quantity)
if held.empty:
    st.caption("It takes none of these shapes.")
else:
    st.altair_chart(
        cost_model.map_of(held, quantity, cost_model.across(surface, one)), width="stretch", alt="Map of costs"
    )

st.subheader("An image, a video, a prompt", anchor=False)
components.ledger(cost_model.claims(cost_surface.claims(surface, list(titles), wish)), key="claims")
st.caption(cost_model.CLAIM)

st.subheader("Beside list prices", anchor=False)
components.ledger(list_prices.list_prices(markets, answers), key="list_prices")
st.caption(inert(list_prices.about_list_prices(markets)))
