"""The routes page's parts that do something: download an export, try a policy, see how few models are enough."""

import io
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import streamlit as st

from leaderboard.board.charts.curation import value_of_the_next
from leaderboard.board.connection import Observatory
from leaderboard.board.tables import routes
from leaderboard.board.widgets import components
from leaderboard.board.widgets.notices import inert
from leaderboard.reports import page_data
from leaderboard.routing.exports.rendering import TARGETS
from leaderboard.standings.queries import Board, BoardMetric

if TYPE_CHECKING:
    from leaderboard.routing.exports.exported import Exported
    from leaderboard.routing.policy.rules import Policy
    from leaderboard.routing.table.model import RoutingTable

GATEWAYS: Mapping[str, str] = {
    "litellm": "LiteLLM",
    "flagd": "flagd",
    "portkey": "Portkey",
    "envoy": "Envoy AI Gateway",
    "openrouter": "OpenRouter",
    "vercel": "Vercel AI Gateway",
    "litellm-prices": "LiteLLM prices",
}


def downloads(table: "RoutingTable") -> None:
    """Show a button for each export of a table; what a gateway has no place for is said below."""
    made = {name: render(table) for name, render in TARGETS.items()}
    with st.container(horizontal=True, gap="small"):
        for name, one in made.items():
            file, data = _file(name, one)
            st.download_button(
                GATEWAYS.get(name, name), data, file_name=file, icon=":material/download:", key=f"to-{name}"
            )
    left = [f"{GATEWAYS.get(name, name)}: {len(one.left_out)}" for name, one in made.items() if one.left_out]
    if left:
        more = ", ".join(left)
        st.caption(
            f"Left out where a gateway has no place for it ({more}); `halflife routes export` says what and why."
        )


def _file(name: str, made: "Exported") -> tuple[str, bytes]:
    """Return one file, or all of them in a zip, always with the same bytes."""
    if len(made.files) == 1:
        (path, content), *_ = made.files.items()
        return path.rpartition("/")[2], content.encode()
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as held:
        for path, content in sorted(made.files.items()):
            held.writestr(zipfile.ZipInfo(path), content)
    return f"{name}.zip", packed.getvalue()


def simulator(observatory: Observatory, board: Board, now: "Policy") -> None:
    """Let a reader try a policy on the board's past, beside the one in use and one that follows each day's leader."""
    with st.form("simulator", border=False):
        with st.grid(3, min_column_width=220):
            margin = st.slider("Margin, standard errors", 0.0, 4.0, float(now.switch_margin), 0.1)
            dwell = st.slider("Dwell, days", 0, 60, now.min_dwell_days)
            share = st.slider("Workhorse's share of quality", 0.5, 1.0, _share(now), 0.01)
        tried = st.form_submit_button("Replay the past")
    if not tried:
        st.caption("Replays this suite's standings under the policy above, decided on one half of the prompts.")
        return
    workhorse = replace(now.tiers["workhorse"], quality_share=share)
    tiers = {**now.tiers, "workhorse": workhorse}
    yours = replace(now, switch_margin=margin, min_dwell_days=dwell, tiers=tiers)
    with st.spinner("Replaying"):
        found = observatory.ask(page_data.simulated, board, {"in use": now, "yours": yours})
    components.ledger(routes.outcomes(found), key="outcomes")
    st.caption(inert(" ".join(found.caveats("replayed" if board.replayed else "live"))))


def curation(
    observatory: Observatory, board: Board, measure: BoardMetric, titles: Mapping[str, str], policy: "Policy"
) -> None:
    """Show how few models serve every category nearly as well as the best."""
    with st.grid(2, min_column_width=220):
        most = st.slider("Models at most", 1, 8, 4)
        tolerance = st.slider("Within, of the best", 0, 50, 10, 5, format="%d %%") / 100
    found = observatory.ask(page_data.curated, board, most, tolerance, policy)
    st.markdown(inert(_titled(found.sentence, titles)))
    left, right = st.columns([2, 3], gap="medium", vertical_alignment="center")
    with left:
        drawn = value_of_the_next(routes.sets(found, titles), unit=measure.unit)
        st.altair_chart(drawn, width="stretch", alt="Mean regret by number of models")
    with right:
        st.caption("What the best set of each size loses, on average over categories, to the best model of each.")
        if found.stability:
            st.caption(inert(_titled(found.stability.sentence, titles)))
    components.ledger(routes.curation(found, measure, titles), key="curation")
    if len(found.chosen.models) > 1:
        components.ledger(routes.losses(found, measure, titles), key="losses")


def _titled(sentence: str, titles: Mapping[str, str]) -> str:
    """Return a sentence with models by their titles, the longest ids first."""
    for model in sorted(titles, key=len, reverse=True):
        sentence = sentence.replace(model, titles[model])
    return sentence


def _share(policy: "Policy") -> float:
    return float(min(1.0, max(0.5, policy.tiers["workhorse"].quality_share)))
