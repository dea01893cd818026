"""The panels of routing: the table's figures, its exports, what changed, how few models are enough, another policy."""

import datetime as dt
import io
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import streamlit as st

from data.home import Home
from leaderboard import formatting
from leaderboard.board.charts.curation import regret_by_size
from leaderboard.board.connection import Observatory
from leaderboard.board.tables import routes, simulation
from leaderboard.board.widgets import components
from leaderboard.board.widgets.headline import headline
from leaderboard.board.widgets.notices import inert
from leaderboard.reports import page_data
from leaderboard.routing import view as routing_view
from leaderboard.routing.decisions.load_evidence import contents
from leaderboard.routing.exports.rendering import TARGETS
from leaderboard.routing.table.model import RoutingTable
from leaderboard.routing.view import RoutingView
from leaderboard.standings.queries import Board, BoardMetric

if TYPE_CHECKING:
    from leaderboard.routing.exports.exported import Exported
    from leaderboard.routing.policy.rules import Policy

GATEWAYS: Mapping[str, str] = {
    "litellm": "LiteLLM",
    "flagd": "flagd",
    "portkey": "Portkey",
    "envoy": "Envoy AI Gateway",
    "openrouter": "OpenRouter",
    "vercel": "Vercel AI Gateway",
    "litellm-prices": "LiteLLM prices",
}
CALENDARS = " The dates under Since are on the replayed calendar; Stale after and Expires are real dates."


def table_of(observatory: Observatory, board: Board) -> RoutingView | None:
    """Return the current table of a board, None where there is none, or another content of its suite decided it."""
    table = routing_view.current_table(observatory.home, board.table_id)
    deciding = observatory.ask(contents, table.content.evidence.runs) if table else {}
    return table if not deciding or board.suite_digest in deciding else None


def why_no_table(observatory: Observatory, board: Board) -> str:
    """Return why a board shows no table: none is published, or another content of its suite decided it."""
    table = routing_view.current_table(observatory.home, board.table_id)
    suite = table.content.evidence.suite if table else None
    if suite is None:
        return "No routing table of this suite is published."
    return f"The table {board.table_id} was decided by another content: {inert(suite.sentence)}."


def figures(view: RoutingView, now: dt.datetime) -> None:
    """Show a routing table's serial and age, and how many of its aliases are fresh."""
    states = [route.state(now) for route in view.tiers]
    first = min((route.expires_at for route in view.tiers if route.expires_at), default=None)
    with st.grid(4, min_column_width=170):
        headline("Table", f"serial {view.serial}", view.table_id)
        headline("Published", formatting.date(view.generated_at), _age(view, now))
        headline("Aliases", f"{len(states)}", f"{states.count('fresh')} fresh, {states.count('stale')} stale")
        headline("First to expire", formatting.date(first), f"{states.count('expired')} expired")


def _age(view: RoutingView, now: dt.datetime) -> str:
    days = (now - view.generated_at).days
    return f"{formatting.days(days)} ago" if days else "today"


def routed_now(view: RoutingView, measure: BoardMetric, titles: Mapping[str, str], board: Board) -> None:
    """Show which model each alias serves, since when and until when."""
    components.show_table(routes.routes(view, measure, titles, now=dt.datetime.now(dt.UTC)), key="routes")
    expiry = formatting.label(view.on_expiry).lower()
    calendars = CALENDARS if board.replayed else ""
    st.caption(
        f"Table `{view.table_id}`, serial {view.serial}, revision `{view.revision[:19]}…`. "
        f"After a route has expired: {expiry}.{calendars}"
    )


def downloads(table: RoutingTable) -> None:
    """Show a button for each export of a table, and how many aliases a gateway cannot take."""
    exports = {name: render(table) for name, render in TARGETS.items()}
    with st.container(horizontal=True, gap="small"):
        for name, exported in exports.items():
            file, data = _file(name, exported)
            file = f"{table.table_id}-{file}"
            st.download_button(
                GATEWAYS.get(name, name), data, file_name=file, icon=":material/download:", key=f"to-{name}"
            )
    left_out = [
        f"{GATEWAYS.get(name, name)}: {len(exported.left_out)}"
        for name, exported in exports.items()
        if exported.left_out
    ]
    if left_out:
        st.caption(
            f"Some gateways cannot express everything. Left out: {', '.join(left_out)}. "
            "`halflife routes export` prints what and why."
        )


def _file(name: str, exported: "Exported") -> tuple[str, bytes]:
    """Return the name and the bytes of one file, or of a zip of several; the same export gives the same bytes."""
    if len(exported.files) == 1:
        (path, content), *_ = exported.files.items()
        return path.rpartition("/")[2], content.encode()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for path, content in sorted(exported.files.items()):
            archive.writestr(zipfile.ZipInfo(path), content)
    return f"{name}.zip", buffer.getvalue()


def changes(home: Home, table_id: str, titles: Mapping[str, str]) -> None:
    """Show what changed from the previous table to the current one."""
    differences = routing_view.since_before(home, table_id)
    if differences is None:
        st.caption("This is the first table.")
    elif not differences:
        st.caption("Every alias serves the same model as before. Only scores and dates are newer.")
    else:
        components.show_table(routes.differences(differences, titles), key="differences")


def curation(
    observatory: Observatory, board: Board, measure: BoardMetric, titles: Mapping[str, str], policy: "Policy"
) -> None:
    """Show how few models serve every category nearly as well as the best one of each."""
    with st.grid(2, min_column_width=220):
        most = st.slider("Number of models at most", 1, 8, 4)
        tolerance = st.slider("Tolerated loss to the best", 0, 50, 10, 5, format="%d %%") / 100
    subset = observatory.ask(page_data.curated, board, most, tolerance, policy)
    st.markdown(inert(routes.with_titles(subset.sentence, titles)))
    left, right = st.columns([2, 3], gap="medium", vertical_alignment="center")
    with left:
        chart = regret_by_size(simulation.sets(subset, titles), percent=measure.unit in formatting.SHARES)
        st.altair_chart(chart, width="stretch", alt="Mean regret by number of models")
    with right:
        st.caption("Mean regret: what the best set of each size loses to the best model of each category, on average.")
        if subset.stability:
            st.caption(inert(routes.with_titles(subset.stability.sentence, titles)))
    components.show_table(simulation.curation(subset, measure, titles), key="curation")
    if len(subset.chosen.models) > 1:
        components.show_table(simulation.losses(subset, measure, titles), key="losses")


def simulator(observatory: Observatory, board: Board, measure: BoardMetric, in_use: "Policy") -> None:
    """Let a reader try a policy on the board's past, beside the one in use and one that follows each day's leader."""
    with st.form("simulator", border=False):
        with st.grid(3, min_column_width=220):
            margin = st.slider("Lead needed to switch, in standard errors", 0.0, 4.0, float(in_use.switch_margin), 0.1)
            dwell = st.slider("Days between switches, at least", 0, 60, in_use.min_dwell_days)
            share = st.slider("Workhorse: share of the hero's quality", 0.5, 1.0, _quality_share(in_use), 0.01)
        submitted = st.form_submit_button("Replay the past")
    if not submitted:
        st.caption("Replays the standings of this suite under the policy above, beside the policy in use.")
        return
    workhorse = replace(in_use.tiers["workhorse"], quality_share=share)
    tiers = {**in_use.tiers, "workhorse": workhorse}
    yours = replace(in_use, switch_margin=margin, min_dwell_days=dwell, tiers=tiers)
    with st.spinner("Replaying"):
        replayed = observatory.ask(page_data.simulated, board, {"in use": in_use, "yours": yours})
    components.show_table(simulation.outcomes(replayed, measure), key="outcomes")
    st.caption(inert(" ".join(replayed.caveats("replayed" if board.replayed else "live"))))


def _quality_share(policy: "Policy") -> float:
    return float(min(1.0, max(0.5, policy.tiers["workhorse"].quality_share)))
