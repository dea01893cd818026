"""The table of evaluators: whole, without clashes, and open to third parties by name."""

from dataclasses import dataclass, replace
from typing import Any

import pytest

from data.errors import PluginError, UnknownNameError
from data.vocabulary import IDENTIFIER, Metric
from evaluators import registry
from evaluators.integrity import DECLARATION, Integrity
from evaluators.registry import EVALUATORS, EvaluatorEntry, entries, metrics, open_evaluators

OWN_METRIC = replace(DECLARATION.metrics[0], name="sharpness", evaluator="mine")
MINE = replace(DECLARATION, name="mine", metrics=(OWN_METRIC,))


@dataclass
class InstalledEntry:
    name: str
    what: Any

    def load(self) -> Any:
        return self.what


def installed(name: str, declaration: Any) -> InstalledEntry:
    return InstalledEntry(name, EvaluatorEntry(declaration, lambda context: Integrity(declaration)))


def test_the_metrics_are_those_that_the_house_agreed_on():
    assert set(metrics(EVALUATORS)) == {
        "clip_score",
        "r_precision",
        *(f"shapes_{part}" for part in ("correct", "count", "colour", "shape", "position")),
        *("integrity_ok", "blank", "duplicate", "size_as_asked"),
        *("laplacian_variance", "colourfulness", "clipped_shadows", "clipped_highlights"),
        *("noise", "entropy", "jpeg_bits_per_pixel", "blockiness"),
        *("video_ok", "video_blank", "video_frozen", "duplicate_frames", "video_duplicate"),
        *("frames_as_asked", "rate_as_asked", "seconds_as_asked", "video_size_as_asked", "audio_as_asked"),
        *(f"motion_{part}" for part in ("correct", "count", "colour", "shape", "binding")),
        *(f"motion_{part}" for part in ("acts", "speed", "order", "identity")),
        *("dynamic_degree", "flicker", "jerk", "camera_pan", "camera_zoom", "camera_roll", "cuts"),
        *("video_clip_score", "video_clip_score_least", "video_clip_score_slope"),
        *("temporal_consistency", "neighbour_consistency", "consistency_half_decay"),
        *("delivery_loss_check", "delivery_loss_clip"),
    }


@pytest.mark.parametrize("name", list(EVALUATORS))
def test_every_evaluator_declares_its_facts_under_its_own_name(name):
    facts = EVALUATORS[name].declaration
    assert facts.name == name
    assert facts.version
    assert all(isinstance(each, Metric) and each.evaluator == name for each in facts.metrics)
    assert all(IDENTIFIER.fullmatch(each.name.replace("_", "-")) for each in facts.metrics)


def test_what_stands_beside_a_metric_is_a_metric_of_the_same_modality():
    names = {metric.name for entry in EVALUATORS.values() for metric in entry.declaration.metrics}
    companions = {metric.beside for metric in metrics(EVALUATORS).values() if metric.beside}
    assert companions == {"dynamic_degree"} <= names


def test_an_opened_evaluator_has_the_facts_of_the_table(tmp_path):
    names = ["integrity", "image_statistics", "shapes_check"]
    assert [each.declaration for each in open_evaluators(tmp_path, names)] == [
        EVALUATORS[name].declaration for name in names
    ]


def test_an_unknown_evaluator_is_answered_with_the_nearest(tmp_path):
    with pytest.raises(UnknownNameError, match=r"Unknown evaluator 'clip_scores'\. Did you mean 'clip_score'"):
        open_evaluators(tmp_path, ["clip_scores"])


def test_an_unknown_metric_is_answered_with_the_nearest():
    assert registry.metric("blank").kind == "gate"
    with pytest.raises(UnknownNameError, match=r"Unknown metric 'shapes_colours'\. Did you mean 'shapes_colour'"):
        registry.metric("shapes_colours")


def test_a_third_party_is_found_by_its_entry_point():
    assert entries([installed("mine", MINE)])["mine"].declaration is MINE
    assert "sharpness" in metrics(entries([installed("mine", MINE)]))


def test_the_table_is_not_changed_by_third_parties():
    entries([installed("mine", MINE)])
    assert "mine" not in EVALUATORS


@pytest.mark.parametrize(
    ("entry_points", "says"),
    [
        ([installed("integrity", replace(MINE, name="integrity"))], "the evaluator 'integrity', which is taken"),
        ([installed("mine", replace(MINE, metrics=DECLARATION.metrics[1:]))], "the metric 'blank', which is taken"),
        ([installed("mine", MINE), installed("mine", MINE)], "the metric 'sharpness', which is taken"),
        (
            [InstalledEntry("mine", Integrity)],
            "to name an evaluators.registry.EvaluatorEntry called 'mine', got <class",
        ),
        ([installed("other", MINE)], "called 'other'"),
    ],
)
def test_a_third_party_that_does_not_fit_is_refused(entry_points, says):
    with pytest.raises(PluginError, match=says):
        entries(entry_points)
