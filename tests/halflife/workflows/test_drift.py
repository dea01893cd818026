"""A silent change for real: another model's weights under an unchanged id and revision, found by the sentinels."""

import datetime as dt
import threading
from pathlib import Path

import pytest

from data.errors import InstrumentError
from data.home import Home
from data.lifecycle.drift_marks import marks
from data.lifecycle.states import fold, history
from data.store.snapshot import current
from evaluators import reference_set
from evaluators.embeddings.encoders import embedded_encoder
from halflife.workflows.drift import watch
from halflife.workflows.observe import observe
from halflife.workflows.run_spec import RunSpec
from leaderboard.drift.detection import before_and_after
from leaderboard.reports.model_history import drift_marks
from leaderboard.reports.sentinel_nights import sentinel_nights, watched_deployments

FIRST = dt.date(2026, 3, 1)
MODEL = """
family = "mine"
provider = "me"
licence = "Apache-2.0"
[[models]]
id = "mine"
title = "Mine"
released = 2026-01-01
revision = "r1"
revision_pinned = true
local = {{ kind = "embedded", pipeline = "ShapesPipeline", repository = "{weights}" }}
settings = {{ width = 32, height = 32, steps = 4, guidance = 2.0 }}
"""


class Quiet:
    """A progress that nobody watches."""

    def begin(self, name: str, total: int) -> None: ...

    def advance(self, steps: int = 1) -> None: ...

    def end(self) -> None: ...


def night(home: Home, number: int, weights: str, folder: Path) -> None:
    catalogue = folder / "mine.toml"
    catalogue.write_text(MODEL.format(weights=weights))
    order = RunSpec(
        suite="sentinel",
        models=("mine",),
        categories=("single",),
        day=FIRST + dt.timedelta(days=number),
        device="cpu",
        threads=1,
        catalogue=(catalogue,),
    )
    observe(home, order, Quiet(), threading.Event())


@pytest.fixture(scope="module")
def watched_home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    folder = tmp_path_factory.mktemp("watching")
    home = Home(folder / "home")
    for number, weights in enumerate(["nano", "nano", "nano", "mini", "mini"]):
        night(home, number, weights, folder)
    return home


def test_a_silent_change_is_marked_and_the_deployment_quarantined(watched_home: Home) -> None:
    (mark,) = marks(watched_home)
    changed = FIRST + dt.timedelta(days=3)
    assert (mark.model, mark.day, mark.found_on, mark.revision) == ("mine", changed, changed, 1)
    assert "bytes" in mark.shifts
    state = fold(history(watched_home))["mine"]
    assert (state.state, state.by, state.day) == ("quarantined", "drift", changed)
    assert "changed silently on 2026-03-04" in state.reason


def test_the_clock_begins_anew_and_pages_see_before_and_after(watched_home: Home) -> None:
    snapshot = current(watched_home)
    assert snapshot is not None
    with snapshot.connect() as connection:
        (deployment,) = watched_deployments(connection)
        series = sentinel_nights(connection, deployment)
        assert series is not None
        assert series.days == (FIRST + dt.timedelta(days=3), FIRST + dt.timedelta(days=4))
        assert drift_marks(connection)["metric"].tolist()[0] == "bytes"
    pair = before_and_after(series, FIRST + dt.timedelta(days=4))
    assert len(pair) == 8
    assert pair["same"].all()


def test_the_same_night_again_marks_nothing_new(watched_home: Home) -> None:
    (finding,) = watch(watched_home)
    assert not finding.shifts
    assert len(marks(watched_home)) == 1


def test_the_frozen_set_scores_as_it_did(tmp_path: Path) -> None:
    assert reference_set.check_instrument(embedded_encoder(), tmp_path) < reference_set.MOST
    assert not list(tmp_path.iterdir())


class Bent:
    """An encoder that another build has bent a little, under a fingerprint that nobody froze."""

    fingerprint = "f" * 64

    def __init__(self) -> None:
        self.encoder, self.bend = embedded_encoder(), 0.0

    def encode_images(self, pictures):
        return [
            type(embedding)(embedding.vector * (1 - self.bend), embedding.facts)
            for embedding in self.encoder.encode_images(pictures)
        ]

    def encode_texts(self, texts):
        return self.encoder.encode_texts(texts)


def test_an_instrument_that_drifts_blocks_publication(tmp_path: Path) -> None:
    encoder = Bent()
    assert reference_set.check_instrument(encoder, tmp_path) == 0
    encoder.bend = 5e-5
    assert 0 < reference_set.check_instrument(encoder, tmp_path) < reference_set.MOST
    encoder.bend = 1e-3
    with pytest.raises(InstrumentError, match="the instrument drifted, and nothing is published"):
        reference_set.check_instrument(encoder, tmp_path)
