"""Cost surface: what models compute, take and cost at any resolution, duration and step count."""

import datetime as dt

import streamlit as st

from leaderboard import computed, listed, surfaces
from leaderboard.charts import compute
from leaderboard.compute.list_prices import market
from leaderboard.connection import home_directory
from leaderboard.parts import components, controls, shapes
from leaderboard.parts.notices import catalogue_in_use, inert
from leaderboard.surfaces import Surface

st.header("Cost surface", anchor=False)
surface: Surface = computed.surface(home_directory())
titles, known = computed.titles(surface), catalogue_in_use()
models = shapes.choose_models(titles, default=("sdxl", "flux.1-dev", "z-image", "wan2.1-14b", "ltx-video-13b"))
wish = shapes.choose_wish(surface, known)
controls.unknown_parameters()

answers = [surface.answer(one, wish) for one in models]
components.ledger(computed.answers(answers, wish), key="answers")
today = dt.datetime.now(dt.UTC).date()
markets = [market(known, video=video, today=today) for video in sorted({surface.is_video(one) for one in models})]
if beside := listed.same_models(markets, answers):
    st.caption(inert(beside))
st.caption(computed.about(wish))

shown = st.segmented_control(
    "Draw",
    list(computed.QUANTITIES),
    default="flops",
    format_func=lambda key: computed.QUANTITIES[key].title,
    key="draw",
    required=True,
)
quantity = computed.QUANTITIES[shown or "flops"]
lines = {by: surfaces.curves(surface, models, wish, by=by) for by in computed.AXES}
drawn = [by for by, frame in lines.items() if not frame.empty][:2]
for column, by in zip(st.columns(2, gap="medium"), drawn, strict=False):
    axis, marks = computed.AXES[by], computed.marks(surface, models, wish, by=by)
    with column:
        st.subheader(axis.heading, anchor=False)
        chart = compute.curves(
            lines[by], marks, x=axis.scale, y=quantity.scale, order=[titles[name] for name in models]
        )
        st.altair_chart(chart, width="stretch", alt=f"{quantity.title} {axis.heading.lower()}")
st.caption("● this shape · ✚ attention overtakes the rest · ◆ measured")

one = controls.choose("Map of", {name: titles[name] for name in models}, key="map", default="wan2.1-14b")
st.subheader(f"{titles[one]}, by resolution and {computed.across(surface, one).lower()}", anchor=False)
st.caption(f"In each cell: {quantity.scale.title.removesuffix(' (log)')}.")
held = computed.told(surfaces.heat(surface, one, wish), quantity)
if held.empty:
    st.caption("It takes none of these shapes.")
else:
    st.altair_chart(computed.map_of(held, quantity, computed.across(surface, one)), width="stretch", alt="Map of costs")

st.subheader("An image, a video, a prompt", anchor=False)
components.ledger(computed.claims(surfaces.claims(surface, list(titles), wish)), key="claims")
st.caption(computed.CLAIM)

st.subheader("Beside list prices", anchor=False)
components.ledger(listed.list_prices(markets, answers), key="list_prices")
st.caption(inert(listed.about_list_prices(markets)))
